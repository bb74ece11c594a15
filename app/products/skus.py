"""What a product is called in writing: its SKU."""

import unicodedata


def sku_key(sku: str) -> str:
    """Return the form by which a SKU is found: two that differ by capitals alone, or by how é is typed, are one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", sku).casefold())
