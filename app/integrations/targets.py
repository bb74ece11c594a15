"""Addresses that may be called: how they are read, and which of them lead out into the public internet."""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final, Self

from app.kit.networks import IPAddress, read_address

PORTS: Final = frozenset({443, 8443})
"""Where receivers listen. Other ports are those of databases, caches and mail servers."""

NAMES_AT_HOME: Final = ("localhost", "local", "internal", "lan", "home.arpa")
"""Ends of names that mean something inside a network only (RFC 6761, RFC 8375, ICANN's `.internal`)."""

EXAMPLE: Final = "https://hooks.example.com/parlour"

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_URL: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<path>(?:/[!$%&'()*+,.0-9:;=@A-Z\[\]_a-z~/-]*)?(?:\?[!$%&'()*+,.0-9:;=@A-Z\[\]_a-z~/?-]*)?)",
    re.ASCII | re.IGNORECASE,  # else a long s would be an s, and the sign of Kelvin a k
)
"""One reading for the check and for the call. There is no room in it for a user, a fragment, a backslash."""

_UNICAST: Final = ip_network("2000::/3")
_NOT_OUTSIDE: Final = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocols' own, and the metadata of a cloud
        "192.88.99.0/24",  # relays into IPv6
        "168.63.129.16/32",  # what a cloud tells its machines, at an address that looks public
        "2001::/23",  # protocols' own, Teredo among them, which wraps an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which wraps an IPv4 address
        "3fff::/20",  # documentation
    )
)
"""Written out where Python's versions differ about what is global, and what is global and yet no place of others."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address, taken apart. `authority` is what the `Host` header says; `path` has the query in it."""

    tls: bool
    host: str
    port: int
    authority: str
    path: str

    @classmethod
    def read(cls, url: str) -> Self:
        """Take an address apart. Raises `ValueError` for what is none."""
        found = _URL.fullmatch(url)
        if found is None:
            raise ValueError("This is no address.")
        tls = found["scheme"].lower() == "https"
        usual = 443 if tls else 80
        port = int(found["port"] or usual)
        if not 0 < port < 2**16:
            raise ValueError("This is no port.")
        host = found["host"].lower()
        authority = host if port == usual else f"{host}:{port}"
        path = found["path"] if found["path"].startswith("/") else f"/{found['path']}"
        bare = host.strip("[]")
        return cls(tls, bare if bare == host else str(IPv6Address(bare)), port, authority, path)


def fault_of(url: str, *, allow_private: bool) -> str | None:
    """Say what is wrong with an address, as far as can be seen without asking anybody; None where nothing is.

    What a name leads to is seen when it is called, each time anew.
    """
    try:
        target = Target.read(url)
    except ValueError:
        return f"Must be an address such as {EXAMPLE}, without a user, a password or a fragment."
    if allow_private:
        return None
    if not target.tls:
        return "Must begin with https://."
    if target.port not in PORTS:
        return "Must be at port 443 or 8443."
    return None if _may_be_public(target.host) else "Must be reachable from the public internet."


def is_public(address: IPAddress) -> bool:
    """Say whether an address is one of the public internet's, and of one receiver there."""
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in one for one in _NOT_OUTSIDE)


def _may_be_public(host: str) -> bool:
    address = _address_in(host)
    if address is not None:
        return is_public(address)
    return "." in host and not any(host.endswith(f".{name}") for name in NAMES_AT_HOME)


def _address_in(host: str) -> IPAddress | None:
    """Return the address that a host is, in the old notations too: resolvers read `2130706433` and `0x7f.1`."""
    try:
        return read_address(host) or IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
