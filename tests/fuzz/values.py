"""What is put in the place of a good value: words of JSON for members of bodies, text for the rest of a request."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.hostile import BAD_DATES, BAD_IDS, BAD_LIMITS, VALUES

LONG = 100_000

TEXTS = (
    *("", " ", "\t", "0", "1", "-1", "10", "1.0", "1e3", "true", "null", "None", "NaN", "undefined", "[]"),
    *("{}", "..", "*", "a" * 73, "a" * 256, "a" * 2001, "a" * LONG, "é" * 5001, "😀" * 1000, "a" * 50_000 + "!"),
    *("a\x00b", "\x1b[31m", "\x7f", "\x85", "\ufeff", "\uffff", "\U0010ffff", "\r\nSet-Cookie: a=b"),
    *("a\n{'level': 'error'}", "\u202egnp.exe", "a\u200bb", "\u2066x\u2069", "👩\u200d👩\u200d👧"),
    *("e\u0301" * 10_000, "\u0301" * 10_000, "ﬀ", "İ", "ß", "' OR 1=1 --", "%", "_%", "\\", "$$", "%s%n"),
    *("{0}", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>", "=1+1", "@SUM(A1)"),
    *("../../etc/passwd", "C:\\x", "file:///etc/passwd", "javascript:alert(1)", "//evil.test"),
    *("http://169.254.169.254/", "https://[::1]:99999/", "https://a:b@localhost/", "https://\u3002/"),
    *("http://0x7f.1", "a@b", "A@EXAMPLE.TEST", "\uff41@example.test", "a@[127.0.0.1]", "a@b@c.test"),
    *('"a b"@c.test', "a@" + "b." * 200 + "test", "+", "+254700000000", "07" + "0" * 40, "\u0661\u0662", "KES"),
    *("kes", "XXX", "ke", "Mars/Base", "africa/nairobi", "2030-01-07", "2030-01-07T12:00:00"),
    *("2030-01-07 12:00:00Z", "2030-01-07T12:00:00z", "2030-01-07T12:00Z", "2030-01-07T24:00:00Z"),
    *("2030-06-30T23:59:60Z", "2030-01-07T12:00:00+24:00", "2030-01-07T12:00:00.1234567Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-01-07T12:00:00+03:00"),
    *("2030-01-07T11:59:59.9Z", "2030-03-31T02:30:00+01:00", "2030-10-27T02:30:00+02:00"),
    *("2030-03-10T02:30:00-05:00", "2030-W02-1", "2030-02-30", "2029-12-31T23:00:00Z", "2130-01-07T12:00:00Z"),
    *("1970-01-01T00:00:00Z", "20300107T120000Z", "today", "+2030-01-07", "9:00", "09:00", "24:00", "25:00"),
    *("09:60", "09:00:30", "-1,36", "91,181", "nan,inf", "1,2,3", "name", "-name,", "id;"),
)
"""Among them times that are none, that carry no offset, that fall in an hour that the clocks skip or repeat."""

WORDS = (
    *("null", "true", "false", "0", "-0", "-0.0", "1", "-1", "2", "1e2", "1.0", "0.1", "1e-400", "1e999"),
    *("NaN", "Infinity", "2147483647", "2147483648", "4294967296", str(2**53 + 1), str(2**63 - 1), "[]"),
    *("[[]]", "[null]", '[""]', "[0]", "{}", '{"__proto__": 1}', '{"a": 1, "a": 2}', '{"amount": -1}'),
    *('{"amount": 1, "currency": "XXX"}', '{"": ""}', "[{}]", "[" * 60 + "]" * 60),
    *('{"a":' * 60 + "1" + "}" * 60, "[" * 2000 + "]" * 2000, "[1,1]", '["a","a"]'),
    *("[" + ",".join("1" * 5000) + "]", "[" + ",".join(["{}"] * 2000) + "]", r'"\udfff\ud800"', r'"\u12"'),
    *('"\t"', *VALUES.values()),
)
"""JSON, and what only looks like it."""

QUERIES = (
    *(*BAD_LIMITS, *BAD_IDS, *BAD_DATES, "%ED%A0%80", "a&{name}=b", "1&{name}=1&{name}=2", "%2500", "%", "%zz"),
    *("+",),
)
"""As they stand in the address; `{name}` is the parameter's."""

