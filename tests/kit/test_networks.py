"""Addresses as sockets and proxies write them."""

from app.kit.networks import read_address
from tests.cases import each_case


@each_case(
    ("text", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9\t", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
    ],
)
def test_an_address_is_read_in_every_spelling(text: str, expected: str) -> None:
    assert str(read_address(text)) == expected


@each_case(
    "text",
    [
        "",
        "unknown",
        "_hidden",
        "1",
        "203.0.113",
        "203.0.113.256",
        "203.0.113.9:",
        "203.0.113.9:x",
        "203.0.113.9 evil",
        '"203.0.113.9"',
        "for=203.0.113.9",
        "::1]",
        "[2001:db8::1]x",
        "2001:db8::1::2",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_address(text) is None
