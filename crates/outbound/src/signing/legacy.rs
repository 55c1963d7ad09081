//! RSA with SHA-1 (PKCS #1 v1.5, RFC 8017 8.2.1), which `SignatureVersion` 1 is and aws-lc-rs does not sign with (ADR 7).
//!
//! No branch and no memory access depends on the key: the arithmetic is crypto-bigint's in constant time, and what is
//! raised to the secret exponents is a number of chance (blinding). The caller checks the result with the public key.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA1_OUTPUT_LEN, digest};
use aws_lc_rs::rand;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U1024, U2048};
use parking_lot::Mutex;

use super::MODULUS;
use super::components::Components;

const HALF: usize = MODULUS / 2;
/// 65537 is two to the sixteenth, and one.
const EXPONENT: [u8; 3] = [1, 0, 1];
const EXPONENT_SQUARINGS: u32 = 16;
/// How often a number of chance is used, squared each time, before there is a new one.
const BLINDING_USES: u8 = 32;
/// What stands before the hash: DER of "SHA-1, no parameters, 20 bytes".
const DIGEST_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

type ModN = FixedMontyForm<{ U2048::LIMBS }>;
type ModPrime = FixedMontyForm<{ U1024::LIMBS }>;

/// A private key as its operation needs it.
pub(super) struct Legacy {
    n: FixedMontyParams<{ U2048::LIMBS }>,
    p: Prime,
    q: Prime,
    /// The inverse of q mod p.
    qinv: ModPrime,
    blinding: Mutex<Blinding>,
}

struct Prime {
    prime: FixedMontyParams<{ U1024::LIMBS }>,
    /// The secret exponent, less one prime's worth.
    exponent: U1024,
}

/// A number of chance in two forms.
struct Blinding {
    /// Raised to the public exponent.
    factor: ModN,
    inverse: ModN,
    uses: u8,
}

impl Legacy {
    /// None if the key is of another kind than those made here.
    pub(super) fn of(key: &Components<'_>) -> Option<Legacy> {
        if key.e != EXPONENT {
            return None;
        }
        let n = Odd::new(U2048::from_be_slice(&number::<MODULUS>(key.n)?)).into_option()?;
        let n = FixedMontyParams::new_vartime(n);
        let p = Prime::of(key.p, key.dp)?;
        let q = Prime::of(key.q, key.dq)?;
        Some(Legacy {
            qinv: ModPrime::new(&half(key.qinv)?, &p.prime),
            blinding: Mutex::new(Blinding::new(&n)),
            n,
            p,
            q,
        })
    }

    pub(super) fn sign(&self, text: &[u8]) -> [u8; MODULUS] {
        let (factor, inverse) = self.blinding.lock().next(&self.n);
        let encoded = ModN::new(&U2048::from_be_slice(&encode(text)), &self.n);
        let power = self.to_the_secret((encoded * factor).retrieve());
        let signature = ModN::new(&power, &self.n) * inverse;
        let mut bytes = [0; MODULUS];
        bytes.copy_from_slice(signature.retrieve().to_be_bytes().as_ref());
        bytes
    }

    /// RFC 8017 5.1.2 (2b): over the two primes, and then put together.
    fn to_the_secret(&self, base: U2048) -> U2048 {
        let over_p = self.p.power(&base);
        let over_q = self.q.power(&base).retrieve();
        let difference = over_p - ModPrime::new(&over_q.rem(self.p.modulus()), &self.p.prime);
        let quotient = (difference * self.qinv).retrieve();
        let product: U2048 = quotient.concatenating_mul(self.q.modulus().as_ref());
        product.wrapping_add(&over_q.resize())
    }
}

impl Prime {
    fn of(prime: &[u8], exponent: &[u8]) -> Option<Prime> {
        Some(Prime {
            prime: FixedMontyParams::new(Odd::new(half(prime)?).into_option()?),
            exponent: half(exponent)?,
        })
    }

