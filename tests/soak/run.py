"""One run: everything is set up, browsed, broken, looked at and ended."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psutil

from tests.soak.afterwards import look_at_files, look_at_log_size
from tests.soak.album import Album
from tests.soak.audit import Auditor
from tests.soak.browser import Browser, host_environment
from tests.soak.deaths import Deaths
from tests.soak.disk import Disk
from tests.soak.faults import Chaos, plan_faults
from tests.soak.findings import Findings, Promise
from tests.soak.gauges import Gauges
from tests.soak.growth import growths, judge_growth
from tests.soak.judging import Judge
from tests.soak.jumping_clock import Offset, launcher
from tests.soak.ledger import Ledger, Thing
from tests.soak.plan import Plan
from tests.soak.processes import Processes
from tests.soak.settled import settled
from tests.soak.site import picture_site
from tests.soak.user import User
from tests.soak.visits import Pace, Tab, Web

_NAMES = ("chromium", "firefox")
_SETTLED_SECONDS = 300.0
_MOST_MORE_HANDLES = 16  # of an idle daemon at the end, over one that has just begun
_SETTINGS = """\
model = "{model}"
workers = {workers}
index_on_battery = true
index_while_busy = true
indexing_cpu_percent = 100
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run leaves to be told."""

    plan: Plan
    findings: Findings
    judge: Judge
    browsers: list[Browser]
    gauges: Gauges
    disk: Disk
    began: datetime
    ended: datetime
    seconds: float  # of browsing
    images: int
    site_requests: int


async def run(plan: Plan, folder: Path, disk: Disk, say: Callable[[str], None]) -> Run:
    """In a folder that is empty save for `home`, on its disk. Ends every process that it started, whatever happens."""
    began = datetime.now(UTC)
    (folder / "tmp").mkdir()
    home = folder / "home"
    (home / "settings.toml").write_text(_SETTINGS.format(model=plan.model, workers=plan.workers))
    album = Album(folder / "photos", plan.photos)
    clock = Offset(folder / "clock")
    python = launcher(folder, folder / "clock")
    environment = host_environment(folder, home, python)
    command = [sys.executable, "-m", "isthisme", "folders", "add", *map(str, album.folders)]
    await asyncio.to_thread(subprocess.run, command, env=environment, check=True, capture_output=True)
    findings, ledger, deaths = Findings(), Ledger(), Deaths(plan.patience.notice)
    for path in album.folders:
        ledger.kept(Thing.FOLDER, str(path))
    browsers = [Browser(name, environment, findings, deaths, plan.patience) for name in _NAMES]
    processes = Processes(home, browsers)
    judge = Judge(album, findings)
    gauges = Gauges(processes, home, plan.sample_seconds)
    keeping = [asyncio.create_task(browser.run()) for browser in browsers]
    try:
        async with picture_site() as site:
            auditor = Auditor(ledger, judge, findings)
            chaos = Chaos(
                site, album, disk, clock, processes, browsers, deaths, auditor, findings, environment, plan.scale
            )
            web = Web(site, album, judge, ledger, findings, plan.patience, count())
            pace, seconds = await _browse(plan, chaos, web, gauges, say)
        await _end(home, processes, browsers, findings, plan.patience.end)
        await asyncio.gather(*keeping)
        await asyncio.to_thread(look_at_files, home, folder / "tmp", album, ledger, findings)
        if plan.has_slopes:
            look_at_log_size(gauges, findings)
            judge_growth(growths(gauges, plan.warm_up_seconds), findings)
        ended, requests = datetime.now(UTC), site.asked.total()
        return Run(plan, findings, judge, browsers, gauges, disk, began, ended, seconds, pace.asked, requests)
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        disk.free()
        processes.workers()  # to be remembered, as their daemon is
        for process in processes.left(0.0):
            with contextlib.suppress(psutil.Error):
                process.kill()


async def _browse(plan: Plan, chaos: Chaos, web: Web, gauges: Gauges, say: Callable[[str], None]) -> tuple[Pace, float]:
    browsers, findings = chaos.browsers, chaos.findings
    for browser in browsers:
        await browser.connected()
    is_settled = await settled(browsers[0], _SETTLED_SECONDS * 2)
    findings.check(Promise.IN_STEP, is_settled, "the photos were not indexed in ten minutes")
    handles = _handles(chaos.processes)
    say(f"indexed; {plan.images:,} pictures in {plan.seconds / 60:.1f} min, seed {plan.seed}")
    watching = asyncio.create_task(gauges.run())
    pace = Pace(plan.images, plan.seconds, plan.most_seconds, time.monotonic())
    user = User(web.album, web.ledger, web.judge, random.Random(plan.seed + 1))
    faults = plan_faults(plan.seed, plan.fault_count, plan.faults, plan.daemon_dies_until)
    telling = asyncio.create_task(_tell(pace, findings, say))
    tabs = [
        Tab(browser, web, user, random.Random(f"{plan.seed} {browser.name} {number}"), plan.acts_per_visit)
        for browser in browsers
        for number in range(plan.tabs)
    ]
    breaking = asyncio.create_task(chaos.run(faults, lambda: pace.progress))
    await asyncio.gather(*(tab.browse(pace) for tab in tabs))
    await breaking
    seconds = time.monotonic() - pace.began
    await tabs[0].look_at_copies()
    for name in ("keep", "not_me", "make_case", "add_note", "delete_sighting", "save_evidence", "capture_page"):
        await user.act(browsers[0], name)  # so that a short run has all
    is_settled = await settled(browsers[0], _SETTLED_SECONDS)
    findings.check(Promise.IN_STEP, is_settled, "the index was not in step five minutes after the last change")
    watching.cancel()
    telling.cancel()
    if plan.has_slopes:
        more = _handles(chaos.processes) - handles
        findings.check(Promise.FLAT_HANDLES, more <= _MOST_MORE_HANDLES, f"{more} more open files than at first")
    await _look(chaos, "at the end")
    await chaos.kill_daemon(random.Random(plan.seed))
    await _look(chaos, "after a last death")
    return pace, seconds


async def _look(chaos: Chaos, when: str) -> None:
    was_whole = await chaos.auditor.look(chaos.browsers[0], when)
    chaos.findings.check(Promise.ANSWERED, was_whole, f"{when}: what was acknowledged could not be looked at")


async def _end(
    home: Path, processes: Processes, browsers: list[Browser], findings: Findings, patience_seconds: float
) -> None:
    for browser in browsers:
        await browser.connected()
    _, _, daemon = processes.hosts(), processes.workers(), processes.daemon()  # all are remembered
    for browser in browsers:
        await browser.close()
    if findings.check(Promise.CONNECTED, daemon is not None, "no daemon was there at the end") and daemon is not None:
        daemon.send_signal(signal.SIGTERM)
    left = await asyncio.to_thread(processes.left, patience_seconds)
    findings.check(Promise.ENDS, not left, f"still there: {[_named(process) for process in left]}")
    findings.check(Promise.ENDS, not (home / "daemon.sock").exists(), "the socket is still there")


async def _tell(pace: Pace, findings: Findings, say: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(60)
        faults = sum(number for name, number in findings.counts.items() if name.startswith("fault:"))
        broken = sum(findings.broken.values())
        minutes = (time.monotonic() - pace.began) / 60
        say(f"{minutes:5.1f} min  {pace.asked:7,} pictures  {faults:3} faults  {broken} broken")


def _handles(processes: Processes) -> int:
    daemon = processes.daemon()
    try:
        return 0 if daemon is None else daemon.num_fds()
    except psutil.Error:
        return 0


def _named(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline()[-4:])}"
    except psutil.Error:
        return str(process.pid)
