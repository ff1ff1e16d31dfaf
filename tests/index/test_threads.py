import threading

import pytest

from isthisme.index.threads import in_threads


@pytest.mark.parametrize("parts", [0, 1, 2, 50])
def test_results_come_in_the_order_of_the_parts(parts: int) -> None:
    assert in_threads(lambda part: part * part, range(parts)) == [part * part for part in range(parts)]


def test_what_fails_in_one_part_fails_the_whole() -> None:
    def work(part: int) -> None:
        if part == 3:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        in_threads(work, range(8))


def test_threads_end_with_the_work() -> None:
    in_threads(lambda part: part, range(8))
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("search")]
