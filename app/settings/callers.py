"""Whose pages may call, and whose word about a caller's address is believed."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from app.settings.environment import SettingsError

MOST_DIGITS: Final = 3
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Whose `X-Forwarded-For` is believed: the last `count` proxies, or those in `networks`; usually nobody's."""

    count: int = 0
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


def read_origins(text: str) -> tuple[str, ...]:
    """Return the exact origins, such as `https://app.example`, or `*` alone for all."""
    origins = _listed(text)
    if origins != ("*",) and any(not _ORIGIN.fullmatch(one) for one in origins):
        raise SettingsError("CORS_ORIGINS must be origins such as https://app.example, with commas between them.")
    return origins


def read_proxies(text: str, *, everybody_allowed: bool) -> TrustedProxies:
    """Return who is meant by a number of proxies, or by their addresses and networks.

    Whoever believes everybody lets everybody choose an address: by that callers are counted, and stand in the log.
    """
    if text.strip().isdecimal() and len(text) < MOST_DIGITS:
        return TrustedProxies(count=int(text))
    try:
        networks = tuple(ip_network(one) for one in _listed(text))
    except ValueError:
        raise SettingsError("TRUSTED_PROXIES must be a number of proxies, or their addresses or networks.") from None
    if not everybody_allowed and any(network.prefixlen == 0 for network in networks):
        raise SettingsError("TRUSTED_PROXIES must not be everybody, in production: name your proxies or their number.")
    return TrustedProxies(networks=networks)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one for one in re.split(r"[\s,]+", text) if one)
