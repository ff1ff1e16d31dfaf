"""What a daemon gives up again while it runs."""

import asyncio
import platform
import subprocess
import sys

import pytest

from isthisme.server.tidying import tidy

# 48 MB in pieces, of which every hundredth stays: what is free lies between them, where it stays ours.
_GIVE_BACK = """
import re
from isthisme.server.tidying import give_back_memory

def anonymous_megabytes():
    return int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

pieces = [bytearray(16_000) for _ in range(3_000)]
pieces = pieces[::100]
before = anonymous_megabytes()
give_back_memory()
print(before - anonymous_megabytes())
"""


def test_what_is_of_no_use_is_dropped_again_and_again() -> None:
    dropped, rests = [], []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(tidy(lambda: dropped.append(len(rests)), rest))
    assert dropped == [1, 2]
    assert min(rests) > 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems take freed memory by themselves")
def test_freed_memory_goes_back_to_the_system() -> None:
    """In a process of its own, whose memory is used by nothing else."""
    done = subprocess.run([sys.executable, "-I", "-c", _GIVE_BACK], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 20
