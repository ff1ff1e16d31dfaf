"""A Windows that a test makes up: named pipes with owners and access lists, and processes of several users.

It refuses what Windows refuses, as far as the meeting place depends on it, and keeps what it was asked. `calls_of`
gives what a process of one user works with.
"""
# ruff: noqa: N802 - the names are Windows'

import ctypes
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isthisme_host.windows_calls import WindowsCalls

FIRST_INSTANCE = 0x80000
DENIED, NOT_FOUND, BUSY, INVALID_OWNER = 5, 2, 231, 1307
ABORTED, TIMED_OUT = 995, 0x102


class MadeUpError(OSError):
    """Python's own has `winerror` on Windows alone."""

    def __init__(self, winerror: int) -> None:
        super().__init__(0, f"Windows says {winerror}")
        self.winerror = winerror


@dataclass
class Stream:
    """Bytes one way."""

    data: bytearray = field(default_factory=bytearray)
    is_closed: bool = False


@dataclass
class Instance:
    """One instance of a pipe, with a client or waiting for one."""

    name: str
    descriptor: str
    to_server: Stream = field(default_factory=Stream)
    to_client: Stream = field(default_factory=Stream)
    client_user: str = ""
    client_has_gone: bool = False


@dataclass
class End:
    instance: Instance
    reads: Stream
    writes: Stream
    is_server: bool


class MadeUpWindows:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.instances: list[Instance] = []
        self.handles: dict[int, Any] = {}
        self.asked: list[tuple[Any, ...]] = []  # CreateNamedPipe, CreateFile: name and flags
        self.allocated: set[int] = set()  # what LocalFree is to free
        self._memory: dict[int, Any] = {}
        self._numbers = iter(range(0x100, 0x10000))

    def calls_of(self, user: str) -> WindowsCalls:
        process = _Process(self, user)
        return WindowsCalls(process, process, process, lambda: MadeUpError(DENIED))

    def handle(self, thing: Any) -> int:
        number = next(self._numbers)
        self.handles[number] = thing
        return number

    def text_at(self, address: int | None) -> str:
        return str(self._memory[address or 0].value)

    def keep(self, text: str, *, is_allocated: bool = True) -> int:
        """The address of a text in memory. SIDs and security descriptors are such texts here."""
        memory = ctypes.create_unicode_buffer(text)
        address = ctypes.addressof(memory)
        self._memory[address] = memory
        if is_allocated:
            self.allocated.add(address)
        return address


class _Attributes(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint32), ("descriptor", ctypes.c_void_p), ("is_inherited", ctypes.c_int32))


