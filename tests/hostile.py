"""What hostile callers send: bodies that are none, values that no field takes, paths and pages that cannot be."""

JSON = "application/json"
BODIES: dict[str, tuple[bytes, int]] = {
    "array": (b"[]", 400),
    "null": (b"null", 400),
    "text": (b'"x"', 400),
    "number": (b"1", 400),
    "true": (b"true", 400),
    "blank": (b" ", 400),
    "truncated": (b'{"name": "x', 400),
    "two": (b"{}{}", 400),
    "broken UTF-8": (b'{"name": "\xff"}', 400),
    "byte order mark": (b"\xef\xbb\xbf{}", 400),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), 400),
    "NaN": (b'{"name": NaN}', 400),
    "1e999": (b'{"name": 1e999}', 400),
    "a key twice": (b'{"name": "x", "name": "x"}', 400),
    "deep": (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "deep and open": (b'{"a":' * 100_000, 400),
    "10 MB": (b'{"name": "' + b"x" * 10_000_000 + b'"}', 413),
}
TYPES: dict[str, dict[str, str]] = {
    "text/plain": {"Content-Type": "text/plain"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "multipart": {"Content-Type": "multipart/form-data; boundary=x"},
    "no type": {},
    "gzip": {"Content-Type": JSON, "Content-Encoding": "gzip"},
    "latin-1": {"Content-Type": f"{JSON}; charset=latin-1"},
}
VALUES: dict[str, str] = {
    "2^63": str(2**63),
    "-2^63-1": str(-(2**63) - 1),
    "400 digits": "9" * 400,
    "NUL": r'"a\u0000"',
    "half a pair": r'"\ud800"',
    "object": '{"a": {}}',
    "1.5": "1.5",
}
BAD_IDS = [
    *("0", "-1", "+1", "1.0", "1e3", "abc", "%00", "%20", "1%00", "%D9%A1", "%FF", "None", "..", "1;2"),
    *("2147483648", "9223372036854775807", "9223372036854775808", "9" * 200),
]
BAD_DATES = ["2026-02-30", "0000-01-01", "9999-12-31", "10000-01-01", "2026-1-1", "abc", "%00", "%D9%A1026-01-01"]
BAD_LIMITS = ["0", "-1", "abc", "", "101", "1e9", "1.0", str(2**63), "9" * 200, "%D9%A1"]
