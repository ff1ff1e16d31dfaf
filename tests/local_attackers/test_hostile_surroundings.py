"""Code, planted where the environment leads to it, that has to run neither in the host nor in the daemon or a worker.

The launcher is started as a browser starts it, with everything set at once. What is planted notes where it ran.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from isthisme.installation.launcher import launcher_text
from isthisme_host.greeting import read_identity
from isthisme_host.start import clean_environment
from tests.companion import wait_until
from tests.native_host.browser_end import BrowserEnd

_COMPILER = shutil.which("cc") or shutil.which("gcc")
_LIBRARY = """
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void planted(void) {
  char where[4096] = {0};
  if (readlink("/proc/self/exe", where, sizeof where - 1) < 0) return;
  FILE *notes = fopen("NOTES", "a");
  if (notes) { fprintf(notes, "library %d %s\\n", getpid(), where); fclose(notes); }
}
"""
_MODULES = ("socket", "json", "os", "subprocess", "encodings", "sitecustomize", "usercustomize", "isthisme", "numpy")
_SHELLS = {Path("/bin/sh").resolve().name, "sh"}
_PROGRAMS = ("python", "python3", "sh", "env", "zenity", "kdialog", "gsettings", "xdg-open", "git", "cc")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where planted code notes that it ran."""
    return tmp_path / "notes"


@pytest.fixture
def surroundings(tmp_path: Path, notes: Path) -> dict[str, str]:
    """An environment of which every part leads to planted code, or astray."""
    trap = tmp_path / "trap"
    trap.mkdir()
    for module in _MODULES:
        (trap / f"{module}.py").write_text(f"open({str(notes)!r}, 'a').write('module {module}\\n')\n")
    for program in _PROGRAMS:
        (trap / program).write_text(f"#!/bin/sh\necho program {program} >>'{notes}'\n")
        (trap / program).chmod(0o755)
    (trap / "start.sh").write_text(f"echo shell >>'{notes}'\n")
    (trap / "openssl.cnf").write_text(
        f"openssl_conf = a\n[a]\nproviders = b\n[b]\nc = d\n[d]\nmodule = {trap}/planted.so\nactivate = 1\n"
    )
    trap.chmod(0o777)  # anybody may have planted it
    python = {"PYTHONPATH": trap, "PYTHONHOME": trap, "PYTHONSTARTUP": trap / "json.py", "PYTHONUSERBASE": trap}
    shell = {"ENV": trap / "start.sh", "BASH_ENV": trap / "start.sh", "CDPATH": trap, "IFS": "/ s"}
    network = {
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
        **dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE"), trap / "tls"),
    }
    libraries = {
        **dict.fromkeys(("LD_LIBRARY_PATH", "GCONV_PATH", "GIO_EXTRA_MODULES", "GTK_PATH", "OPENSSL_MODULES"), trap),
        "OPENSSL_CONF": trap / "openssl.cnf",
        "GTK_MODULES": trap / "planted.so",
        "LOCPATH": trap,
        "DYLD_INSERT_LIBRARIES": trap / "planted.so",
        "MALLOC_CHECK_": "3",
        "OMP_NUM_THREADS": "900",
    }
    if _COMPILER:
        (trap / "planted.c").write_text(_LIBRARY.replace("NOTES", str(notes)))
        made = [_COMPILER, "-shared", "-fPIC", "-o", str(trap / "planted.so"), str(trap / "planted.c")]
        subprocess.run(made, check=True, timeout=60)
        libraries |= {"LD_PRELOAD": trap / "planted.so", "LD_AUDIT": ""}
    others = {
        "PYTHONINSPECT": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONBREAKPOINT": "sitecustomize.x",
        "LC_ALL": "xx_XX.odd",
        "PATH": f"{trap}:.::/usr/bin:/bin",
        "TMPDIR": trap,
        "XDG_DATA_HOME": trap,
        "BASH_FUNC_exec%%": "() { :; }",
        "ISTHISME_HOME": trap,
        "ISTHISME_PYTHON": trap / "python",
        "HOME": tmp_path,
    }
    return {name: str(value) for name, value in {**python, **shell, **network, **libraries, **others}.items()}


