"""Real hosts between real pipes and a real socket: limits, back-pressure, ends."""

import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.native_host.browser_end import PATIENCE_SECONDS, BrowserEnd

MIB = 2**20
type OpenBrowser = Callable[..., BrowserEnd]


def test_a_frame_goes_there_and_back(browser: BrowserEnd) -> None:
    assert browser.ask(do="echo", text="中文 ✓") == {"do": "echo", "text": "中文 ✓"}


def test_frames_may_come_byte_by_byte(browser: BrowserEnd) -> None:
    payload = b'{"do": "echo"}'
    for byte in struct.pack("=I", len(payload)) + payload:
        browser.send_bytes(bytes([byte]))
    assert browser.receive() == payload


def test_many_frames_may_come_in_one_piece(browser: BrowserEnd) -> None:
    payloads = [b'{"do": "echo", "n": %d}' % number for number in range(500)]
    browser.send_bytes(b"".join(struct.pack("=I", len(payload)) + payload for payload in payloads))
    assert [browser.receive() for _ in payloads] == payloads


def test_an_empty_frame_passes_both_ways(browser: BrowserEnd) -> None:
    browser.send(b"")
    assert browser.receive() == b""


def test_what_is_not_json_passes_both_ways(browser: BrowserEnd) -> None:
    browser.send(b"\x00\xff not json")
    assert browser.receive() == b"\x00\xff not json"


def test_the_largest_frame_reaches_the_daemon(browser: BrowserEnd) -> None:
    start = b'{"do": "measure", "padding": "'
    browser.send(start + b"x" * (16 * MIB - len(start) - 2) + b'"}')
    assert browser.answer() == {"length": 16 * MIB}


