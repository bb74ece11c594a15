"""Network addresses, as sockets and proxies write them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

IPAddress = IPv4Address | IPv6Address

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


def read_address(text: str) -> IPAddress | None:
    """Return the address that `text` is, without port and zone; None for anything else.

    An IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address.
    """
    text = text.strip()
    match = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address(match[1] or match[2] if match else text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
