//! Check digits.

/// Luhn's sum: every second digit from the right counts twice, with its digits added.
pub(super) fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => u32::from(digit),
            _ => u32::from(digit * 2 / 10 + digit * 2 % 10),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of digits times weights, modulo 11.
pub(super) fn weighted(digits: &[u8], weights: impl Iterator<Item = u32>) -> u32 {
    let products = digits.iter().zip(weights);
    products
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum::<u32>()
        % 11
}

/// A check digit as Brazil's registers compute theirs: 11 less the sum, and 0 for 10 and 11.
pub(super) fn brazilian(digits: &[u8], weights: &[u32]) -> u8 {
    match weighted(digits, weights.iter().copied()) {
        0 | 1 => 0,
        sum => (11 - sum) as u8,
    }
}

/// An IBAN's remainder: letters count as 10 to 35, the first four characters go last.
pub(super) fn iban(characters: &[u8]) -> bool {
    let (head, body) = characters.split_at(4);
    let remainder = body.iter().chain(head).fold(0u32, |sum, byte| {
        let value = value_of(*byte);
        let shift = if value > 9 { 100 } else { 10 };
        (sum * shift + value) % 97
    });
    remainder == 1
}

/// A digit's value, or a letter's from 10 on.
fn value_of(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte.to_ascii_uppercase() - b'A') + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn luhns_sum_finds_a_wrong_digit() {
        assert!(luhn(digits("4539578763621486").into_iter()));
        assert!(!luhn(digits("4539578763621487").into_iter()));
    }

    #[test]
    fn an_iban_is_its_own_check() {
        for iban_text in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
        ] {
            assert!(iban(iban_text.as_bytes()));
            let wrong = iban_text.replacen('0', "1", 1);
            assert!(!iban(wrong.as_bytes()));
        }
    }
}