class _Process:
    """The libraries as a process of one user finds them."""

    def __init__(self, windows: MadeUpWindows, user: str) -> None:
        self._windows = windows
        self._user = user

    # _winapi

    def CreateNamedPipe(
        self, name: str, open_mode: int, mode: int, most: int, out: int, into: int, timeout: int, security: int
    ) -> int:
        windows = self._windows
        attributes = _Attributes.from_address(security)
        descriptor = windows.text_at(attributes.descriptor)
        windows.asked.append(("CreateNamedPipe", name, open_mode, mode, descriptor, attributes.is_inherited))
        with windows.changed:
            there = next((each for each in windows.instances if each.name == name), None)
            if there is not None and (open_mode & FIRST_INSTANCE or not _allows(there.descriptor, self._user)):
                raise MadeUpError(DENIED)
            if there is None and _owner(descriptor) != self._user:
                raise MadeUpError(INVALID_OWNER)
            instance = Instance(name, descriptor if there is None else there.descriptor)
            windows.instances.append(instance)
            return windows.handle(End(instance, instance.to_server, instance.to_client, is_server=True))

    def CreateFile(
        self, name: str, access: int, share: int, security: int, creation: int, flags: int, template: int
    ) -> int:
        windows = self._windows
        windows.asked.append(("CreateFile", name, flags))
        with windows.changed:
            of_that_name = [each for each in windows.instances if each.name == name]
            if not of_that_name:
                raise MadeUpError(NOT_FOUND)
            if not _allows(of_that_name[0].descriptor, self._user):
                raise MadeUpError(DENIED)
            instance = next((each for each in of_that_name if not each.client_user), None)
            if instance is None:
                raise MadeUpError(BUSY)
            instance.client_user = self._user
            windows.changed.notify_all()
            return windows.handle(End(instance, instance.to_client, instance.to_server, is_server=False))

    def ConnectNamedPipe(self, handle: int, overlapped: bool) -> "Call":
        instance = self._windows.handles[handle].instance
        if instance.client_has_gone:
            raise BrokenPipeError(0, "ERROR_NO_DATA")
        return Call(self._windows, lambda: b"" if instance.client_user else None)

    def ReadFile(self, handle: int, size: int, overlapped: bool) -> "tuple[Call, int]":
        stream = self._windows.handles[handle].reads

        def ready() -> bytes | None:
            found = bytes(stream.data[:size])
            del stream.data[:size]
            if not found and stream.is_closed:
                raise BrokenPipeError(0, "ERROR_BROKEN_PIPE")
            return found or None

        return Call(self._windows, ready), 0

    def WriteFile(self, handle: int, buffer: memoryview, overlapped: bool) -> "tuple[Call, int]":
        stream, data = self._windows.handles[handle].writes, bytes(buffer)

        def ready() -> bytes | None:
            if stream.is_closed:
                raise BrokenPipeError(0, "ERROR_NO_DATA")
            if len(stream.data) >= 1 << 17:  # it waits for the reader
                return None
            stream.data += data
            return data

        return Call(self._windows, ready), 0

    def WaitForSingleObject(self, event: int, milliseconds: int) -> int:
        call: Call = self._windows.handles[event]
        return 0 if call.wait(milliseconds / 1000) else TIMED_OUT

    def WaitNamedPipe(self, name: str, timeout: int) -> None:
        raise MadeUpError(121)

    def CloseHandle(self, handle: int) -> None:
        windows = self._windows
        with windows.changed:
            thing = windows.handles.pop(handle)
            if isinstance(thing, End):
                thing.reads.is_closed = thing.writes.is_closed = True
                thing.instance.client_has_gone |= not thing.is_server
                if thing.is_server:
                    windows.instances.remove(thing.instance)
            windows.changed.notify_all()

    def GetCurrentProcess(self) -> int:
        return -1

    def OpenProcess(self, access: int, inherit: bool, process_id: int) -> int:
        return self._windows.handle(self._windows.text_at(process_id))

    # kernel32

    def GetNamedPipeClientProcessId(self, pipe: ctypes.c_void_p, process_id: Any) -> int:
        user = self._windows.handles[pipe.value or 0].instance.client_user
        process_id._obj.value = number = next(self._windows._numbers)
        self._windows._memory[number] = ctypes.create_unicode_buffer(user)
        return 1

    def LocalFree(self, memory: Any) -> None:
        address = ctypes.cast(memory, ctypes.c_void_p).value
        self._windows.allocated.remove(address or 0)

    # advapi32

    def OpenProcessToken(self, process: ctypes.c_void_p, access: int, token: Any) -> int:
        number = process.value or 0
        user = self._user if number == ctypes.c_void_p(-1).value else self._windows.handles[number]
        token._obj.value = self._windows.handle(user)
        return 1

    def GetTokenInformation(self, token: ctypes.c_void_p, kind: int, found: Any, most: int, size: Any) -> int:
        assert kind == 1  # TokenUser
        size._obj.value = 44
        if most < 44:
            return 0
        sid = self._windows.keep(self._windows.handles[token.value or 0], is_allocated=False)
        ctypes.memmove(found, ctypes.byref(ctypes.c_void_p(sid)), ctypes.sizeof(ctypes.c_void_p))
        return 1

    def ConvertSidToStringSidW(self, sid: ctypes.c_void_p, words: Any) -> int:
        kept = self._windows.keep(self._windows.text_at(sid.value))
        ctypes.c_void_p.from_address(ctypes.addressof(words._obj)).value = kept
        return 1

    def ConvertStringSecurityDescriptorToSecurityDescriptorW(
        self, words: str, revision: int, descriptor: Any, size: Any
    ) -> int:
        descriptor._obj.value = self._windows.keep(words)
        return int(revision == 1 and _owner(words) != "")

    def GetSecurityInfo(
        self, handle: ctypes.c_void_p, kind: int, asked: int, owner: Any, group: Any, dacl: Any, sacl: Any, whole: Any
    ) -> int:
        assert (kind, asked) == (6, 1)  # a kernel object, its owner
        descriptor = self._windows.handles[handle.value or 0].instance.descriptor
        owner._obj.value = self._windows.keep(_owner(descriptor), is_allocated=False)
        whole._obj.value = self._windows.keep(descriptor)
        return 0


class Call:
    """A call that is under way: `ready` gives what it moved, None as long as it waits, or raises."""

    def __init__(self, windows: MadeUpWindows, ready: Callable[[], bytes | None]) -> None:
        self.event = windows.handle(self)
        self._windows = windows
        self._ready = ready
        self._is_cancelled = False
        self._moved: bytes | None = None
        self._error: OSError | None = None

    def wait(self, seconds: float | None) -> bool:
        with self._windows.changed:
            return self._windows.changed.wait_for(self._has_ended, seconds)

    def GetOverlappedResult(self, wait: bool) -> tuple[int, int]:
        self.wait(None)
        self._windows.handles.pop(self.event)
        with self._windows.changed:
            self._windows.changed.notify_all()
        if self._error is not None:
            raise self._error
        return (0, ABORTED) if self._moved is None else (len(self._moved), 0)

    def cancel(self) -> None:
        with self._windows.changed:
            self._is_cancelled = True
            self._windows.changed.notify_all()

    def getbuffer(self) -> bytes | None:
        return self._moved

    def _has_ended(self) -> bool:
        if self._moved is None and self._error is None:
            try:
                self._moved = self._ready()
            except OSError as error:
                self._error = error
        return self._is_cancelled or self._moved is not None or self._error is not None


def _owner(descriptor: str) -> str:
    found = re.match(r"O:(S[-0-9]+)D:", descriptor)
    return found[1] if found else ""


def _allows(descriptor: str, user: str) -> bool:
    return f"(A;;FA;;;{user})" in descriptor or "(A;;FA;;;WD)" in descriptor
