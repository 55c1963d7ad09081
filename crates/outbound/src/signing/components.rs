//! The numbers of an RSA key out of its PKCS #8 form, which aws-lc-rs checks but does not tell.

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Big-endian, as RFC 8017 names them (A.1.2).
pub(super) struct Components<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    /// d mod (p - 1)
    pub(super) dp: &'a [u8],
    /// d mod (q - 1)
    pub(super) dq: &'a [u8],
    /// The inverse of q mod p.
    pub(super) qinv: &'a [u8],
}

pub(super) fn read(pkcs8: &[u8]) -> Option<Components<'_>> {
    let mut outer = pkcs8;
    let mut info = element(&mut outer, SEQUENCE)?;
    let _version = element(&mut info, INTEGER)?;
    let _algorithm = element(&mut info, SEQUENCE)?;
    let mut inner = element(&mut info, OCTET_STRING)?;
    let mut numbers = element(&mut inner, SEQUENCE)?;
    let mut next = || element(&mut numbers, INTEGER);
    let _version = next()?;
    let (n, e, _d) = (next()?, next()?, next()?);
    Some(Components {
        n,
        e,
        p: next()?,
        q: next()?,
        dp: next()?,
        dq: next()?,
        qinv: next()?,
    })
}

/// The content of the next DER element, if it has this tag; the run then begins after it.
fn element<'a>(run: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (&found, rest) = run.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *run = rest;
    (found == tag).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::pair;

    #[test]
    fn the_numbers_of_a_key_have_their_sizes() {
        let components = read(&pair::tests::pair().key).unwrap();
        // A leading zero says that the number is not negative.
        assert_eq!(components.n.len(), 257);
        assert_eq!(components.e, [1, 0, 1]);
        assert_eq!((components.p.len(), components.q.len()), (129, 129));
    }

    #[test]
    fn a_key_that_is_cut_anywhere_is_no_key() {
        let key = &pair::tests::pair().key;
        for length in 0..key.len() {
            assert!(read(&key[..length]).is_none(), "{length}");
        }
    }
}