@pytest.mark.parametrize("announced", [16 * MIB + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_larger_frame_is_refused_with_both_numbers(browser: BrowserEnd, announced: int) -> None:
    browser.send_bytes(struct.pack("=I", announced))
    error = browser.answer()
    assert (error["type"], error["code"], error["may_retry"]) == ("error", "frame_too_large", False)
    assert str(announced) in error["message"]
    assert str(16 * MIB) in error["message"]
    assert browser.has_ended()
    assert browser.exit_code() == 1


def test_a_frame_over_the_limit_is_refused_while_its_body_arrives(browser: BrowserEnd) -> None:
    writer = threading.Thread(target=_try_to_send, args=[browser, b"x" * (17 * MIB)], daemon=True)
    writer.start()
    assert browser.answer()["code"] == "frame_too_large"
    assert browser.has_ended()
    writer.join(PATIENCE_SECONDS)
    assert not writer.is_alive()


def test_the_largest_frame_reaches_the_browser(browser: BrowserEnd) -> None:
    browser.send(json.dumps({"do": "grow", "bytes": MIB}).encode())
    assert browser.receive() == b" " * MIB


def test_a_larger_frame_never_reaches_the_browser(browser: BrowserEnd) -> None:
    error = browser.ask(do="grow", bytes=MIB + 1)
    assert error["code"] == "frame_too_large"
    assert "to the browser" in error["message"]
    assert str(MIB + 1) in error["message"]
    assert browser.has_ended()


def test_large_frames_go_both_ways_at_once(browser: BrowserEnd) -> None:
    payload = b"x" * (MIB - 10)
    frames = (struct.pack("=I", len(payload)) + payload) * 20
    writer = threading.Thread(target=browser.send_bytes, args=[frames], daemon=True)
    writer.start()
    assert all(browser.receive() == payload for _ in range(20))
    writer.join(PATIENCE_SECONDS)
    assert not writer.is_alive()


def test_a_browser_that_does_not_read_is_made_to_wait_and_loses_nothing(browser: BrowserEnd) -> None:
    payload = b"x" * 100_000
    sent = 0
    done = threading.Event()

    def send_all() -> None:
        nonlocal sent
        for _ in range(200):
            browser.send(payload)
            sent += 1
        done.set()

    threading.Thread(target=send_all, daemon=True).start()
    assert not done.wait(1)
    assert sent * len(payload) < 8 * MIB  # 20 MB would have to be held somewhere otherwise
    assert all(browser.receive() == payload for _ in range(200))
    assert done.wait(PATIENCE_SECONDS)


def test_a_daemon_that_does_not_read_makes_the_browser_wait(browser: BrowserEnd) -> None:
    browser.send(b'{"do": "deafen"}')
    writer = threading.Thread(target=_try_to_send, args=[browser, struct.pack("=I", 10 * MIB) + b"x" * 10 * MIB])
    writer.start()
    writer.join(1)
    assert writer.is_alive()
    assert _resident_bytes(browser.process.pid) < 40 * MIB
    browser.process.kill()
    writer.join(PATIENCE_SECONDS)


def test_waiting_costs_no_time(browser: BrowserEnd) -> None:
    before = _processor_seconds(browser.process.pid)
    time.sleep(1)
    assert _processor_seconds(browser.process.pid) - before < 0.05


@pytest.mark.parametrize("last_bytes", [b"", b"\x01", b"\x10\x00\x00\x00", b"\x10\x00\x00\x00half", b"\x00" * 4])
def test_the_host_ends_with_its_input(browser: BrowserEnd, last_bytes: bytes) -> None:
    browser.send_bytes(last_bytes)
    browser.input.close()
    assert browser.exit_code() == 0


def test_the_host_ends_with_its_input_though_the_daemon_does_not_read(browser: BrowserEnd) -> None:
    browser.send(b'{"do": "deafen"}')
    os.set_blocking(browser.input.fileno(), False)
    while browser.input.write(struct.pack("=I", MIB) + b"x" * MIB):
        time.sleep(0.05)
    browser.input.close()
    assert browser.exit_code() == 0


def test_the_host_ends_with_its_input_though_the_browser_does_not_read(browser: BrowserEnd) -> None:
    for _ in range(4):
        browser.send(b'{"do": "grow", "bytes": 1000000}')
    time.sleep(0.3)
    browser.input.close()
    assert browser.exit_code() == 0


def test_the_host_ends_when_nobody_listens_any_more(browser: BrowserEnd) -> None:
    browser.output.close()
    assert browser.exit_code() == 0


def test_the_host_ends_on_sigterm(browser: BrowserEnd) -> None:
    browser.process.terminate()
    assert browser.exit_code() == -signal.SIGTERM


def test_the_host_does_not_outlive_a_killed_browser(
    environment: dict[str, str], host_command: list[str], wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    start_host_and_wait = (
        "import subprocess, sys, time\n"
        "host = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(host.pid, host.stdout.read(4), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", start_host_and_wait, *host_command]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        host = psutil.Process(int(killed.stdout.readline().split()[0]))
        killed.kill()
    wait_until(lambda: _has_ended(host))


def test_a_daemon_that_dies_is_reported(browser: BrowserEnd, home: Path) -> None:
    error = browser.ask(do="die")
    assert (error["type"], error["code"], error["may_retry"]) == ("error", "daemon_gone", True)
    assert str(home / "daemon.log") in error["message"]
    assert browser.has_ended()
    assert browser.exit_code() == 1


def test_a_frame_that_the_daemon_did_not_finish_is_dropped(browser: BrowserEnd) -> None:
    assert browser.ask(do="half")["code"] == "daemon_gone"
    assert browser.has_ended()


def test_the_last_answers_of_a_daemon_arrive_before_the_news_of_its_end(browser: BrowserEnd) -> None:
    assert [browser.ask(do="leave"), browser.answer(), browser.answer()] == [{"number": number} for number in range(3)]
    assert browser.answer()["code"] == "daemon_gone"


def test_after_the_daemons_death_the_next_host_starts_another(browser: BrowserEnd, open_browser: OpenBrowser) -> None:
    assert browser.ask(do="die")["code"] == "daemon_gone"
    assert open_browser().ask(do="echo", n=1) == {"do": "echo", "n": 1}


def test_a_browser_that_never_reads_the_last_word_is_not_waited_for_long(browser: BrowserEnd) -> None:
    fcntl.fcntl(browser.output.fileno(), fcntl.F_SETPIPE_SZ, 4096)
    browser.send(b'{"do": "grow", "bytes": 30000}')
    time.sleep(0.3)
    browser.send(b'{"do": "die"}')
    assert browser.exit_code() == 1  # after two seconds


def _try_to_send(browser: BrowserEnd, payload: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ValueError):
        browser.send(payload)


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
