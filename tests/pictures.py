"""Pictures for tests: made from nothing, each as different from the next as two photos are."""

from pathlib import Path

from isthisme.evaluation.scenes import encoded
from isthisme.evaluation.scenes import scene as drawn

__all__ = ["drawn", "encoded", "write_photos"]


def write_photos(folder: Path, seeds: range) -> list[Path]:
    """One JPEG for each seed, named after it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"photo_{seed:03}.jpg" for seed in seeds]
    for seed, path in zip(seeds, paths, strict=True):
        path.write_bytes(encoded(drawn(seed)))
    return paths
