//! Which addresses may be called. What is checked is the very address that is then connected to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::lookup_host;

/// How far calls go. Link-local addresses, where clouds keep their credentials, are out of reach for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// This machine and private networks too.
    #[default]
    Private,
    /// Only what can be an address of the internet.
    Public,
}

/// Services that clouds offer to their machines, and some with credentials, at other than link-local addresses.
const METADATA: [IpAddr; 6] = [
    // AWS's instance metadata, and its agent for pods.
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    // Google, Alibaba, Azure, Oracle.
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// Why there is no address to connect to.
#[derive(Debug)]
pub(crate) enum NoAddress {
    Unknown(io::Error),
    Refused(IpAddr),
}

impl Reach {
    fn includes(self, address: IpAddr) -> bool {
        if METADATA.contains(&address) {
            return false;
        }
        match address {
            IpAddr::V4(address) => self.includes_v4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(inner) => self.includes(IpAddr::V4(inner)),
                None => self.includes_v6(address),
            },
        }
    }

    fn includes_v4(self, address: Ipv4Addr) -> bool {
        // All of 0.0.0.0/8 and not just the unspecified one: systems differ in what they take it for.
        let never = address.octets()[0] == 0
            || address.is_link_local()
            || address.is_multicast()
            || address.is_broadcast();
        let private = address.is_loopback() || address.is_private() || is_shared(address);
        !never && (self == Reach::Private || !private)
    }

    fn includes_v6(self, address: Ipv6Addr) -> bool {
        let never =
            address.is_unspecified() || address.is_unicast_link_local() || address.is_multicast();
        let private = address.is_loopback() || address.is_unique_local();
        !never && (self == Reach::Private || !private)
    }

    /// The addresses of a host that may be called, in the system's order. At least one.
    pub(crate) async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NoAddress> {
        let mut refused = None;
        let mut within = Vec::new();
        for address in lookup_host((host, port))
            .await
            .map_err(NoAddress::Unknown)?
        {
            if self.includes(address.ip()) {
                within.push(address);
            } else {
                refused = Some(address.ip());
            }
        }
        match refused {
            Some(address) if within.is_empty() => Err(NoAddress::Refused(address)),
            None if within.is_empty() => {
                let text = "the name has no address";
                Err(NoAddress::Unknown(io::Error::new(
                    io::ErrorKind::NotFound,
                    text,
                )))
            }
            Some(_) | None => Ok(within),
        }
    }
}

/// 100.64.0.0/10, between a provider and its customers.
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0xc0 == 64
}

/// The IPv4 address that is meant by an IPv6 one: mapped, compatible (both as `::a.b.c.d`), or translated by NAT64.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [start @ .., high, low] = address.segments();
    let embeds = match start {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => true,
        // Not the unspecified address nor the loopback.
        [0, 0, 0, 0, 0, 0] => high != 0,
        _ => false,
    };
    embeds.then(|| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(reach: Reach, addresses: &[&str]) -> Vec<bool> {
        addresses
            .iter()
            .map(|text| reach.includes(text.parse().unwrap()))
            .collect()
    }

    #[test]
    fn credentials_of_clouds_are_out_of_reach() {
        let addresses = [
            "169.254.169.254",
            "169.254.170.2",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "fe80::1",
            "febf::1",
        ];
        assert_eq!(reached(Reach::Private, &addresses), [false; 7]);
        assert_eq!(reached(Reach::Public, &addresses), [false; 7]);
    }

    #[test]
    fn addresses_of_no_single_machine_are_out_of_reach() {
        let addresses = [
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
        ];
        assert_eq!(reached(Reach::Private, &addresses), [false; 6]);
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_one_is_seen() {
        let addresses = [
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "::ffff:0.0.0.0",
            "::ffff:100.100.100.200",
        ];
        assert_eq!(reached(Reach::Private, &addresses), [false; 5]);
        assert!(Reach::Private.includes("::ffff:127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn this_machine_and_private_networks_are_within_reach_unless_it_is_public() {
        let addresses = [
            "127.0.0.1",
            "::1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "fd12::1",
        ];
        assert_eq!(reached(Reach::Private, &addresses), [true; 7]);
        assert_eq!(reached(Reach::Public, &addresses), [false; 7]);
        let internet = ["93.184.215.14", "100.128.0.1", "2606:2800:21f::1"];
        assert_eq!(reached(Reach::Public, &internet), [true; 3]);
    }

    #[tokio::test]
    async fn odd_spellings_of_an_address_do_not_get_around() {
        // 169.254.169.254 as one number: the system's resolver takes it.
        let refused = Reach::Private.resolve("2852039166", 80).await;
        assert!(matches!(refused, Err(NoAddress::Refused(_))), "{refused:?}");
    }
}
