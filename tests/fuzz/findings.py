"""Inputs that failed: kept under a name, once for each place that failed, and done again in every test run."""

import hashlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

KEPT = Path(__file__).parent / "findings"


def kept_findings() -> list[tuple[str, Path]]:
    """The target's name and the file of every input that once failed: `findings/TARGET/what-it-was.bin`."""
    return sorted((path.parent.name, path) for path in KEPT.glob("*/*.bin"))


def place_of(error: BaseException) -> str:
    """Where it failed, for telling findings apart: the kind of error and the innermost line of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "isthisme" in frame.filename.replace("native_host/", "")] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    words = f" {error}"[:100] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__}{words} at {where}"


@dataclass(slots=True)
class Recorder:
    """Saves the first input of every place."""

    folder: Path
    name: str
    places: dict[str, int] = field(default_factory=dict)

    def record(self, data: bytes, place: str, details: str = "") -> Path | None:
        """The file, where this place is new."""
        self.places[place] = self.places.get(place, 0) + 1
        if self.places[place] > 1:
            return None
        folder = self.folder / self.name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.bin"
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(f"{place}\n\n{details}\n\nAgain: scripts/fuzz {self.name} --input {path}\n")
        return path

    def told(self) -> Iterator[str]:
        for place, count in self.places.items():
            yield f"{count:,} x {place}"
