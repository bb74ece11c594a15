"""Which addresses may be called: SS-01 and its relatives."""

from ipaddress import ip_address

import pytest

from app.integrations.targets import Target, fault_of, is_public
from tests.cases import each_case

NOT_PUBLIC = [
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://LOCALHOST/x",
    "https://hooks.localhost/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[2001:0:7f00:1::]/x",
    "https://[fe80::1]/x",
    "https://[fec0::1]/x",
    "https://[fd00:ec2::254]/x",
    "https://[ff02::1]/x",
    "https://0x7f000001/x",
    "https://0x7f.1/x",
    "https://2130706433/x",
    "https://0177.0.0.1/x",
    "https://127.1/x",
    "https://10.0.0.1/x",
    "https://172.16.0.1/x",
    "https://192.168.1.1/x",
    "https://100.64.0.1/x",
    "https://100.100.100.200/x",
    "https://192.0.0.192/x",
    "https://168.63.129.16/x",
    "https://0.0.0.0/x",
    "https://0/x",
    "https://224.0.0.1/x",
    "https://255.255.255.255/x",
    "https://240.0.0.1/x",
    "https://198.18.0.1/x",
    "https://metadata.google.internal/x",
    "https://printer.local/x",
    "https://router.lan/x",
    "https://nas.home.arpa/x",
    "https://intranet/x",
]

NO_ADDRESS = [
    "",
    "hooks.example.com",
    "//hooks.example.com/x",
    "file:///etc/passwd",
    "gopher://hooks.example.com/x",
    "ftp://hooks.example.com/x",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://user:pw@hooks.example.com/x",
    "https://user@hooks.example.com/x",
    "https://@hooks.example.com/x",
    "https://hooks.example.com#x",
    "https://hooks.example.com/x#y",
    "https://hooks.example.com\\@127.0.0.1/x",
    "https://hooks.example.com /x",
    "https://hooks.example.com/x y",
    "https://hooks.example.com/\r\nX: y",
    "https://hooks.example.com./x",
    "https://hooks..example.com/x",
    "https://-hooks.example.com/x",
    "https://[::1/x",
    "https://[1.2.3.4]/x",
    "https://[.]/x",
    "https://[:::.]/x",
    "https://[1:2:3:4:5:6:7:8:9]/x",
    "https://[fe80::1%25eth0]/x",
    "https://127。0。0。1/x",
    "https://ⓛocalhost/x",
    "https://x.localho\u017ft/x",  # a long s, which is an s to whoever ignores case
    "https://hoo\u212as.example.com/x",  # the sign of Kelvin, which is a k
    "http\u017f://hooks.example.com/x",
    "https://hooks.example.com/\u212a",
    "https://hooks.example.com:44\u0663/x",
    "https://hooks.example.com/\u2028",
    "https://hooks.example.com:0/x",
    "https://hooks.example.com:65536/x",
    "https://hooks.example.com:/x",
    "https://hooks.example.com:443:443/x",
    f"https://{'a' * 64}.example.com/x",
]

PUBLIC = [
    "https://hooks.example.com",
    "https://hooks.example.com/",
    "https://HOOKS.Example.com/Path?a=b&c=%20",
    "https://hooks.example.com:8443/x",
    "https://xn--bcher-kva.example/x",
    "https://my_hooks.example.com/x",
    "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/x",
    "https://localhost.example.com/x",
    "https://internal.example.com/x",
]


@each_case("url", NOT_PUBLIC)
def test_what_is_at_home_is_refused(url: str) -> None:
    assert fault_of(url, allow_private=False) == "Must be reachable from the public internet."


@each_case("url", NO_ADDRESS)
@each_case("allow_private", [False, True])
def test_what_is_no_address_is_refused(url: str, allow_private: bool) -> None:
    """Whatever the settings: nothing that two programs might read differently."""
    assert (fault_of(url, allow_private=allow_private) or "").startswith("Must be an address such as https://")


@each_case("url", PUBLIC)
def test_what_leads_out_is_taken(url: str) -> None:
    assert fault_of(url, allow_private=False) is None


@each_case("port", [22, 25, 80, 3306, 5432, 6379, 8080, 9200, 11211])
def test_other_ports_are_those_of_other_things(port: int) -> None:
    assert fault_of(f"https://hooks.example.com:{port}/x", allow_private=False) == "Must be at port 443 or 8443."


def test_in_the_open_only_where_it_is_allowed() -> None:
    for url in ("http://hooks.example.com/x", "http://127.0.0.1:5001/x", "http://[::1]:5001/x", "https://intranet:99/"):
        assert fault_of(url, allow_private=True) is None
    assert fault_of("http://hooks.example.com/x", allow_private=False) == "Must begin with https://."


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Hooks.example.com", Target(True, "hooks.example.com", 443, "hooks.example.com", "/")),
        ("https://hooks.example.com?a=b", Target(True, "hooks.example.com", 443, "hooks.example.com", "/?a=b")),
        ("https://h.example:8443/x", Target(True, "h.example", 8443, "h.example:8443", "/x")),
        ("http://h.example/x", Target(False, "h.example", 80, "h.example", "/x")),
        ("http://[::1]:81/x", Target(False, "::1", 81, "[::1]:81", "/x")),
    ],
)
def test_an_address_is_taken_apart(url: str, expected: Target) -> None:
    assert Target.read(url) == expected


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "2606:4700:4700::1111", "2a00:1450::1"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@each_case(
    "address",
    ["192.0.2.1", "203.0.113.9", "198.51.100.1", "192.88.99.1", "2001:db8::1", "3fff::1", "5f00::1", "::8.8.8.8"],
)
def test_addresses_of_nobody(address: str) -> None:
    """Beside those of the addresses above: documentation's, relays', and what only wraps another address."""
    assert not is_public(ip_address(address))
