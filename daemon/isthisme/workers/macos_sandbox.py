"""macOS's own sandbox (Seatbelt): no network, no files, no programs. Untested on real machines.

`sandbox_init` has been called deprecated for years, and is what browsers close their decoders with; there is no
successor for a process that is no app.
"""

import ctypes
import sys

_PROFILE = b"""(version 1)
(allow default)
(deny network*)
(deny file-read-data)
(deny file-write*)
(deny process-exec*)
(deny process-fork)
(deny mach-priv-task-port)
(deny signal (target others))
"""


def close() -> bool:
    """Whether the sandbox was shut; False on other systems, and where macOS refuses."""
    if sys.platform != "darwin":
        return False
    try:
        sandbox_init = ctypes.CDLL("/usr/lib/libSystem.dylib").sandbox_init
    except (OSError, AttributeError):
        return False
    why = ctypes.c_char_p()
    return bool(sandbox_init(ctypes.c_char_p(_PROFILE), ctypes.c_uint64(0), ctypes.byref(why)) == 0)
