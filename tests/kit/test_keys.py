import hashlib
import hmac

from app.kit.keys import derive_key


def test_a_key_is_32_bytes_and_always_the_same() -> None:
    assert derive_key("secret", "cursors") == derive_key("secret", "cursors")
    assert len(derive_key("secret", "cursors")) == 32


def test_another_purpose_or_secret_gives_another_key() -> None:
    made = [derive_key("secret", "a"), derive_key("secret", "b"), derive_key("other", "a")]
    assert len(set(made)) == 3


def test_a_key_is_what_rfc_5869_makes_of_an_empty_salt_and_our_purpose() -> None:
    extracted = hmac.new(b"\x00" * 32, b"secret", hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"parlour a\x01", hashlib.sha256).digest()
    assert derive_key("secret", "a") == expanded
