"""Pictures kept in memory: the last used, so many bytes, so long."""

from isthisme.acquire.recent_pictures import Fetched, RecentPictures


def picture(size: int) -> Fetched:
    return Fetched(b"x" * size, "http://example.org/", None)


def test_what_was_put_is_there() -> None:
    recent = RecentPictures(100, 60)
    recent.put("a", kept := picture(10))
    assert recent.get("a") is kept
    assert recent.get("b") is None


def test_the_least_recently_used_goes_first() -> None:
    recent = RecentPictures(100, 60)
    recent.put("a", picture(40))
    recent.put("b", picture(40))
    recent.get("a")
    recent.put("c", picture(40))
    assert [key for key in "abc" if recent.get(key)] == ["a", "c"]


def test_the_same_key_counts_once() -> None:
    recent = RecentPictures(100, 60)
    for _ in range(10):
        recent.put("a", picture(40))
    recent.put("b", picture(60))
    assert recent.get("a")
    assert recent.get("b")


def test_a_picture_larger_than_all_room_is_not_kept() -> None:
    recent = RecentPictures(100, 60)
    recent.put("a", picture(101))
    assert recent.get("a") is None


def test_a_picture_is_too_old_after_its_time() -> None:
    now = 0.0
    recent = RecentPictures(100, 60, clock=lambda: now)
    recent.put("a", picture(10))
    now = 60.0
    assert recent.get("a")
    now = 60.1
    assert recent.get("a") is None
    now = 0.0
    assert recent.get("a") is None


def test_nothing_is_left_after_clearing() -> None:
    recent = RecentPictures(100, 60)
    recent.put("a", picture(100))
    recent.clear()
    assert recent.get("a") is None
    recent.put("b", picture(100))
    assert recent.get("b")
