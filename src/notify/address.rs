//! Where payloads may be sent: addresses of the public internet, so that nobody can make the platform speak to its own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far payloads may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses, by https.
    PublicOnly,
    /// Also to this machine and its private networks, and without TLS: for laptops and tests. Never where others have accounts.
    LocalToo,
}

impl Reach {
    /// Whether an address may be connected to.
    pub fn allows(self, address: IpAddr) -> bool {
        let address = unmapped(address);
        is_public(address) || (self == Self::LocalToo && is_local(address))
    }

    /// Whether a scheme may be spoken.
    pub fn speaks(self, scheme: &str) -> bool {
        scheme == "https" || (self == Self::LocalToo && scheme == "http")
    }
}

/// An IPv4 address that is written as an IPv6 one is what it stands for.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// This machine, and networks that are one's own; never link-local addresses, where clouds keep their secrets.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !SPECIAL_V4
            .iter()
            .any(|&(net, bits)| within_v4(v4, net, bits)),
        // Global unicast, which is all that is given out.
        IpAddr::V6(v6) => {
            within_v6(v6, "2000::", 3)
                && !SPECIAL_V6
                    .iter()
                    .any(|&(net, bits)| within_v6(v6, net, bits))
        }
    }
}

/// The IANA registry of special-purpose IPv4 addresses, with multicast and what is reserved.
const SPECIAL_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// What is special among global unicast: protocol assignments with Teredo, documentation, and 6to4, which stands for IPv4.
const SPECIAL_V6: [(&str, u32); 4] = [
    ("2001::", 23),
    ("2001:db8::", 32),
    ("2002::", 16),
    ("3fff::", 20),
];

fn within_v4(address: Ipv4Addr, net: [u8; 4], bits: u32) -> bool {
    let shift = 32 - bits;
    u32::from(address) >> shift == u32::from(Ipv4Addr::from(net)) >> shift
}

fn within_v6(address: Ipv6Addr, net: &str, bits: u32) -> bool {
    let net: Ipv6Addr = net.parse().expect("the table holds addresses");
    let shift = 128 - bits;
    u128::from(address) >> shift == u128::from(net) >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_in_reach_unless_local_ones_are_allowed() {
        for (address, public, local) in [
            ("93.184.215.14", true, true),
            ("1.1.1.1", true, true),
            ("172.32.0.1", true, true),
            ("2606:4700::1111", true, true),
            ("::ffff:93.184.215.14", true, true),
            ("127.0.0.1", false, true),
            ("127.255.255.254", false, true),
            ("10.0.0.1", false, true),
            ("172.16.0.1", false, true),
            ("172.31.255.255", false, true),
            ("192.168.1.1", false, true),
            ("::1", false, true),
            ("fd00::1", false, true),
            ("::ffff:10.0.0.1", false, true),
            ("0.0.0.0", false, false),
            ("100.64.0.1", false, false),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("192.0.0.8", false, false),
            ("198.19.255.255", false, false),
            ("203.0.113.7", false, false),
            ("224.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("::", false, false),
            ("::127.0.0.1", false, false),
            ("fe80::1", false, false),
            ("ff02::1", false, false),
            ("64:ff9b::a00:1", false, false),
            ("2001::1", false, false),
            ("2001:db8::1", false, false),
            ("2002:a00:1::", false, false),
        ] {
            let parsed: IpAddr = address.parse().expect("an address");
            let reached = (
                Reach::PublicOnly.allows(parsed),
                Reach::LocalToo.allows(parsed),
            );
            assert_eq!(reached, (public, local), "{address}");
        }
    }

    #[test]
    fn without_tls_only_where_local_addresses_are_allowed() {
        for (scheme, public, local) in [
            ("https", true, true),
            ("http", false, true),
            ("ftp", false, false),
        ] {
            assert_eq!(Reach::PublicOnly.speaks(scheme), public);
            assert_eq!(Reach::LocalToo.speaks(scheme), local);
        }
    }
}
