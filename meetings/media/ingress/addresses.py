"""Which addresses this server may be made to connect to by what people type in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# what Python's tables of the time do not all have
NOT_PUBLIC = [
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "5f00::/16")
]
NAT64 = ip_network("64:ff9b::/96")  # a v4 address is in its last 32 bits (RFC 6052)


@dataclass(frozen=True)
class AddressPolicy:
    """Public addresses, and those that a site allows besides: "10.1.0.0/16"."""

    allow: Sequence[str] = ()

    def permits(self, address: str) -> bool:
        """Whether to connect to this IP address; not for names, nor odd spellings."""
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return self._is_allowed(found) or all(map(_is_public, _meant(found)))

    def _is_allowed(self, address: Address) -> bool:
        networks = [ip_network(network) for network in self.allow]
        meant = list(_meant(address))[-1]
        return any(meant in network for network in networks)


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the v4 addresses it wraps: packets may end up at any of them."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    for wrapped in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
        if wrapped is not None:
            yield wrapped


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64):
        return True  # what counts is the address it wraps, which is asked as well
    if address.is_multicast or address.is_reserved:
        return False
    if getattr(address, "is_site_local", False):
        return False
    return address.is_global and not any(address in net for net in NOT_PUBLIC)
