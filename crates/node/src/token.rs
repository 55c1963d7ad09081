//! The token that confirms a subscription: which one is meant, and the secret that proves it was sent there.
//!
//! 280 hexadecimal digits, as long as AWS's. The cell and the machine stand in it, so that the token alone leads to its
//! topic, whatever name stands beside it (spec sns 3.3).

use domain::MachineId;
use domain::bytes::{Put, Take};

/// Bytes of a token; what the fields leave free follows from the secret.
const BYTES: usize = 140;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) cell: u16,
    pub(crate) machine: MachineId,
    pub(crate) subscription: u32,
    pub(crate) secret: [u8; 16],
}

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// Not hexadecimal: AWS has a text of its own for it.
    NotHex,
    Unknown,
}

impl Token {
    pub(crate) fn text(&self) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.put_u16(self.cell);
        bytes.put_u64(self.machine.0);
        bytes.put_u32(self.subscription);
        bytes.extend_from_slice(&self.secret);
        let secret = u128::from_le_bytes(self.secret);
        let mut word = secret as u64 ^ (secret >> 64) as u64;
        while bytes.len() < BYTES {
            word = word
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            bytes.push((word >> 56) as u8);
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn parse(text: &str) -> Result<Token, NoToken> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoToken::NotHex);
        }
        if text.len() != 2 * BYTES {
            return Err(NoToken::Unknown);
        }
        let bytes: Vec<u8> = text.as_bytes().chunks(2).map(byte).collect();
        let mut take = Take::new(&bytes);
        let mut read = || {
            Ok::<Token, domain::bytes::Malformed>(Token {
                cell: take.u16()?,
                machine: MachineId(take.u64()?),
                subscription: take.u32()?,
                secret: take.array()?,
            })
        };
        let token = read().map_err(|_| NoToken::Unknown)?;
        if token.text().eq_ignore_ascii_case(text) {
            Ok(token)
        } else {
            Err(NoToken::Unknown)
        }
    }

    /// Whether it proves this secret. Looks at every byte, so that the time taken tells nothing.
    pub(crate) fn proves(&self, secret: &[u8; 16]) -> bool {
        let pairs = self.secret.iter().zip(secret);
        pairs.fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

fn byte(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |sum, &digit| {
        let value = char::from(digit).to_digit(16).unwrap_or(0);
        sum << 4 | value as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Token = Token {
        cell: 3,
        machine: MachineId(77),
        subscription: 12,
        secret: [0xab; 16],
    };

    #[test]
    fn a_token_leads_back_to_its_subscription() {
        let text = TOKEN.text();
        assert_eq!(text.len(), 280);
        assert_eq!(Token::parse(&text), Ok(TOKEN));
        assert!(TOKEN.proves(&[0xab; 16]));
        assert!(!TOKEN.proves(&[0xac; 16]));
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        assert_eq!(Token::parse("randomtoken"), Err(NoToken::NotHex));
        assert_eq!(Token::parse(""), Err(NoToken::NotHex));
        assert_eq!(Token::parse("abc123"), Err(NoToken::Unknown));
        let mut altered = TOKEN.text().into_bytes();
        altered[279] = if altered[279] == b'0' { b'1' } else { b'0' };
        let altered = String::from_utf8(altered).unwrap();
        assert_eq!(Token::parse(&altered), Err(NoToken::Unknown));
    }
}
