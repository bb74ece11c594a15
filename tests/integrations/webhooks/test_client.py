"""One POST to servers of every temper: it ends in time, goes nowhere else, and tells no more than a status."""

import contextlib
import os
import socket
import ssl
import threading
import time
from typing import Any

import pytest
import trustme

from app.integrations.webhooks import client
from app.integrations.webhooks.client import Outcome, post
from tests.integrations.webhooks import receivers
from tests.integrations.webhooks.receivers import HOST, receiving, saying, talking
from tests.processes import free_port

OK = b"HTTP/1.1 200 OK\r\n"
PUBLIC, OTHER_PUBLIC, PRIVATE = "93.184.216.34", "93.184.216.35", "127.0.0.1"
LATE = "No answer within 5 seconds."


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second must do."""
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.5)


def send(url: str, body: bytes = b"{}", *, allow_private: bool = True) -> Outcome:
    """Call an address of this machine."""
    return post(url, body, {"webhook-id": "msg_1"}, allow_private=allow_private)


def at(port: int) -> str:
    """Return the address of a port."""
    return f"http://{HOST}:{port}/x"


def said(outcome: Outcome) -> tuple[int | None, str]:
    """Return what an outcome says, but for how long it took."""
    return outcome.status, outcome.error


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A resolver's answers by name: each time the next one. What is not there is not known."""
    known: dict[str, list[list[str]]] = {}

    def look_up(host: str, port: int, **_options: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = known[host].pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were asked for; none comes about."""
    seen: list[tuple[str, int]] = []

    def refuse(_self: socket.socket, address: tuple[str, int]) -> None:
        seen.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return seen


def test_it_arrives() -> None:
    with receiving() as receiver:
        outcome = send(receiver.url, b'{"type":"x"}')
    assert (outcome.status, outcome.ok, outcome.error) == (204, True, "")
    (call,) = receiver.calls
    assert (call.path, call.body) == ("/hooks?for=parlour", b'{"type":"x"}')
    assert dict(call.headers) == {
        "Host": f"{HOST}:{receiver.port}",
        "Accept-Encoding": "identity",
        "Content-Length": "12",
        "User-Agent": "Parlour-Webhooks/1",
        "Content-Type": "application/json",
        "Connection": "close",
        "webhook-id": "msg_1",
    }


@pytest.mark.parametrize(
    ("status", "ok", "gone"),
    [
        (200, True, False),
        (299, True, False),
        (300, False, False),
        (400, False, False),
        (410, False, True),
        (500, False, False),
        (999, False, False),
    ],
)
def test_what_an_answer_means(status: int, ok: bool, gone: bool) -> None:
    with receiving(status) as receiver:
        outcome = send(receiver.url)
    assert (outcome.status, outcome.ok, outcome.gone) == (status, ok, gone)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """SS-03: not to the metadata of a cloud, not to anybody."""
    with receiving() as elsewhere, receiving(status, location=elsewhere.url) as receiver:
        outcome = send(receiver.url)
        assert (outcome.status, outcome.ok, len(receiver.calls), elsewhere.calls) == (status, False, 1, [])


@pytest.mark.parametrize(
    "talk",
    [
        receivers.silent,
        receivers.deaf,
        saying(OK, then=receivers.silent),
        saying(OK + b"X-Slow: ", then=receivers.dripping),
        saying(then=receivers.dripping),
    ],
    ids=["silent", "deaf", "silent within the head", "dripping headers", "dripping from the start"],
)
@pytest.mark.usefixtures("in_haste")
def test_it_ends_in_time(talk: receivers.Talk) -> None:
    """SS-05: however little the server stalls at each step."""
    with talking(talk) as port:
        outcome = send(at(port), b"x" * 20_000_000 if talk is receivers.deaf else b"{}")
    assert said(outcome) == (None, LATE)
    assert 0.4 < outcome.seconds < 1


@pytest.mark.parametrize(
    "talk",
    [
        saying(OK + b"\r\n", then=receivers.dripping),
        saying(OK + b"Content-Length: 100000000000\r\n\r\n", then=receivers.endless(b"secret ")),
        saying(OK + b"Content-Length: 10\r\n\r\n"),
    ],
    ids=["dripping", "endless", "cut short"],
)
def test_nobody_waits_for_a_body(talk: receivers.Talk) -> None:
    """SS-04: what the answer says beside its status is of no interest, and not read."""
    with talking(talk) as port:
        outcome = send(at(port))
    assert (outcome.status, outcome.ok) == (200, True)
    assert outcome.seconds < 1


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (saying(OK, then=receivers.endless(b"X-More: and more\r\n")), "No answer in HTTP."),
        (saying(OK + b"X-Long: ", then=receivers.endless(b"x")), "The answer has no end."),
        (saying(then=receivers.endless(b"HTTP/1.1 100 Continue\r\n\r\n")), "The answer has no end."),
        (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), "No answer in HTTP."),
        (saying(b"\x00\xff\xfe"), "No answer in HTTP."),
        (saying(b"HTTP/1.1 abc\r\n\r\n"), "No answer in HTTP."),
        (saying(), "No answer in HTTP."),
        (lambda caller: caller.close(), None),
    ],
    ids=["headers", "a header", "continue", "another protocol", "bytes", "no status", "closed", "closed at once"],
)
def test_what_is_no_answer(talk: receivers.Talk, expected: str | None) -> None:
    with talking(talk) as port:
        outcome = send(at(port))
    assert outcome.status is None
    assert outcome.error in ([expected] if expected else ["No answer in HTTP.", "No connection."])
    assert outcome.seconds < 2


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"]
)
def test_what_comes_before_the_answer(interim: bytes) -> None:
    """Is none (RFC 9110 §15.2), however much of it there is; what ends all speaking is."""
    for answers, status in (
        ([interim, interim, OK + b"\r\n"], 200),
        ([b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], 101),
    ):
        with talking(saying(*answers)) as port:
            assert said(send(at(port))) == (status, "")


def test_nobody_listens() -> None:
    assert said(send(at(free_port()))) == (None, "No connection.")


@pytest.mark.usefixtures("names")
def test_a_name_that_is_not_known() -> None:
    assert said(send("http://hooks.example.com/x")) == (None, "The name is not known.")


@pytest.mark.usefixtures("in_haste")
def test_a_resolver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no time limit of its own."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [over.wait()])
    outcome = send("http://hooks.example.com/x")
    over.set()
    assert said(outcome) == (None, LATE)
    assert outcome.seconds < 1


def test_what_is_private_is_not_called() -> None:
    """And is, where the settings allow it: the control."""
    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        for blocked in (receiver.url, url):
            assert said(send(blocked, allow_private=False)) == (None, "The address is not public.")
        assert receiver.calls == []
        assert send(url).ok


def test_a_name_that_has_become_private(names: dict[str, list[list[str]]], connected: list[tuple[str, int]]) -> None:
    """SS-02: looked at when it is called, and not before."""
    names["hooks.example.com"] = [[PUBLIC], [PRIVATE]]
    assert said(send("https://hooks.example.com/x", allow_private=False)) == (None, "No connection.")
    assert said(send("https://hooks.example.com/x", allow_private=False)) == (None, "The address is not public.")
    assert connected == [(PUBLIC, 443)]


def test_the_address_checked_is_the_one_connected_to(
    names: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    """DNS rebinding: a name is looked up once, so a second, different answer is never asked for."""
    names["hooks.example.com"] = [[PUBLIC], [PRIVATE]]
    send("https://hooks.example.com/x", allow_private=False)
    assert (connected, names["hooks.example.com"]) == ([(PUBLIC, 443)], [[PRIVATE]])


def test_of_several_addresses_the_public_ones(
    names: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    names["hooks.example.com"] = [[PRIVATE, PUBLIC, "10.0.0.1", OTHER_PUBLIC]]
    send("https://hooks.example.com/x", allow_private=False)
    assert connected == [(PUBLIC, 443), (OTHER_PUBLIC, 443)]


def test_a_name_with_very_many_addresses(names: dict[str, list[list[str]]], connected: list[tuple[str, int]]) -> None:
    """One call is not made a thousand, to whomever its DNS names."""
    names["hooks.example.com"] = [[f"93.184.{number // 250}.{number % 250}" for number in range(1000)]]
    send("https://hooks.example.com/x", allow_private=False)
    assert connected == [(f"93.184.0.{number}", 443) for number in range(8)]


@pytest.mark.usefixtures("in_haste")
def test_an_address_that_stalls_leaves_time_for_the_next(
    names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one of IPv6 where its packets are dropped."""
    names["hooks.example.com"] = [[OTHER_PUBLIC, PUBLIC]]
    asked: list[str] = []

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        asked.append(address[0])
        time.sleep(self.gettimeout() or 60)
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    outcome = send("https://hooks.example.com/x", allow_private=False)
    assert asked == [OTHER_PUBLIC, PUBLIC]
    assert said(outcome) == (None, LATE)
    assert outcome.seconds < 0.6


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would connect to whatever it likes."""
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{HOST}:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        assert "http_proxy" in os.environ
        assert send(receiver.url).ok
        assert (len(receiver.calls), proxy.calls) == (1, [])


def context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that names it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


def test_over_tls(trusted: trustme.CA) -> None:
    with receiving(tls=context(trusted, HOST)) as receiver:
        outcome = send(receiver.url)
        assert (outcome.status, len(receiver.calls)) == (204, 1)


def test_a_certificate_of_somebody_else(trusted: trustme.CA) -> None:
    with receiving(tls=context(trusted, "hooks.example.com")) as receiver:
        assert said(send(receiver.url)) == (None, "The certificate is not valid for this name.")
        assert receiver.calls == []


def test_a_certificate_that_nobody_knows(authority: trustme.CA) -> None:
    with receiving(tls=context(authority, HOST)) as receiver:
        assert said(send(receiver.url)) == (None, "The certificate is not valid for this name.")


def test_no_tls_where_it_should_be() -> None:
    with receiving() as receiver:
        assert said(send(receiver.url.replace("http", "https", 1))) == (None, "No secure connection.")


@pytest.mark.parametrize("talk", [receivers.silent, receivers.dripping], ids=["silent", "dripping"])
@pytest.mark.usefixtures("in_haste")
def test_a_handshake_that_does_not_end(talk: receivers.Talk) -> None:
    with talking(talk) as port:
        outcome = send(f"https://{HOST}:{port}/x")
    assert said(outcome) in {(None, LATE), (None, "No secure connection.")}
    assert outcome.seconds < 1


@pytest.mark.usefixtures("in_haste")
def test_tls_that_drips(trusted: trustme.CA) -> None:
    """The deadline reaches through TLS."""
    tls = context(trusted, HOST)

    def talk(caller: socket.socket) -> None:
        with contextlib.closing(tls.wrap_socket(caller, server_side=True)) as secured:
            secured.recv(65536)
            receivers.dripping(secured)

    with talking(talk) as port:
        outcome = send(f"https://{HOST}:{port}/x")
    assert said(outcome) == (None, LATE)
    assert outcome.seconds < 1
