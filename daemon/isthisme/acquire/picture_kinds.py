"""Telling by the first bytes whether they can be the picture that a browser showed."""

_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM")
_AVIF_BRANDS = frozenset({b"avif", b"avis", b"mif1", b"msf1"})


def is_kind_that_browsers_show(data: bytes) -> bool:
    """Whether this is a JPEG, PNG, GIF, WebP, AVIF or BMP: kinds that browsers show and our decoders read."""
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    if data[4:8] == b"ftyp":
        return data[8:12] in _AVIF_BRANDS
    return data.startswith(_BEGINNINGS)
