"""The scripted resolver does what its script says."""

import pytest

from tests.acquire.scripted_resolver import ScriptedResolver


async def test_answers_come_in_order_and_the_last_one_stays() -> None:
    resolver = ScriptedResolver({"a.example": [["8.8.8.8", "2606:4700::1"], ["127.0.0.1"]]})
    answers = [[result["host"] for result in await resolver.resolve("a.example", 80)] for _ in range(3)]
    assert answers == [["8.8.8.8", "2606:4700::1"], ["127.0.0.1"], ["127.0.0.1"]]
    assert resolver.asked == ["a.example"] * 3


async def test_an_unknown_host_is_an_error_as_in_the_real_one() -> None:
    with pytest.raises(OSError, match="no such host"):
        await ScriptedResolver({}).resolve("a.example")
