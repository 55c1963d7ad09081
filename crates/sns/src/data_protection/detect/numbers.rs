//! Numbers made of digits: cards, social security and tax numbers, phones.

use super::checks::{brazilian, luhn, weighted};
use super::number::{Shape, find};
use crate::data_protection::Span;

/// Groups apart by one space or hyphen.
const fn grouped(least: usize, most: usize) -> Shape {
    Shape {
        digits: (least, most),
        separators: b" -",
        together: 1,
    }
}

/// 13 to 19 digits with Luhn's sum and the prefix of an issuer that AWS names, and none of the numbers that issuers
/// keep for public testing.
pub(super) fn credit_card(text: &str) -> Vec<Span> {
    find(text, grouped(13, 19), |number| {
        is_issued(number.digits)
            && luhn(number.digits.iter().copied())
            && !is_for_testing(number.digits)
    })
}

fn is_issued(digits: &[u8]) -> bool {
    let prefix = |len: usize| {
        digits[..len]
            .iter()
            .fold(0u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    let len = digits.len();
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    match two {
        // American Express.
        34 | 37 => len == 15,
        // Diner's Club.
        36 | 38 | 39 => (14..=19).contains(&len),
        30 => (300..=305).contains(&three) && (14..=19).contains(&len),
        // JCB.
        35 => (3528..=3589).contains(&four) && (16..=19).contains(&len),
        // Visa and Electron.
        40..=49 => matches!(len, 13 | 16 | 19),
        // Mastercard and Dankort.
        50..=55 => len == 16,
        22..=27 => (2221..=2720).contains(&four) && len == 16,
        // Discover.
        60 => four == 6011 && (16..=19).contains(&len),
        64 => (644..=649).contains(&three) && (16..=19).contains(&len),
        65 => (16..=19).contains(&len),
        // UnionPay.
        62 => (16..=19).contains(&len),
        _ => false,
    }
}

/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-sensitive-data-types-financial.html>
const TESTING: [&str; 49] = [
    "122000000000003",
    "2222405343248877",
    "2222990905257051",
    "2223007648726984",
    "2223577120017656",
    "30569309025904",
    "34343434343434",
    "3528000700000000",
    "3530111333300000",
    "3566002020360505",
    "36148900647913",
    "36700102000000",
    "371449635398431",
    "378282246310005",
    "378734493671000",
    "38520000023237",
    "4012888888881881",
    "4111111111111111",
    "4222222222222",
    "4444333322221111",
    "4462030000000000",
    "4484070000000000",
    "4911830000000",
    "4917300800000000",
    "4917610000000000",
    "4917610000000000003",
    "5019717010103742",
    "5105105105105100",
    "5111010030175156",
    "5185540810000019",
    "5200828282828210",
    "5204230080000017",
    "5204740009900014",
    "5420923878724339",
    "5454545454545454",
    "5455330760000018",
    "5506900490000436",
    "5506900490000444",
    "5506900510000234",
    "5506920809243667",
    "5506922400634930",
    "5506927427317625",
    "5553042241984105",
    "5555553753048194",
    "5555555555554444",
    "6011000400000000",
    "6011000990139424",
    "6011111111111117",
    "6331101999990016",
];

fn is_for_testing(digits: &[u8]) -> bool {
    TESTING.iter().any(|number| {
        let number = number.bytes().map(|b| b - b'0');
        number.eq(digits.iter().copied())
    })
}

/// The three or four digits on a card's back.
pub(super) fn card_security_code(text: &str) -> Vec<Span> {
    find(text, grouped(3, 4), |number| number.groups.len() == 1)
}

/// `AAA-GG-SSSS` or nine digits, in the ranges that are given out.
pub(super) fn ssn_us(text: &str) -> Vec<Span> {
    find(text, grouped(9, 9), |number| {
        let d = number.digits;
        let area = u32::from(d[0]) * 100 + u32::from(d[1]) * 10 + u32::from(d[2]);
        let group = d[3] + d[4];
        let serial: u8 = d[5..].iter().sum();
        matches!(number.groups, [9] | [3, 2, 4])
            && area != 0
            && area != 666
            && area < 900
            && group != 0
            && serial != 0
    })
}

/// An SSN's form that begins with 9, with a group of the ranges given out.
pub(super) fn itin_us(text: &str) -> Vec<Span> {
    find(text, grouped(9, 9), |number| {
        let d = number.digits;
        let group = d[3] * 10 + d[4];
        matches!(number.groups, [9] | [3, 2, 4])
            && d[0] == 9
            && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
    })
}

/// Ten digits of the North American plan, with or without the country code, as people write them.
pub(super) fn phone_us(text: &str) -> Vec<Span> {
    const SHAPE: Shape = Shape {
        digits: (10, 11),
        separators: b" -.()/",
        together: 2,
    };
    let mut spans = find(text, SHAPE, |number| {
        let (country, d) = number.digits.split_at(number.digits.len() - 10);
        let groups = match number.groups {
            [1, rest @ ..] if number.digits.len() == 11 => rest,
            all => all,
        };
        (country.is_empty() || country == [1])
            && matches!(groups, [10] | [11] | [3, 3, 4] | [3, 7])
            && d[0] > 1
            && d[3] > 1
    });
    for span in &mut spans {
        let before = text[..span.start].bytes().rev();
        span.start -= before
            .take(2)
            .take_while(|b| *b == b'+' || *b == b'(')
            .count();
    }
    spans
}

/// Five digits, or five and four.
pub(super) fn zip_us(text: &str) -> Vec<Span> {
    find(text, grouped(5, 9), |number| {
        matches!(number.groups, [5] | [5, 4])
    })
}

pub(super) fn cpf_br(text: &str) -> Vec<Span> {
    const SHAPE: Shape = Shape {
        digits: (11, 11),
        separators: b".-",
        together: 1,
    };
    find(text, SHAPE, |number| {
        let d = number.digits;
        matches!(number.groups, [11] | [3, 3, 3, 2])
            && d.iter().any(|digit| *digit != d[0])
            && d[9] == brazilian(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2])
            && d[10] == brazilian(&d[..10], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
    })
}

pub(super) fn cnpj_br(text: &str) -> Vec<Span> {
    const SHAPE: Shape = Shape {
        digits: (14, 14),
        separators: b"./-",
        together: 1,
    };
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    find(text, SHAPE, |number| {
        let d = number.digits;
        matches!(number.groups, [14] | [2, 3, 3, 4, 2])
            && d.iter().any(|digit| *digit != 0)
            && d[12] == brazilian(&d[..12], &WEIGHTS[1..])
            && d[13] == brazilian(&d[..13], &WEIGHTS)
    })
}

pub(super) fn nhs_gb(text: &str) -> Vec<Span> {
    find(text, grouped(10, 10), |number| {
        let d = number.digits;
        let sum = weighted(&d[..9], (2..=10).rev());
        matches!(number.groups, [10] | [3, 3, 4]) && (11 - sum) % 11 == u32::from(d[9])
    })
}

pub(super) fn sin_ca(text: &str) -> Vec<Span> {
    find(text, grouped(9, 9), |number| {
        matches!(number.groups, [9] | [3, 3, 3])
            && number.digits[0] != 0
            && luhn(number.digits.iter().copied())
    })
}

/// Luhn's sum counts the prefix of US health identifiers, which is not written.
pub(super) fn npi_us(text: &str) -> Vec<Span> {
    find(text, grouped(10, 10), |number| {
        let prefix = [8, 0, 8, 4, 0].into_iter();
        number.groups == [10]
            && matches!(number.digits[0], 1 | 2)
            && luhn(prefix.chain(number.digits.iter().copied()))
    })
}

/// `MM/YY` or `MM/YYYY`.
pub(super) fn card_expiration(text: &str) -> Vec<Span> {
    const SHAPE: Shape = Shape {
        digits: (3, 6),
        separators: b"/-",
        together: 1,
    };
    find(text, SHAPE, |number| {
        let month = match number.groups {
            [1, 2 | 4] => number.digits[0],
            [2, 2 | 4] => number.digits[0] * 10 + number.digits[1],
            _ => return false,
        };
        (1..=12).contains(&month)
    })
}
