"""Who is answered when, with a clock that stands still but for what an answer takes."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from fleetdash.serving.turns import Turns
from tests.support.clock import FakeClock

TAKES_SECONDS = 0.02


class Api:
    """Notes who is answered; each answer takes its time, and may be held back after it began to be sent."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.turns = Turns(self._answer, self.clock)
        self.answered: list[str] = []
        self.line = asyncio.Event()
        self.line.set()

    async def ask(self, address: str, path: str = "/api/fleet-overview") -> None:
        async def receive() -> Message:
            raise AssertionError("nobody asks for a body")

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                await self.line.wait()

        scope = {"type": "http", "method": "GET", "path": path, "client": (address, 1)}
        await self.turns(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        self.clock.advance(TAKES_SECONDS)
        self.answered.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_whoever_reads_without_a_pause_waits_and_others_do_not() -> None:
    async def all_ask() -> list[str]:
        api = Api()
        await asyncio.gather(*(api.ask(address) for address in ("greedy", "greedy", "greedy", "b", "c", "d")))
        return api.answered

    assert asyncio.run(all_ask()) == ["greedy", "b", "c", "d", "greedy", "greedy"]


def test_whoever_pauses_by_itself_does_not_wait() -> None:
    async def ask_twice() -> float:
        api = Api()
        await api.ask("patient")
        api.clock.advance(10)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(api.ask("patient"), api.ask("other"))
        assert api.answered == ["patient", "patient", "other"]
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(ask_twice()) < 5


def test_health_is_told_at_any_time() -> None:
    async def all_ask() -> list[str]:
        api = Api()
        await api.ask("a")
        await asyncio.gather(api.ask("a"), api.ask("a", "/api/health"), api.ask("b"))
        return api.answered

    assert asyncio.run(all_ask()) == ["a", "a", "b", "a"]


def test_a_slow_line_keeps_nobody_from_a_turn() -> None:
    async def ask_twice() -> list[str]:
        api = Api()
        api.line.clear()
        asking = [asyncio.create_task(api.ask("slow")) for _ in range(2)]
        while len(api.answered) < 2:
            await asyncio.sleep(0)
        api.line.set()
        await asyncio.gather(*asking)
        return api.answered

    assert asyncio.run(ask_twice()) == ["slow", "slow"]


def test_readers_who_rest_no_longer_are_forgotten() -> None:
    async def many_ask() -> int:
        api = Api()
        for number in range(2_500):
            await api.ask(str(number))
            api.clock.advance(1)
        return len(api.turns._readers)

    assert asyncio.run(many_ask()) <= 1_000
