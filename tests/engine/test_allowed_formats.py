"""The formats are an allow-list, for the whole process: no other decoder is there, and none comes later."""

import importlib
import io
import subprocess
import sys

import pytest
from PIL import Image

from isthisme.engine.decode import decode
from isthisme.errors import UnreadableImage

_OTHERS = """
import sys
from isthisme.engine.decode import decode
from isthisme.errors import UnreadableImage
from PIL import Image
for data in (b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\\n%%BoundingBox: 0 0 9 9\\n", b"P6 1 1 255 \\0\\0\\0"):
    try:
        decode(data, target_side=9)
    except UnreadableImage:
        pass
    else:
        raise SystemExit("read")
Image.preinit(); Image.init()
print(sorted(Image.ID), sorted(Image.OPEN))
print(sorted(name for name in sys.modules if name.startswith("PIL.") and name.endswith("Plugin")))
print("subprocess" in sys.modules and hasattr(sys.modules.get("PIL"), "EpsImagePlugin"))
"""


def test_pillow_has_our_decoders_and_loads_no_others() -> None:
    ran = subprocess.run([sys.executable, "-I", "-c", _OTHERS], capture_output=True, check=True, text=True)
    kinds = "['AVIF', 'BMP', 'GIF', 'HEIF', 'JPEG', 'PNG', 'TIFF', 'WEBP']"
    loaded, plugins, shells_out = ran.stdout.splitlines()
    assert loaded == f"{kinds} {kinds}"
    ours = ("Avif", "Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
    assert plugins == str([f"PIL.{each}ImagePlugin" for each in ours])
    assert shells_out == "False"


@pytest.mark.parametrize("kind", ["Ppm", "Pcx", "Tga", "Ico", "Jpeg2K"])
def test_a_picture_of_another_format_is_refused_even_where_its_decoder_was_loaded(kind: str) -> None:
    importlib.import_module(f"PIL.{kind}ImagePlugin")
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32)).save(buffer, {"Jpeg2K": "JPEG2000"}.get(kind, kind))
    with pytest.raises(UnreadableImage, match="no picture that we read"):
        decode(buffer.getvalue(), target_side=32)
