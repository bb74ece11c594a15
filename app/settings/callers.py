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


def read_proxies(text: str) -> TrustedProxies:
    """Return who is meant by a number of proxies, or by their addresses and networks."""
    if text.strip().isdecimal() and len(text) < MOST_DIGITS:
        return TrustedProxies(count=int(text))
    try:
        return TrustedProxies(networks=tuple(ip_network(one) for one in _listed(text)))
    except ValueError:
        raise SettingsError("TRUSTED_PROXIES must be a number of proxies, or their addresses or networks.") from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one for one in re.split(r"[\s,]+", text) if one)
