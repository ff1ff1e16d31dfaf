"""What is held back, for how long, and what comes of it."""

import pytest

from isthisme.indexing.settling import OPEN_CALM_SECONDS, WRITTEN_CALM_SECONDS, Calm, Settling, outermost


def test_a_path_is_held_back_until_nothing_has_happened_to_it_for_a_moment() -> None:
    settling = Settling()
    settling.note(b"/a.jpg", 0.0, is_written=True)
    settling.note(b"/a.jpg", 0.2, is_written=True)
    settling.note(b"/b.jpg", 0.1, is_written=True)
    assert settling.next_due() == pytest.approx(0.1 + WRITTEN_CALM_SECONDS)
    assert settling.take(0.1 + WRITTEN_CALM_SECONDS) == Calm(paths=[b"/b.jpg"])
    assert settling.next_due() == pytest.approx(0.2 + WRITTEN_CALM_SECONDS)
    assert settling.take(0.3) == Calm()
    assert settling.take(0.2 + WRITTEN_CALM_SECONDS) == Calm(paths=[b"/a.jpg"])
    assert settling.next_due() is None


def test_a_file_that_its_writer_has_not_closed_is_held_back_longer() -> None:
    settling = Settling()
    settling.note(b"/a.jpg", 0.0, is_written=False)
    assert settling.take(WRITTEN_CALM_SECONDS) == Calm()
    assert settling.take(OPEN_CALM_SECONDS) == Calm(paths=[b"/a.jpg"])


def test_a_file_that_is_closed_is_held_back_no_longer_than_one_that_was_never_open() -> None:
    settling = Settling()
    settling.note(b"/a.jpg", 0.0, is_written=False)
    settling.note(b"/a.jpg", 0.1, is_written=True)
    assert settling.next_due() == pytest.approx(0.1 + WRITTEN_CALM_SECONDS)
    assert settling.take(0.5) == Calm(paths=[b"/a.jpg"])
    settling.note(b"/a.jpg", 0.6, is_written=False)
    assert settling.next_due() == pytest.approx(0.6 + OPEN_CALM_SECONDS)
    assert settling.take(1.6) == Calm(paths=[b"/a.jpg"])
    assert settling.next_due() is None


def test_one_file_that_is_written_on_and_on_holds_no_other_back() -> None:
    settling = Settling()
    found = []
    settling.note(b"/done.jpg", 0.0, is_written=True)
    for tenth in range(50):
        settling.note(b"/grows.jpg", tenth / 10, is_written=False)
        found += settling.take(tenth / 10).paths
    assert found == [b"/done.jpg"]


def test_what_lies_in_a_folder_that_is_looked_at_is_not_looked_at_by_itself() -> None:
    settling = Settling()
    for path in (b"/p/a/1.jpg", b"/p/a.jpg", b"/p/a", b"/p/a/b/2.jpg"):
        settling.note(path, 0.0, is_written=True)
    assert settling.take(1.0).paths == [b"/p/a.jpg", b"/p/a"]


def test_outermost_paths_are_kept_in_the_order_of_what_is_below_them() -> None:
    assert outermost([b"/a0", b"/a/b", b"/a", b"/a", b"/a-"]) == [b"/a-", b"/a", b"/a0"]
    assert outermost([]) == []


def test_a_moved_folder_is_one_move_though_the_system_tells_of_all_that_is_in_it() -> None:
    settling = Settling()
    settling.note_move(b"/a", b"/b", 0.0)
    settling.note_move(b"/a/1.jpg", b"/b/1.jpg", 0.0)
    settling.note_move(b"/a/1.jpg", b"/c/1.jpg", 0.0)
    assert settling.take(1.0).moves == [(b"/a", b"/b"), (b"/a/1.jpg", b"/c/1.jpg")]


def test_too_much_at_once_becomes_everything_and_soon_though_it_goes_on() -> None:
    settling = Settling()
    now = 0.0
    for number in range(20_000):
        now = number / 2_000
        settling.count(now)
        settling.note(b"/%d.jpg" % number, now, is_written=True)
        calm = settling.take(now)
        if calm.everything:
            break
    assert calm.everything
    assert now < 10.0


def test_many_other_events_become_everything_too_since_some_may_have_been_lost() -> None:
    settling = Settling()
    for _ in range(6_000):
        settling.count(1.0)
    assert settling.take(3.0) == Calm(everything=True)
    assert settling.next_due() is None


def test_many_other_events_one_now_and_then_are_nothing() -> None:
    settling = Settling()
    for number in range(20_000):
        settling.count(float(number))
    assert settling.next_due() is None