    fn modulus(&self) -> &NonZero<U1024> {
        self.prime.modulus().as_nz_ref()
    }

    fn power(&self, base: &U2048) -> ModPrime {
        ModPrime::new(&base.rem(self.modulus()), &self.prime).pow(&self.exponent)
    }
}

impl Blinding {
    fn new(n: &FixedMontyParams<{ U2048::LIMBS }>) -> Blinding {
        // One byte less than the modulus has, so that the number is smaller.
        let mut chance = [0; MODULUS];
        rand::fill(&mut chance[1..]).expect("the system has chance to give");
        let number = ModN::new(&U2048::from_be_slice(&chance), n);
        let mut factor = number;
        for _ in 0..EXPONENT_SQUARINGS {
            factor = factor.square();
        }
        Blinding {
            factor: factor * number,
            // It has none if it is a multiple of a prime: then chance has found the key.
            inverse: number
                .invert()
                .into_option()
                .expect("no number of chance shares a factor with the modulus"),
            uses: 0,
        }
    }

    fn next(&mut self, n: &FixedMontyParams<{ U2048::LIMBS }>) -> (ModN, ModN) {
        if self.uses == BLINDING_USES {
            *self = Blinding::new(n);
        }
        let pair = (self.factor, self.inverse);
        self.factor = self.factor.square();
        self.inverse = self.inverse.square();
        self.uses += 1;
        pair
    }
}

/// RFC 8017 9.2: what is signed in place of the text.
fn encode(text: &[u8]) -> [u8; MODULUS] {
    let mut encoded = [0xff; MODULUS];
    let info = MODULUS - SHA1_OUTPUT_LEN - DIGEST_INFO.len();
    encoded[..2].copy_from_slice(&[0, 1]);
    encoded[info - 1] = 0;
    encoded[info..][..DIGEST_INFO.len()].copy_from_slice(&DIGEST_INFO);
    encoded[MODULUS - SHA1_OUTPUT_LEN..]
        .copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, text).as_ref());
    encoded
}

fn half(digits: &[u8]) -> Option<U1024> {
    Some(U1024::from_be_slice(&number::<HALF>(digits)?))
}

/// A DER number in a fixed width. None if it is wider.
fn number<const WIDTH: usize>(digits: &[u8]) -> Option<[u8; WIDTH]> {
    let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
    let mut number = [0; WIDTH];
    number
        .get_mut(WIDTH.checked_sub(digits.len())?..)?
        .copy_from_slice(digits);
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{components, pair};

    #[test]
    fn what_is_signed_is_padding_and_the_hash_with_its_name() {
        let encoded = encode(b"abc");
        assert_eq!(encoded[..2], [0, 1]);
        assert!(encoded[2..220].iter().all(|byte| *byte == 0xff));
        assert_eq!(encoded[220], 0);
        assert_eq!(encoded[221..236], DIGEST_INFO);
        assert_eq!(encoded[236..240], [0xa9, 0x99, 0x3e, 0x36]);
    }

    #[test]
    fn blinding_leaves_no_trace_however_often_it_is_renewed() {
        let legacy = Legacy::of(&components::read(&pair::tests::pair().key).unwrap()).unwrap();
        let first = legacy.sign(b"text");
        // The next two uses are the last of this number and the first of another one.
        legacy.blinding.lock().uses = BLINDING_USES - 1;
        for _ in 0..2 {
            assert_eq!(legacy.sign(b"text"), first);
        }
        assert_eq!(legacy.blinding.lock().uses, 1);
    }

    #[test]
    fn a_number_that_is_too_wide_is_none() {
        assert_eq!(number::<2>(&[0, 0x80]), Some([0, 0x80]));
        assert_eq!(number::<2>(&[0, 0x80, 1]), Some([0x80, 1]));
        assert_eq!(number::<2>(&[1, 0x80, 1]), None);
    }
}
