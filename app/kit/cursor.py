"""Signed keyset cursors: where a page ended, in a form the caller cannot edit."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

import orjson

_SIGNATURE_BYTES = 16
_LONGEST = 2048

Key = str | int | float | bool | None | datetime


class CursorError(ValueError):
    """The text is not a cursor that this key signed."""


def encode_cursor(values: Sequence[Key], key: bytes) -> str:
    """Return an opaque, URL-safe text for the last row's sort values; `datetime`s are tagged and keep UTC."""
    body = orjson.dumps([_pack(value) for value in values])
    return _text(_sign(body, key) + body)


def decode_cursor(text: str, key: bytes) -> list[Key]:
    """Return the values that `encode_cursor` was given. Raises `CursorError` for anything else."""
    if len(text) > _LONGEST or not text.isascii():
        raise CursorError(text[:20])
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise CursorError(text[:20]) from error
    if _text(raw) != text:  # the last character has bits to spare
        raise CursorError(text[:20])
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        raise CursorError(text[:20])
    return [_unpack(value) for value in orjson.loads(body)]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"cursor:" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _pack(value: Key) -> object:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _unpack(value: object) -> Key:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"])
    return value  # type: ignore[return-value]  # the signature proves that `encode_cursor` wrote it