SEGMENTS = (
    *(*BAD_IDS, *BAD_DATES, "%ED%A0%80", "%2F", "%2e%2e%2f", "%0D%0A", "%25", "a" * 2000, "%E2%80%AE", "*"),
    *("%5C", "~"),
)
"""Of a path."""

HEADERS = (
    *("", " ", "*", "a", '"', '""', '"1"', '"0"', "W/", 'W/"1"', '"1", "2"', '"' + "9" * 400 + '"', '"-1"'),
    *("1", '"1.0"', "a" * 255, "a" * 256, "a" * 4000, "\xff", "caf\xe9", "\x01", "\x7f", "\t", "a b", "é"),
    *("%00", "../..", "'", "{}", ",", "Bearer", "Bearer ", "Bearer a.b.c", "Bearer " + "." * 2000),
    *("Basic YTpi", "bearer null", "Bearer a b", "Bearer \xff", "application/pdf", "text/html;q=0", "*/*;q=2"),
    *("application/json; charset=\xff", "a/b" * 500, "gzip", "bytes=0-0"),
)

LONGEST = 6000
"""What is to stand in an address: past 8,190 bytes gunicorn refuses by itself."""


def for_member(schema: dict[str, Any], good: Any) -> list[str]:
    """Return the JSON for a member of a body; `good` is what would do there."""
    return [*map(json.dumps, TEXTS), *WORDS, *around(schema), *map(json.dumps, repeated(good))]


def for_parameter(name: str, schema: dict[str, Any]) -> list[str]:
    """Return what to put after the name of a parameter."""
    texts = [quote(text) for text in TEXTS]
    edges = [quote(json.loads(word) if word.startswith('"') else word) for word in around(schema)]
    raw = [text.replace("{name}", name) for text in QUERIES]
    return [text for text in (*texts, *raw, *edges) if len(text) < LONGEST]


def around(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the JSON of what lies at the edges of a schema, within and without."""
    for bound in ("minimum", "maximum"):
        if bound in schema:
            yield from (str(schema[bound] + step) for step in (-1, 0, 1))
    for bound in ("minLength", "maxLength"):
        if bound in schema:
            yield from (json.dumps("x" * max(schema[bound] + step, 0)) for step in (-1, 0, 1))
    for word in schema.get("enum", ()):
        if isinstance(word, str):
            yield from (json.dumps(other) for other in (word, word.upper(), word.title(), f"{word} ", word[:-1]))


def repeated(good: Any) -> Iterator[Any]:
    """Yield what would do, once, twice and too often, where several may stand."""
    yield good
    if isinstance(good, list) and good:
        yield from ([good[0]] * 2, [good[0]] * 101, [good])
    if isinstance(good, str):
        yield from ([good], good.swapcase(), f" {good} ")


def files(good: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield files that are none: what is wrong, the name, the content."""
    for name in ("", "../../x", "C:\\x", "a" * 300, "\u202egpj.exe", "😀.png", "x;y", "a\tb", "%00.jpg"):
        yield f"named {name[:60]}", name, good
    for place in range(0, len(good), max(len(good) // 20, 1)):
        yield f"cut at {place}", "a file", good[:place]
        yield f"spoilt at {place}", "a file", good[:place] + b"\xff\x00" + good[place + 2 :]
    for kind in (
        b"<svg onload='alert(1)'/>",
        b"GIF89a",
        b"\x00" * 1000,
        b"%PDF-1.4",
        b"name\n" * 5000,
        b'"',
        b"\xff\xfe",
    ):
        yield f"{kind[:10]!r} instead", "a file", kind
