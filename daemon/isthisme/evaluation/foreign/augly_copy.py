"""Edits pictures with AugLy. One JSON line {"path", "kind", "seed", "out"} in, one {"box"} or {"missing"} out.

The box is where the photo shows, (left, top, right, bottom) in pixels of the copy, or null where AugLy cannot tell.
"""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Edit = Callable[[Any, random.Random, dict[str, Any]], Any]


def edits() -> dict[str, Edit]:
    """By the name of AugLy's function; the strengths are ours, drawn from the generator."""
    import augly.image as augly
    from augly import utils

    emoji = sorted(Path(utils.EMOJI_DIR).rglob("*.png"))
    return {
        "overlay_emoji": lambda photo, chance, told: augly.overlay_emoji(
            photo,
            emoji_path=str(chance.choice(emoji)),
            emoji_size=chance.uniform(0.15, 0.4),
            x_pos=chance.uniform(0, 0.6),
            y_pos=chance.uniform(0, 0.6),
            **told,
        ),
        "overlay_text": lambda photo, chance, told: augly.overlay_text(
            photo,
            text=[chance.randrange(1, 90) for _ in range(chance.randrange(6, 16))],
            font_size=chance.uniform(0.08, 0.18),
            color=tuple(chance.randrange(256) for _ in range(3)),
            x_pos=chance.uniform(0, 0.3),
            y_pos=chance.uniform(0, 0.8),
            **told,
        ),
        "overlay_stripes": lambda photo, chance, told: augly.overlay_stripes(
            photo,
            line_width=chance.uniform(0.1, 0.35),
            line_angle=chance.uniform(0, 180),
            line_density=chance.uniform(0.1, 0.4),
            line_opacity=chance.uniform(0.4, 0.9),
            **told,
        ),
        "meme_format": lambda photo, chance, told: augly.meme_format(
            photo, text=chance.choice(("LOL", "when it is monday", "nobody:")), caption_height=120, **told
        ),
        "overlay_onto_screenshot": lambda photo, chance, told: augly.overlay_onto_screenshot(
            photo, template_filepath=str(Path(utils.SCREENSHOT_TEMPLATES_DIR) / chance.choice(SCREENS)), **told
        ),
        "pad": lambda photo, chance, told: augly.pad(
            photo, w_factor=chance.uniform(0.05, 0.4), h_factor=chance.uniform(0.05, 0.4), **told
        ),
        "pad_square": lambda photo, chance, told: augly.pad_square(photo, **told),
        "crop": lambda photo, chance, told: augly.crop(
            photo,
            x1=chance.uniform(0, 0.25),
            y1=chance.uniform(0, 0.25),
            x2=chance.uniform(0.75, 1),
            y2=chance.uniform(0.75, 1),
            **told,
        ),
        "change_aspect_ratio": lambda photo, chance, told: augly.change_aspect_ratio(
            photo, ratio=chance.uniform(0.6, 1.8), **told
        ),
        "hflip": lambda photo, chance, told: augly.hflip(photo, **told),
        "vflip": lambda photo, chance, told: augly.vflip(photo, **told),
        "rotate": lambda photo, chance, told: augly.rotate(photo, degrees=chance.uniform(-30, 30), **told),
        "perspective_transform": lambda photo, chance, told: augly.perspective_transform(
            photo, sigma=chance.uniform(20, 60), seed=chance.randrange(1 << 30), **told
        ),
        "skew": lambda photo, chance, told: augly.skew(
            photo, skew_factor=chance.uniform(-0.4, 0.4), axis=chance.randrange(2), **told
        ),
        "scale": lambda photo, chance, told: augly.scale(photo, factor=chance.uniform(0.2, 0.5), **told),
        "opacity": lambda photo, chance, told: augly.opacity(photo, level=chance.uniform(0.4, 0.8), **told),
        "encoding_quality": lambda photo, chance, told: augly.encoding_quality(
            photo, quality=chance.randrange(8, 40), **told
        ),
        "blur": lambda photo, chance, told: augly.blur(photo, radius=chance.uniform(2, 5), **told),
        "pixelization": lambda photo, chance, told: augly.pixelization(photo, ratio=chance.uniform(0.1, 0.3), **told),
        "shuffle_pixels": lambda photo, chance, told: augly.shuffle_pixels(
            photo, factor=chance.uniform(0.05, 0.2), seed=chance.randrange(1 << 30), **told
        ),
        "random_noise": lambda photo, chance, told: augly.random_noise(
            photo, var=chance.uniform(0.005, 0.03), seed=chance.randrange(1 << 30), **told
        ),
        "brightness": lambda photo, chance, told: augly.brightness(
            photo, factor=chance.choice((chance.uniform(0.4, 0.7), chance.uniform(1.4, 1.9))), **told
        ),
        "contrast": lambda photo, chance, told: augly.contrast(
            photo, factor=chance.choice((chance.uniform(0.4, 0.7), chance.uniform(1.4, 2.2))), **told
        ),
        "saturation": lambda photo, chance, told: augly.saturation(
            photo, factor=chance.choice((chance.uniform(0, 0.5), chance.uniform(2, 4))), **told
        ),
        "color_jitter": lambda photo, chance, told: augly.color_jitter(
            photo,
            brightness_factor=chance.uniform(0.7, 1.4),
            contrast_factor=chance.uniform(0.7, 1.4),
            saturation_factor=chance.uniform(0.5, 1.8),
            **told,
        ),
        "grayscale": lambda photo, chance, told: augly.grayscale(photo, **told),
        "sharpen": lambda photo, chance, told: augly.sharpen(photo, factor=chance.uniform(4, 15), **told),
    }


SCREENS = ("mobile.png", "web.png")
# Their boxes are upright ones around a shape that is not, or hold black bars beside the photo.
UNTOLD = {"rotate", "perspective_transform", "skew", "overlay_onto_screenshot"}


def main() -> None:
    from PIL import Image

    known = edits()
    for line in sys.stdin:
        asked = json.loads(line)
        metadata: list[dict[str, Any]] = []
        answer: dict[str, Any]
        try:
            photo = Image.open(asked["path"]).convert("RGB")
            # In pixels: AugLy 1.0 forgets to move boxes given as shares.
            told = {"metadata": metadata, "bboxes": [(0, 0, *photo.size)], "bbox_format": "pascal_voc"}
            made = known[asked["kind"]](photo, random.Random(asked["seed"]), told)  # noqa: S311 - edits, no secrets
            made.convert("RGB").save(asked["out"], "JPEG", quality=90)
            answer = {"box": None if asked["kind"] in UNTOLD else metadata[-1]["dst_bboxes"][0]}
        except Exception as error:  # noqa: BLE001 - whatever AugLy or its missing assets raise is the answer
            answer = {"missing": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