@pytest.fixture
def browser(tmp_path: Path, surroundings: dict[str, str]) -> Iterator[BrowserEnd]:
    """Its host was started by the launcher that `isthisme browsers install` writes."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    launcher = home / "native-host"
    launcher.write_text(launcher_text(home))
    launcher.chmod(0o700)
    made = BrowserEnd(surroundings, [read_identity().chromium_origins[0]], command=[str(launcher)])
    yield made
    made.close()
    os.kill(int((home / "daemon.lock").read_text()), signal.SIGKILL)


def greet(browser: BrowserEnd) -> None:
    hello = {"protocol": 1, "extension_version": "0.1.0", "browser": "chromium", "user_agent": "", "id": 1}
    assert browser.ask(type="hello", **hello)["type"] == "welcome"


def workers_of(daemon: psutil.Process) -> list[psutil.Process]:
    """Not what it starts and ends at once, such as programs of the desktop."""
    found = []
    for each in daemon.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "isthisme.workers.process" in each.cmdline():
                found.append(each)
    return found


@pytest.mark.slow
def test_nothing_that_is_planted_in_the_surroundings_runs(
    browser: BrowserEnd, surroundings: dict[str, str], tmp_path: Path, notes: Path
) -> None:
    greet(browser)
    daemon = psutil.Process(int((tmp_path / "home" / "daemon.lock").read_text()))
    browser.send(json.dumps({"id": 2, "type": "status"}).encode())
    while browser.answer().get("id") != 2:  # it asks the desktop for its proxy then
        pass
    wait_until(lambda: workers_of(daemon), "the worker has started")
    ours = [psutil.Process(browser.process.pid), daemon, *workers_of(daemon)]
    ran = notes.read_text().splitlines() if notes.exists() else []
    # The loader puts LD_PRELOAD into the launcher's own shell before it reads a line: that one cannot be helped.
    in_shell = [line for line in ran if line.startswith("library") and Path(line.split()[2]).name in _SHELLS]
    assert [line for line in ran if line not in in_shell] == []
    if _COMPILER:
        assert in_shell, "the planted library does run where nobody keeps it from it"
    allowed = {*clean_environment(surroundings, ""), "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    for process in ours[1:]:
        told = process.environ()
        assert told.keys() <= allowed | {"LC_CTYPE"}, process
        assert str(tmp_path / "trap") not in told.get("PATH", ""), process
        assert told.get("OMP_NUM_THREADS", "1") == "1"
    for process in ours:
        mapped = {Path(each.path).name for each in process.memory_maps()}
        assert "planted.so" not in mapped, process


def test_programs_are_looked_for_only_where_nobody_else_can_put_one(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name, mode in (("open", 0o777), ("sticky", 0o1777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "open" / "below").mkdir()
    path = [tmp_path / "open", "relative", "", ".", tmp_path / "mine", tmp_path / "open" / "below", tmp_path / "sticky"]
    kept = clean_environment({"PATH": ":".join(map(str, [*path, tmp_path / "nowhere", "/usr/bin"]))}, "/home")["PATH"]
    assert kept == f"{tmp_path}/mine:/usr/bin"
    assert clean_environment({"PATH": f"{tmp_path}/open"}, "/home")["PATH"] == os.defpath


def test_short_lived_files_lie_where_nobody_else_can_replace_them(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert "TMPDIR" not in clean_environment({"TMPDIR": str(tmp_path / "open")}, "/home")
    assert "TMPDIR" not in clean_environment({"TMPDIR": "relative"}, "/home")
    (tmp_path / "open").chmod(0o1777)
    assert clean_environment({"TMPDIR": str(tmp_path / "open")}, "/home")["TMPDIR"] == str(tmp_path / "open")
