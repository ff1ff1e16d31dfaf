"""The processes of a home folder: the daemon, its workers and the browsers' hosts."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.soak.browser import Browser


@dataclass(slots=True)
class Processes:
    home: Path
    browsers: list[Browser]
    _seen: set[psutil.Process] = field(default_factory=set)

    def daemon(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int((self.home / "daemon.lock").read_text()))
            if process.status() == psutil.STATUS_ZOMBIE or not any("isthisme" in word for word in process.cmdline()):
                return None
        except (OSError, ValueError, psutil.Error):
            return None
        self._seen.add(process)
        return process

    def workers(self) -> list[psutil.Process]:
        daemon = self.daemon()
        try:
            found = [] if daemon is None else daemon.children(recursive=True)
            workers = [each for each in found if any("isthisme.workers" in word for word in each.cmdline())]
        except psutil.Error:
            return []
        self._seen.update(workers)
        return workers

    def hosts(self) -> list[psutil.Process]:
        found = []
        for browser in self.browsers:
            if browser.host is not None and browser.host.returncode is None:
                try:
                    found.append(psutil.Process(browser.host.pid))
                except psutil.Error:
                    continue
        self._seen.update(found)
        return found

    def of_role(self, role: str) -> list[psutil.Process]:
        match role:
            case "daemon":
                daemon = self.daemon()
                return [] if daemon is None else [daemon]
            case "worker":
                return self.workers()
            case _:
                return self.hosts()

    def left(self, seconds: float) -> list[psutil.Process]:
        """Those of all ever seen that live when that time is over."""
        end = time.monotonic() + seconds
        while (alive := [each for each in self._seen if _lives(each)]) and time.monotonic() < end:
            time.sleep(0.1)
        return alive

    def forget_dead(self) -> None:
        self._seen = {each for each in self._seen if _lives(each)}


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
