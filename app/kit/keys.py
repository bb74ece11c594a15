"""Several keys from one secret, so that a deployment needs to keep only one."""

import hashlib
import hmac

KEY_BYTES = 32


def derive_key(secret: str, purpose: str) -> bytes:
    """Return 32 bytes for `purpose`, by HKDF-SHA256 (RFC 5869) without salt."""
    prk = hmac.new(bytes(KEY_BYTES), secret.encode(), hashlib.sha256).digest()
    return hmac.new(prk, f"parlour {purpose}".encode() + b"\x01", hashlib.sha256).digest()
