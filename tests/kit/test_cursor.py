import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.kit.cursor import CursorError, Key, decode_cursor, encode_cursor

KEY = b"k" * 32
OTHER_KEY = b"o" * 32

keys: st.SearchStrategy[Key] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.lists(keys, max_size=3))
def test_a_cursor_gives_back_what_it_was_made_of(values: list[Key]) -> None:
    assert decode_cursor(encode_cursor(values, KEY), KEY) == values


def test_an_instant_comes_back_as_the_same_instant() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=3)))
    assert decode_cursor(encode_cursor([at, 7], KEY), KEY) == [at, 7]


def test_a_cursor_can_stand_in_an_address() -> None:
    text = encode_cursor(["ÿ" * 40, 1], KEY)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_another_key_refuses_the_cursor() -> None:
    with pytest.raises(CursorError):
        decode_cursor(encode_cursor([1], KEY), OTHER_KEY)


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_byte_of_a_cursor_can_be_changed(position: int, mask: int) -> None:
    text = encode_cursor(["name", 12], KEY)
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[position % len(raw)] ^= mask
    with pytest.raises(CursorError):
        decode_cursor(base64.urlsafe_b64encode(raw).decode(), KEY)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("name", ["a", "ab", "abc"])
def test_a_cursor_is_written_in_one_way(name: str) -> None:
    """Bits of the last character that no byte needs, padding, and what lenient decoders skip, are no other cursor."""
    text = encode_cursor([name], KEY)
    others = [text[:-1] + letter for letter in LETTERS if letter != text[-1]]
    for other in (*others, f"{text}=", f"{text}==", f" {text}", f"{text}\n", f"{text[:9]}!{text[9:]}"):
        with pytest.raises(CursorError):
            decode_cursor(other, KEY)


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    assume(text != encode_cursor([], KEY))
    with pytest.raises(CursorError):
        decode_cursor(text, KEY)


def test_an_endless_text_is_refused() -> None:
    with pytest.raises(CursorError):
        decode_cursor("A" * 10_000, KEY)
