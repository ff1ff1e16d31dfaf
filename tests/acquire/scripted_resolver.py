"""A resolver whose answers are written down beforehand, for tests of what a hostile name service can do."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult


class ScriptedResolver(AbstractResolver):
    """Answers each question about a host with the next of its answers, the last one for ever; counts the questions."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self._answers = {host: list(turns) for host, turns in answers.items()}
        self.asked: list[str] = []
        self.is_closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError for a host that nothing is written down for, as real resolvers do."""
        self.asked.append(host)
        if host not in self._answers:
            raise OSError(None, "no such host")
        turns = self._answers[host]
        return [self._result(host, ip, port) for ip in (turns.pop(0) if len(turns) > 1 else turns[0])]

    async def close(self) -> None:
        self.is_closed = True

    def _result(self, host: str, ip: str, port: int) -> ResolveResult:
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        return ResolveResult(hostname=host, host=ip, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
