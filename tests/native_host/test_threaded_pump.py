"""The pump of Windows keeps what the other one keeps: the same tests, in hosts that run it here."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.native_host import test_pump, test_start
from tests.native_host.browser_end import CALLER, HOST, BrowserEnd

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
