//! `{"cidr": "10.0.0.0/24"}`: addresses, version 4 and 6, whose first bits are those of the network.

use std::net::Ipv6Addr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cidr {
    V4 { network: u32, mask: u32 },
    V6 { network: u128, mask: u128 },
}

#[derive(Clone, Copy)]
enum Address {
    V4(u32),
    V6(u128),
}

impl Cidr {
    /// The mask is looked at before the address, as AWS does.
    pub(crate) fn parse(text: &str) -> Result<Cidr, String> {
        let one_slash = text
            .split_once('/')
            .filter(|(_, bits)| !bits.is_empty() && !bits.contains('/'));
        let (address, bits) = one_slash.ok_or("Malformed CIDR, one '/' required")?;
        let bits: i32 = bits
            .parse()
            .map_err(|_| "Malformed CIDR, mask bits must be an integer")?;
        let bits =
            u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative")?;
        match Address::parse(address) {
            None => Err(format!("Nonstandard IP address: {address}")),
            Some(Address::V4(_)) if bits >= 32 => Err("IPv4 mask bits must be < 32".to_owned()),
            Some(Address::V6(_)) if bits >= 128 => Err("IPv6 mask bits must be < 128".to_owned()),
            Some(Address::V4(address)) => {
                let mask = !(u32::MAX >> bits);
                let network = address & mask;
                Ok(Cidr::V4 { network, mask })
            }
            Some(Address::V6(address)) => {
                let mask = !(u128::MAX >> bits);
                let network = address & mask;
                Ok(Cidr::V6 { network, mask })
            }
        }
    }

    /// What is no address is in no network.
    pub(crate) fn contains(&self, text: &str) -> bool {
        match (*self, Address::parse(text)) {
            (Cidr::V4 { network, mask }, Some(Address::V4(address))) => address & mask == network,
            (Cidr::V6 { network, mask }, Some(Address::V6(address))) => address & mask == network,
            (Cidr::V4 { .. } | Cidr::V6 { .. }, _) => false,
        }
    }
}

impl Address {
    /// A version 4 address written as version 6 is the version 4 address that it is, as in Java.
    fn parse(text: &str) -> Option<Address> {
        if !text.contains(':') {
            return four(text).map(Address::V4);
        }
        let six: Ipv6Addr = text.parse().ok()?;
        Some(match six.to_ipv4_mapped() {
            Some(four) => Address::V4(four.into()),
            None => Address::V6(six.into()),
        })
    }
}

/// Four decimal numbers; leading zeros do not make them octal.
fn four(text: &str) -> Option<u32> {
    let mut parts = text.split('.');
    let mut address = 0;
    for _ in 0..4 {
        let part = parts.next()?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        address = address << 8 | u32::from(part.parse::<u8>().ok()?);
    }
    parts.next().is_none().then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_the_network_in_any_notation() {
        for (cidr, address, expected) in [
            ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "010.00.0.3", true),
            ("10.0.0.0/24", "::ffff:10.0.0.1", true),
            ("10.0.0.0/24", "10.0.1.0", false),
            ("10.0.0.0/24", "10.0.0.256", false),
            ("10.0.0.0/24", "10.0.0", false),
            ("10.0.0.0/24", "10.0.0.1.1", false),
            ("10.0.0.0/24", "10.0.0.+1", false),
            ("10.0.0.0/24", "2001:db8::1", false),
            ("10.0.0.77/24", "10.0.0.1", true),
            ("0.0.0.0/0", "255.1.2.3", true),
            ("::/0", "ff::1", true),
            (
                "2001:db8:1234:1a00::/64",
                "2001:0db8:1234:1a00:0000:0000:0000:0001",
                true,
            ),
            ("2001:db8:1234:1a00::/64", "2001:DB8:1234:1a01::", false),
            ("2001:db8::/32", "10.0.0.1", false),
        ] {
            assert_eq!(
                Cidr::parse(cidr).unwrap().contains(address),
                expected,
                "{cidr} {address}"
            );
        }
    }

    #[test]
    fn malformed_networks_are_refused_with_their_first_fault() {
        for (text, refusal) in [
            ("bad-filter", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/2/4", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/", "Malformed CIDR, one '/' required"),
            (
                "bad-/64filter",
                "Malformed CIDR, mask bits must be an integer",
            ),
            ("bad-filter/64", "Nonstandard IP address: bad-filter"),
            ("10.0.0.256/24", "Nonstandard IP address: 10.0.0.256"),
            ("/24", "Nonstandard IP address: "),
            (
                "10.0.0.0/-1",
                "Malformed CIDR, mask bits must not be negative",
            ),
            ("10.0.0.0/32", "IPv4 mask bits must be < 32"),
            ("2001:db8::/128", "IPv6 mask bits must be < 128"),
        ] {
            assert_eq!(Cidr::parse(text).unwrap_err(), refusal, "{text}");
        }
    }
}
