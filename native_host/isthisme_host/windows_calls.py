"""What the meeting place asks of Windows: named pipes, and whose they and the processes at their ends are.

Python's own `_winapi` is used where it has a call, and ctypes for the rest. The three libraries are handed in, so that
tests can see what they are asked.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthisme_host.windows_libraries import Advapi32, Kernel32, Winapi

# winbase.h, winnt.h
_DUPLEX = 0x3
_FIRST_INSTANCE = 0x80000
_OVERLAPPED = 0x40000000
_REJECT_REMOTE_CLIENTS = 0x8  # with it, a pipe of bytes that waits: the other flags are 0
_MOST_INSTANCES = 255
_BUFFER_BYTES = 1 << 16
_READ_AND_WRITE = 0xC0000000
_OPEN_EXISTING = 3
_SAY_WHO_WE_ARE_ONLY = 0x110000  # SECURITY_SQOS_PRESENT, SECURITY_IDENTIFICATION: the server may not act as us
_QUERY_LIMITED_INFORMATION = 0x1000
_TOKEN_QUERY = 0x8
_TOKEN_USER = 1
_KERNEL_OBJECT = 6
_OWNER = 1


class _SecurityAttributes(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint32), ("descriptor", ctypes.c_void_p), ("is_inherited", ctypes.c_int32))


class WindowsCalls:
    def __init__(
        self, winapi: "Winapi", kernel32: "Kernel32", advapi32: "Advapi32", last_error: Callable[[], OSError]
    ) -> None:
        self.winapi = winapi
        self._kernel32 = kernel32
        self._advapi32 = advapi32
        self._last_error = last_error

    def make_pipe(self, name: str, owner: str, *, is_first: bool) -> int:
        """A handle of a new instance of the pipe, which belongs to the user of the given SID and opens to nobody else,
        nor from another computer. Raises OSError; with `is_first` also where there is such a pipe already."""
        with self._descriptor(f"O:{owner}D:P(A;;FA;;;{owner})") as descriptor:
            attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, 0)
            return self.winapi.CreateNamedPipe(
                name,
                _DUPLEX | _OVERLAPPED | (_FIRST_INSTANCE if is_first else 0),
                _REJECT_REMOTE_CLIENTS,
                _MOST_INSTANCES,
                _BUFFER_BYTES,
                _BUFFER_BYTES,
                0,
                ctypes.addressof(attributes),
            )

    def open_pipe(self, name: str) -> int:
        """A handle of the client's end. Raises OSError. Whoever made the pipe learns who we are, and no more."""
        return self.winapi.CreateFile(
            name, _READ_AND_WRITE, 0, 0, _OPEN_EXISTING, _OVERLAPPED | _SAY_WHO_WE_ARE_ONLY, 0
        )

    def own_user(self) -> str:
        """The SID of the user that this process runs as. Raises OSError."""
        return self._user_of_process(self.winapi.GetCurrentProcess())

    def client_of(self, pipe: int) -> str:
        """The SID of the user whose process opened the client's end. Raises OSError."""
        process_id = ctypes.c_uint32()
        self._check(self._kernel32.GetNamedPipeClientProcessId(ctypes.c_void_p(pipe), ctypes.byref(process_id)))
        process = self.winapi.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process_id.value)  # noqa: FBT003 Windows' own
        try:
            return self._user_of_process(process)
        finally:
            self.winapi.CloseHandle(process)

    def owner_of(self, pipe: int) -> str:
        """The SID of the pipe's owner: nobody can make one that belongs to another user. Raises OSError."""
        owner, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
        error = self._advapi32.GetSecurityInfo(
            ctypes.c_void_p(pipe),
            _KERNEL_OBJECT,
            _OWNER,
            ctypes.byref(owner),
            None,
            None,
            None,
            ctypes.byref(descriptor),
        )
        if error:
            raise OSError(0, "the owner of the pipe cannot be asked for", None, error)
        try:
            return self._text(owner)
        finally:
            self._kernel32.LocalFree(descriptor)

    def _user_of_process(self, process: int) -> str:
        token = ctypes.c_void_p()
        self._check(self._advapi32.OpenProcessToken(ctypes.c_void_p(process), _TOKEN_QUERY, ctypes.byref(token)))
        try:
            size = ctypes.c_uint32()
            self._advapi32.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))  # how much there is
            user = ctypes.create_string_buffer(max(size.value, ctypes.sizeof(ctypes.c_void_p)))
            self._check(self._advapi32.GetTokenInformation(token, _TOKEN_USER, user, len(user), ctypes.byref(size)))
            return self._text(ctypes.c_void_p.from_buffer(user))  # TOKEN_USER begins with the address of the SID
        finally:
            self.winapi.CloseHandle(token.value or 0)

    def _text(self, sid: ctypes.c_void_p) -> str:
        words = ctypes.c_wchar_p()
        self._check(self._advapi32.ConvertSidToStringSidW(sid, ctypes.byref(words)))
        try:
            return words.value or ""
        finally:
            self._kernel32.LocalFree(words)

    @contextmanager
    def _descriptor(self, sddl: str) -> Iterator[ctypes.c_void_p]:
        found = ctypes.c_void_p()
        self._check(
            self._advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, 1, ctypes.byref(found), None)
        )
        try:
            yield found
        finally:
            self._kernel32.LocalFree(found)

    def _check(self, worked: int) -> None:
        if not worked:
            raise self._last_error()


def windows() -> WindowsCalls:
    if sys.platform != "win32":
        raise ImportError("for Windows alone")
    import _winapi

    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
    kernel32.LocalFree.restype = ctypes.c_void_p
    return WindowsCalls(_winapi, kernel32, advapi32, lambda: ctypes.WinError(ctypes.get_last_error()))
