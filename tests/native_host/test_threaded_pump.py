"""The pump of Windows keeps what the other one keeps: the same tests, in hosts that run it here."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from isthisme_host.frames import FrameTooLargeError, framed
from isthisme_host.threaded_pump import Pump
from tests.native_host import test_pump, test_start
from tests.native_host.browser_end import CALLER, HOST, PATIENCE_SECONDS, BrowserEnd

KEPT_BY_BOTH = (
    test_pump.test_a_browser_that_never_reads_the_last_word_is_not_waited_for_long,
    test_pump.test_a_daemon_that_dies_is_reported,
    test_pump.test_a_frame_goes_there_and_back,
    test_pump.test_a_frame_over_the_limit_is_refused_while_its_body_arrives,
    test_pump.test_a_frame_that_the_daemon_did_not_finish_is_dropped,
    test_pump.test_a_larger_frame_is_refused_with_both_numbers,
    test_pump.test_a_larger_frame_never_reaches_the_browser,
    test_pump.test_an_empty_frame_passes_both_ways,
    test_pump.test_frames_may_come_byte_by_byte,
    test_pump.test_large_frames_go_both_ways_at_once,
    test_pump.test_many_frames_may_come_in_one_piece,
    test_pump.test_the_host_ends_with_its_input,
    test_pump.test_the_host_ends_with_its_input_though_the_browser_does_not_read,
    test_pump.test_the_largest_frame_reaches_the_browser,
    test_pump.test_the_largest_frame_reaches_the_daemon,
    test_pump.test_the_last_answers_of_a_daemon_arrive_before_the_news_of_its_end,
    test_start.test_a_start_is_announced_before_any_answer,
    test_start.test_more_than_the_pipe_holds_may_be_sent_while_the_daemon_starts,
    test_start.test_the_host_ends_with_its_input_while_the_daemon_starts,
)
globals().update({each.__name__: each for each in KEPT_BY_BOTH})

WITH_THREADS = [
    *HOST[:-1],
    HOST[-1].replace(
        "from isthisme_host.__main__ import main; main()",
        "from isthisme_host import __main__ as host, threaded_pump; host.Pump = threaded_pump.Pump; host.main()",
    ),
]


@pytest.fixture
def open_browser(environment: dict[str, str]) -> Iterator[Callable[..., BrowserEnd]]:
    with contextlib.ExitStack() as stack:

        def start(caller: tuple[str, ...] = (CALLER,), **variables: str) -> BrowserEnd:
            browser = BrowserEnd({**environment, **variables}, list(caller), command=WITH_THREADS)
            stack.callback(browser.close)
            return browser

        yield start


def test_these_hosts_have_a_thread_for_each_end(browser: BrowserEnd) -> None:
    threads = Path(f"/proc/{browser.process.pid}/task")
    assert len(list(threads.iterdir())) == 5


class Talker:
    """A daemon that says one thing after another, the last ones when it is let."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._left = 3
        self.may_go_on = threading.Event()
        self.has_said_all = threading.Event()

    def recv(self, _most: int) -> bytes:
        self._left -= 1
        if self._left == 1:
            assert self.may_go_on.wait(PATIENCE_SECONDS)
        if self._left < 0:
            self.has_said_all.set()
            return b""
        return self._frame

    def sendall(self, _data: bytes) -> None:
        pass


def test_nothing_follows_the_hosts_last_word() -> None:
    to_host, from_host = os.pipe(), os.pipe()
    pump = Pump(to_host[0], from_host[1])
    talker = Talker(framed(b"said"))
    pump.attach(talker)  # type: ignore[arg-type]
    assert os.read(from_host[0], 8) == framed(b"said")
    os.write(to_host[1], b"\xff" * 4)
    with pytest.raises(FrameTooLargeError):
        pump.turn(PATIENCE_SECONDS)
    pump.say(framed(b"last"))
    talker.may_go_on.set()
    assert talker.has_said_all.wait(PATIENCE_SECONDS)
    pump.finish(PATIENCE_SECONDS)
    os.close(to_host[1])
    assert os.read(from_host[0], 1 << 16) == framed(b"last")
