"""What kind of picture bytes are, by how they begin: pages lie about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaType:
    name: str
    ending: str  # of a file's name


UNKNOWN = MediaType("application/octet-stream", "bin")
_JPEG = MediaType("image/jpeg", "jpg")
_PNG = MediaType("image/png", "png")
_BEGINNINGS = {
    b"\xff\xd8\xff": _JPEG,
    b"\x89PNG\r\n\x1a\n": _PNG,
    b"GIF87a": MediaType("image/gif", "gif"),
    b"GIF89a": MediaType("image/gif", "gif"),
    b"BM": MediaType("image/bmp", "bmp"),
    b"II*\0": MediaType("image/tiff", "tiff"),
    b"MM\0*": MediaType("image/tiff", "tiff"),
}
_BRANDS = {
    b"avif": MediaType("image/avif", "avif"),
    b"avis": MediaType("image/avif", "avif"),
    b"heic": MediaType("image/heic", "heic"),
    b"heix": MediaType("image/heic", "heic"),
    b"mif1": MediaType("image/heif", "heif"),
}


def media_type_of(data: bytes) -> MediaType:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return MediaType("image/webp", "webp")
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], UNKNOWN)
    return next((kind for start, kind in _BEGINNINGS.items() if data.startswith(start)), UNKNOWN)
