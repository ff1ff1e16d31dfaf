"""A Milvus server as the index uses it: calls end in time, are tried again where that helps, and say what failed."""

import logging
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from isthisme.errors import IndexServerUnusable, IndexUnavailable
from isthisme.index.milvus_address import Credentials, MilvusAddress
from isthisme.scale_extra import scale_extra

LEAST_VERSION = (2, 6)
_LEAST_LITE_VERSION = (3, 2)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 5.0
_FORBIDDEN = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_MISUSED = ("INVALID_ARGUMENT", "UNIMPLEMENTED")
# Numbers that a server gives its refusals, where trying again is of no use: no collection, no index, no database,
# arguments that it does not take, not signed in, not permitted.
_REFUSALS = frozenset({100, 700, 800, 1100, 1101, 1400, 1401})
_VERSION = re.compile(r"(?:milvus_lite-|v)?(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for a server, in seconds."""

    question: float = 10.0  # for an answer, all attempts together
    change: float = 120.0  # until a batch is written
    attempt: float = 30.0  # of one attempt at the most
    after_failure: float = 5.0  # questions fail at once for so long after one that was given up


class MilvusServer:
    """Threads may share it. It connects at the first call, and again after a failure.

    Every call raises IndexUnavailable where the server does not answer within its time, and IndexServerUnusable where
    it answers that it will not: too old, or not permitted; it stays usable then. UsageError where the client's
    package or the credentials are not there.
    """

    def __init__(
        self,
        address: MilvusAddress,
        credentials: Callable[[], Credentials] = Credentials,
        patience: Patience | None = None,
    ) -> None:
        """`credentials` are read when it connects: a token that was changed is used then."""
        self.address = address
        self.credentials = credentials
        self.patience = patience or Patience()
        self.connections = 0  # made so far: after each the server may be another than it was
        self._lock = threading.Lock()
        self._client: Any = None
        self._given_up: tuple[float, str] | None = None  # when a question was given up last, and why
        self._jitter = random.Random()  # noqa: S311 no secret: it keeps clients from asking again all at once

    def ask[T](self, call: Callable[[Any, float], T]) -> T:
        """What `call` gives for a client and the seconds it may take; it changes nothing, or may be done twice."""
        given_up = self._given_up
        if given_up is not None and time.monotonic() - given_up[0] < self.patience.after_failure:
            raise IndexUnavailable(given_up[1])  # else each picture of a page would wait its whole time
        try:
            answer = self._attempted(call, self.patience.question)
        except IndexUnavailable as error:
            self._given_up = time.monotonic(), str(error)
            raise
        self._given_up = None
        return answer

    def change[T](self, call: Callable[[Any, float], T]) -> T:
        """Likewise for a change that may be made twice without harm; what returned is kept by the server."""
        return self._attempted(call, self.patience.change)

    def version(self) -> str:
        return self.ask(lambda client, seconds: str(client.get_server_version(timeout=seconds)))

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _attempted[T](self, call: Callable[[Any, float], T], seconds: float) -> T:
        deadline = time.monotonic() + seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            left = deadline - time.monotonic()
            try:
                return self._once(call, min(self.patience.attempt, max(left, 0.1)))
            except IndexUnavailable as error:
                wait = pause * self._jitter.uniform(0.5, 1.5)
                if time.monotonic() + wait >= deadline:
                    raise IndexUnavailable(f"{error}; given up after {seconds:.0f} s") from error
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _once[T](self, call: Callable[[Any, float], T], seconds: float) -> T:
        package = _client_package()
        client = None
        try:
            client = self._connected(package, seconds)
            return call(client, seconds)
        except package.grpc.RpcError as error:
            self._drop(client)
            raise self._translated(error.code().name, error.details() or "") from error
        except package.MilvusException as error:
            if error.code in _REFUSALS or error.is_input_error:
                raise IndexServerUnusable(f"{self.address} refuses: {error.message[:300]}") from error
            self._drop(client)
            cause = error.__cause__  # of a connection that failed it says less than what lies behind
            if isinstance(cause, package.grpc.RpcError):
                raise self._translated(cause.code().name, cause.details() or "") from error
            raise self._translated(str(error.code), error.message) from error
        except (ValueError, OSError) as error:  # a channel that another thread closed, a certificate that is not there
            self._drop(client)
            raise self._translated("", str(error)) from error

    def _connected(self, package: "_Package", seconds: float) -> Any:
        with self._lock:
            if self._client is None:
                client = package.connect(self.address, self.credentials(), seconds)
                try:
                    _check_version(str(client.get_server_version(timeout=seconds)), self.address)
                except BaseException:
                    client.close()
                    raise
                self._client = client
                self.connections += 1
            return self._client

    def _drop(self, client: Any) -> None:
        """So that the next attempt connects anew: a server that came back is not waited for then."""
        with self._lock:
            if client is not None and client is self._client:
                self._disconnect()

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # it may be half closed
                client.close()

    def _translated(self, code: str, details: str) -> IndexUnavailable | IndexServerUnusable:
        words = " ".join(details.split())[:300]
        if any(each in code or each in details for each in _FORBIDDEN) or "auth check failure" in details:
            return IndexServerUnusable(
                f"{self.address} does not let us in ({words}); is the token right (index_token_file)?"
            )
        if any(each in code or each in details for each in _MISUSED):
            return IndexServerUnusable(f"{self.address} does not know what we ask ({words})")
        return IndexUnavailable(f"the index on {self.address} does not answer ({words})")


@dataclass(frozen=True, slots=True)
class _Package:
    """pymilvus, and what of it is used here."""

    connect: Callable[[MilvusAddress, Credentials, float], Any]
    MilvusException: type[Any]
    grpc: Any


@cache
def _client_package() -> _Package:
    """Imported here alone, and late: it takes a second and 100 MB. Raises UsageError where it is not installed."""
    with scale_extra():
        import grpc
        import pymilvus
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it writes each failure with its stack; ours are raised

    def connect(address: MilvusAddress, credentials: Credentials, seconds: float) -> Any:
        files: dict[str, str] = {}
        if credentials.certificate is not None:
            files = {
                "client_pem_path": str(credentials.certificate),
                "client_key_path": str(credentials.key),
                "ca_pem_path": str(credentials.authority),
            }
        elif credentials.authority is not None:
            files = {"server_pem_path": str(credentials.authority)}
        return pymilvus.MilvusClient(uri=address.uri, token=credentials.token, timeout=seconds, dedicated=True, **files)

    return _Package(connect, pymilvus.MilvusException, grpc)


def _check_version(told: str, address: MilvusAddress) -> None:
    """Raises IndexServerUnusable."""
    found = _VERSION.match(told)
    least = _LEAST_LITE_VERSION if told.startswith("milvus_lite") else LEAST_VERSION
    if found is None or (int(found[1]), int(found[2])) < least:
        needed = ".".join(map(str, least))
        raise IndexServerUnusable(
            f"{address} is Milvus {told[:40]}; at least {needed} is needed: upgrade the server (deploy/ has files of "
            "one that is new enough)"
        )
