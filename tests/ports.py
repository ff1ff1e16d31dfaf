"""Ports of the loopback address that stay what a test takes them for."""

import random
import socket
from contextlib import suppress
from functools import cache

_STEADY = range(20_000, 30_000)  # below those that any system gives to who asks for no port in particular


def steady_port() -> int:
    """A free one at which a server may go and come back: nobody is given it meanwhile, nor connects from it.

    Who tries to reach a port that is closed may be given that very port to connect from, and then holds it.
    """
    for port in random.sample(_STEADY, len(_STEADY)):
        with suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def refusing_port() -> int:
    """One at which nobody listens as long as this process lives: it is taken by who does not."""
    return int(_taken().getsockname()[1])


@cache
def _taken() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken
