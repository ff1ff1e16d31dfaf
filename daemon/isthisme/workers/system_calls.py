"""seccomp: what a worker may still ask of the kernel once it is closed. Linux, through libseccomp.

libseccomp (the system's; Chrome OS, systemd, Docker and Flatpak build on it) knows each processor's numbers and writes
the filter. Its functions are called directly: the packages that wrap it have not been kept for years.

An allow-list, found by tracing every operation on every format (`docs/security.md`). What is not on it:

- is refused (EPERM) where a library may try it in good faith and lives without: opening a file, asking for the host;
- ends the process (SIGSYS) where only somebody who took the worker over would try: programs, other processes, what
  widens the kernel's face. Its picture is then answered as one that ended its worker, and no second try is given.
"""

import ctypes
import errno
import os
import sys

_LIBRARY = "libseccomp.so.2"  # by its name alone: the loader's own folders, never the working directory

ALLOWED = (
    # its pipes
    "read", "write", "close", "lseek", "fstat",
    # memory (see below: never memory that is executed)
    "brk", "munmap", "mremap", "madvise",
    # waiting, for itself and for time
    "futex", "sched_yield", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
    # what it is, and chance
    "getpid", "gettid", "getrusage", "getrandom", "sched_getaffinity", "getcpu",
    # the thread that HEIC is decoded with (see below: never a process)
    "set_robust_list", "rseq",
    # its end, and coming back from a signal; what a signal does cannot be changed any more
    "exit", "exit_group", "rt_sigreturn", "restart_syscall",
)  # fmt: skip

DEADLY = (
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "keyctl", "add_key", "request_key", "mount", "umount2", "move_mount", "fsopen", "open_tree", "pivot_root", "chroot",
    "unshare", "setns", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "personality", "open_by_handle_at", "name_to_handle_at", "modify_ldt", "iopl",
    "ioperm", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset",
)  # fmt: skip

_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_NOT_THERE = 0x00050000 | errno.ENOSYS
_ON_OTHER_PROCESSOR, _ON_ALL_THREADS = 2, 4  # attributes
_MASKED_EQUAL, _EQUAL = 7, 4
_EXECUTED = 4  # PROT_EXEC
# What makes a thread of `clone`: memory, file system, files, signals and semaphores shared, of one group.
_THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000
# All flags but those that only say where numbers are put, and the signal at the end.
_DECIDES = 0xFFFFFFFF & ~(0xFF | 0x80000 | 0x100000 | 0x200000 | 0x400000 | 0x1000000)


class _Condition(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_uint), ("minor", ctypes.c_uint), ("micro", ctypes.c_uint))


class CallFilter:
    """The filter, made ready while files can still be opened."""

    def __init__(self) -> None:
        """Raises OSError where there is no libseccomp, or it knows no filter for this processor."""
        self._library = _library()
        made = self._library.seccomp_version().contents
        self.version = f"{made.major}.{made.minor}.{made.micro}"  # of libseccomp
        self._rules = self._library.seccomp_init(_REFUSE)
        if not self._rules:
            raise OSError("libseccomp makes no filter for this processor")
        self._set(_ON_OTHER_PROCESSOR, _KILL_PROCESS)
        self._set(_ON_ALL_THREADS, 1)
        for names, action in ((ALLOWED, _ALLOW), (DEADLY, _KILL_PROCESS), (("clone3",), _NOT_THERE)):
            for name in names:
                self._add(action, name)
        for name in ("mmap", "mmap2", "mprotect"):
            self._add(_ALLOW, name, _Condition(2, _MASKED_EQUAL, _EXECUTED, 0))
        self._add(_ALLOW, "clone", _Condition(0, _MASKED_EQUAL, _DECIDES, _THREAD))
        self._add(_ALLOW, "tgkill", _Condition(0, _EQUAL, os.getpid(), 0))  # abort() ends itself

    def apply(self) -> None:
        """From now on this process asks of the kernel what is allowed above, and nothing else. For good.

        Raises OSError where the kernel takes no filter.
        """
        _check(self._library.seccomp_load(self._rules))

    def _set(self, attribute: int, value: int) -> None:
        _check(self._library.seccomp_attr_set(self._rules, attribute, value))

    def _add(self, action: int, name: str, *conditions: _Condition) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # a call that this processor does not have, or one younger than the library
            return
        given = (_Condition * len(conditions))(*conditions)
        _check(self._library.seccomp_rule_add_array(self._rules, action, number, len(conditions), given))


def _check(returned: int) -> None:
    if returned < 0:
        raise OSError(-returned, os.strerror(-returned))


def _library() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError("seccomp is Linux's")
    library = ctypes.CDLL(_LIBRARY)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = (ctypes.c_uint32,)
    library.seccomp_attr_set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32)
    library.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Condition),
    )
    library.seccomp_load.argtypes = (ctypes.c_void_p,)
    library.seccomp_version.restype = ctypes.POINTER(_Version)
    return library
