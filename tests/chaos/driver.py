"""Gives commands over HTTP with ids, keeps the answers, follows the stream, and asks again what was not answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

import httpx
from httpx_sse import SSEError, aconnect_sse

from kernel.state import State
from switchboard.errors import ClientError
from switchboard.mirror import Mirror
from tests.chaos.ledger import Answer, Given, Ledger
from tests.chaos.product import Product
from tests.chaos.steam import now

PASSING = frozenset({429, 503})
"""Not now: that is no other answer."""


class Driver:
    """One operator with many hands. Give it the product; `follow` runs for as long as it is used."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.ledger = Ledger()
        self.different: list[str] = []
        """Ids that were answered otherwise when asked again."""
        self.asked_again = 0
        self._mirror = Mirror()
        self._numbers = count(1)

    @property
    def state(self) -> State:
        """As the stream tells it."""
        return self._mirror.state

    async def give(self, kind: str, about: str = "", *, tries: int = 1, **payload: object) -> Given:
        """Give a new command once the product answers. With more `tries`, ask again until it is settled."""
        await self.product.up.wait()
        given = Given(f"cmd_{next(self._numbers)}", kind, payload, about, now())
        self.ledger.add(given)
        await self.ask(given)
        for _ in range(tries - 1):
            if given.settled:
                break
            await asyncio.sleep(0.2)
            await self.product.up.wait()
            await self.ask(given)
        return given

    async def ask(self, given: Given) -> Answer | None:
        """Send a command, for the first time or again; None where no answer came back."""
        body = {"id": given.id, "kind": given.kind, "payload": given.payload}
        try:
            response = await self.product.http.post("/api/command", json=body)
            content = response.json()
        except (httpx.HTTPError, ValueError):
            given.lose()
            return None
        error = content.get("error") or {}
        answer = Answer(
            now(),
            response.status_code,
            bool(content["ok"]),
            content.get("id"),
            error.get("code"),
            error.get("message", ""),
        )
        first = given.acknowledged
        if first is not None and answer.status in PASSING:
            return None
        if first is not None:
            self.asked_again += 1
            if (answer.ok, answer.created) != (True, first.created):
                self.different.append(f"{given.kind} {given.id}: {first}, and when asked again {answer}")
        given.answer(answer)
        return answer

    async def ask_what_became(self, deadline: float = 150) -> None:
        """Ask again by the same id whatever is not settled, until everything is or the time is up.

        A take-over waits for a line without an answer for two minutes at most.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                while unsettled := self.ledger.unsettled():
                    await at_once(20, [lambda given=given: self.ask(given) for given in unsettled])  # type: ignore[misc]
                    await asyncio.sleep(0.1)

    async def ask_all_again(self, most: int = 2_000) -> None:
        """Ask the newest acknowledged commands again: each has to be answered as before."""
        newest = [given for given, _ in self.ledger.acknowledged()][-most:]
        await at_once(20, [lambda given=given: self.ask(given) for given in newest])  # type: ignore[misc]

    async def follow(self) -> None:
        """Keep `state`, over every end of the stream."""
        while True:
            await self.product.up.wait()
            with suppress(httpx.HTTPError, SSEError, ClientError):
                timeout = httpx.Timeout(10, connect=2)
                async with aconnect_sse(self.product.http, "GET", "/api/event-stream", timeout=timeout) as source:
                    if source.response.status_code == 200:
                        async for event in source.aiter_sse():
                            self._take(event.event, event.data.encode())
            await asyncio.sleep(0.05)

    def _take(self, event: str, data: bytes) -> None:
        if event == "snapshot":
            self._mirror.snapshot(data)
        elif event == "batch":
            self._mirror.batch(data)

    async def until(self, reached: Callable[[State], bool], deadline: float, what: str) -> None:
        """Return when the state is so. Raises AssertionError with `what`."""
        try:
            async with asyncio.timeout(deadline):
                while not reached(self.state):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not within {deadline} s: {what}\n{self.product.last_words()}") from None


async def at_once(most: int, deeds: list[Callable[[], Awaitable[object]]]) -> None:
    """Do all, so many at a time."""
    waiting = iter(deeds)

    async def hand() -> None:
        for deed in waiting:
            await deed()

    await asyncio.gather(*(hand() for _ in range(min(most, len(deeds)))))
