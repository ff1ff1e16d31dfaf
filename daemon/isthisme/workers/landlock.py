"""Landlock: the right to open files, given up for good. Linux 5.13 and newer; without privileges.

The kernel's three calls, made directly: the packages that wrap them are pre-releases or a few weeks old, and of their
rules, which files stay open to whom, we need none.
"""

import ctypes
import os
import sys

# The numbers are the same on every processor (asm-generic/unistd.h).
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS

# By version: how many rights over files, over TCP, and reaches out of the confines (sockets without a file, signals)
# the kernel knows (linux/landlock.h). A right that is named and allowed by no rule is gone.
_RIGHTS = {1: (13, 0, 0), 2: (14, 0, 0), 3: (15, 0, 0), 4: (15, 2, 0), 5: (16, 2, 0), 6: (16, 2, 2)}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("reaches", ctypes.c_uint64))


def version() -> int | None:
    """Of the kernel's Landlock; None where it has none."""
    if sys.platform != "linux":
        return None
    found: int = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    return found if found > 0 else None


def give_up_files() -> int:
    """From now on this thread opens, makes, renames and removes no file, and reaches no TCP port. For good.

    The version that does it. Raises OSError where the kernel refuses.
    """
    known = version()
    if known is None:
        raise OSError("this kernel has no Landlock")
    files, tcp, reaches = _RIGHTS[min(known, max(_RIGHTS))]
    rules = _Ruleset((1 << files) - 1, (1 << tcp) - 1, (1 << reaches) - 1)
    libc = _libc()
    size = ctypes.c_size_t(ctypes.sizeof(rules))
    ruleset = _checked(libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, ctypes.c_uint32(0)))
    try:
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3))
        _checked(libc.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)
    return known


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _checked(returned: int) -> int:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return returned
