"""Which network addresses are never fetched from: an own table, checked by longest prefix.

``ipaddress.is_private`` and ``is_global`` each miss whole families (carrier NAT, NAT64, 6to4), so neither is
asked. The entries follow IANA's special-purpose registries for IPv4 and IPv6 and the multicast and reserved
blocks; of IPv6 only 2000::/3 has been given out for global unicast, and the three widest entries deny all the
rest.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Denied:
    """A network that is not fetched from; ``private`` ones are opened by ``--allow-private``."""

    network: IPNetwork
    reason: str
    private: bool = False


def _deny(network: str, reason: str, *, private: bool = False) -> Denied:
    return Denied(ipaddress.ip_network(network), reason, private)


DENIED: tuple[Denied, ...] = (
    _deny("0.0.0.0/8", "this network"),
    _deny("10.0.0.0/8", "private", private=True),
    _deny("100.64.0.0/10", "carrier NAT"),
    _deny("127.0.0.0/8", "loopback", private=True),
    _deny("169.254.0.0/16", "link-local"),
    _deny("172.16.0.0/12", "private", private=True),
    _deny("192.0.0.0/24", "protocol assignments"),
    _deny("192.0.2.0/24", "documentation"),
    _deny("192.31.196.0/24", "AS112"),
    _deny("192.52.193.0/24", "AMT"),
    _deny("192.88.99.0/24", "6to4 relay"),
    _deny("192.168.0.0/16", "private", private=True),
    _deny("192.175.48.0/24", "AS112"),
    _deny("198.18.0.0/15", "benchmarking"),
    _deny("198.51.100.0/24", "documentation"),
    _deny("203.0.113.0/24", "documentation"),
    _deny("224.0.0.0/4", "multicast"),
    _deny("240.0.0.0/4", "reserved"),
    _deny("::/3", "reserved"),
    _deny("4000::/2", "reserved"),
    _deny("8000::/1", "reserved"),
    _deny("::/96", "IPv4-compatible"),
    _deny("::/128", "unspecified"),
    _deny("::1/128", "loopback", private=True),
    _deny("::ffff:0:0:0/96", "IPv4-translated"),
    _deny("64:ff9b::/96", "NAT64"),
    _deny("64:ff9b:1::/48", "NAT64"),
    _deny("100::/64", "discard"),
    _deny("2001::/23", "protocol assignments"),
    _deny("2001::/32", "Teredo"),
    _deny("2001:db8::/32", "documentation"),
    _deny("2002::/16", "6to4"),
    _deny("2620:4f:8000::/48", "AS112"),
    _deny("3fff::/20", "documentation"),
    _deny("5f00::/16", "segment routing"),
    _deny("fc00::/7", "unique local", private=True),
    _deny("fe80::/10", "link-local"),
    _deny("fec0::/10", "site-local"),
    _deny("ff00::/8", "multicast"),
)


def find_denied(address: str, table: Iterable[Denied] = DENIED) -> Denied | None:
    """The narrowest entry of ``table`` that holds ``address``, or None. An IPv4 address inside IPv6 is
    unwrapped first.
    """
    ip: IPAddress = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    holding = [entry for entry in table if entry.network.version == ip.version and ip in entry.network]
    return max(holding, key=lambda entry: entry.network.prefixlen, default=None)
