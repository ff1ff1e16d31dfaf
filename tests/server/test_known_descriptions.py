"""A picture that was met before is not described again, nor judged again beside the same candidates."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from isthisme.domain import Candidate, Judgement, QueryDescription, Reason, ReferencePreview, Verdict
from isthisme.errors import UnreadableImage
from isthisme.server.known_descriptions import RememberingDescriber

REFERENCE = ReferencePreview(Candidate(1, None, 0.9, 0.3), b"a preview", 90, 60)
NO_COPY = Judgement(Verdict.NO_COPY, 0.0, (), None)
UNDECIDED = Judgement(Verdict.UNDECIDED, 0.0, (), Reason("too_plain", "Too plain to tell."))


class Describer:
    """Tells what it was asked; every picture looks the same to it."""

    def __init__(self) -> None:
        self.described: list[tuple[bytes, bool]] = []
        self.verified: list[tuple[bytes, bool]] = []
        self.judgement = NO_COPY

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        self.described.append((data, deep))
        if data == b"broken":
            raise UnreadableImage("the picture is cut off")
        descriptors = np.zeros((11, 512), np.int8)
        return QueryDescription("model", 9, 9, data, np.zeros(4, np.uint64), (), descriptors, None)

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        assert references
        self.verified.append((data, deep))
        return self.judgement


@pytest.fixture
def asked() -> Describer:
    return Describer()


@pytest.fixture
def describer(asked: Describer) -> RememberingDescriber:
    return RememberingDescriber(asked)


def test_a_picture_is_described_and_judged_once(describer: RememberingDescriber, asked: Describer) -> None:
    first, second = (describer.describe_query(b"a", deep=False) for _ in range(2))
    assert first is second
    assert [describer.verify(b"a", [REFERENCE], deep=False) for _ in range(2)] == [NO_COPY, NO_COPY]
    assert (asked.described, asked.verified) == ([(b"a", False)], [(b"a", False)])


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param([REFERENCE, REFERENCE], id="one more candidate"),
        pytest.param([replace(REFERENCE, preview=b"another")], id="another preview"),
        pytest.param([replace(REFERENCE, height=61)], id="another size"),
        pytest.param([replace(REFERENCE, candidate=Candidate(2, None, 0.9, 0.3))], id="another photo"),
        pytest.param([replace(REFERENCE, candidate=Candidate(1, None, 0.9, 0.2))], id="another background"),
    ],
)
def test_other_candidates_are_judged_anew(
    describer: RememberingDescriber, asked: Describer, changed: list[ReferencePreview]
) -> None:
    describer.describe_query(b"a", deep=False)
    for references in ([REFERENCE], changed, changed):
        describer.verify(b"a", references, deep=False)
    assert len(asked.verified) == 2
    assert len(asked.described) == 1


def test_what_could_not_be_told_is_tried_again(describer: RememberingDescriber, asked: Describer) -> None:
    asked.judgement = UNDECIDED
    describer.describe_query(b"a", deep=False)
    for _ in range(2):
        assert describer.verify(b"a", [REFERENCE], deep=False) is UNDECIDED
        with pytest.raises(UnreadableImage):
            describer.describe_query(b"broken", deep=False)
    assert len(asked.verified) == 2
    assert asked.described.count((b"broken", False)) == 2


def test_a_deep_look_is_a_look_of_its_own(describer: RememberingDescriber, asked: Describer) -> None:
    for deep in (False, True, True):
        describer.describe_query(b"a", deep=deep)
        describer.verify(b"a", [REFERENCE], deep=deep)
    looks = [(b"a", False), (b"a", True), (b"a", True)]
    assert (asked.described, asked.verified) == (looks, looks)


def test_what_was_not_met_for_longest_makes_room(asked: Describer) -> None:
    describer = RememberingDescriber(asked, most_bytes=20_000)  # two pictures and a bit
    for data in (b"a", b"b", b"a", b"c", b"a", b"b"):
        describer.describe_query(data, deep=False)
        describer.verify(data, [REFERENCE], deep=False)
    assert [data for data, _ in asked.described] == [b"a", b"b", b"c", b"b"]
