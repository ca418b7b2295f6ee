"""Who is here: every page is told the same, at once, and nothing of it is an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from httpx_sse import aconnect_sse

from kernel.roles import Role
from kernel.testing import FakeTransport
from plugins.api.auth.callers import Caller
from plugins.api.stream import presence
from plugins.api.stream.presence import PresenceRegistry, Sight
from tests.plugins.api.client import DEADLINE_S, Mirror, serving

ANNA = "operator:anna"


class Page:
    """An open page: who is here, as it was told last."""

    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        self.http = http
        self.name = name
        self.here: list[dict[str, Any]] = []
        self._moved = asyncio.Condition()

    async def follow(self) -> None:
        async with aconnect_sse(self.http, "GET", f"/api/event-stream?page={self.name}") as stream:
            async for message in stream.aiter_sse():
                if message.event == "presence":
                    self.here = msgspec.json.decode(message.data)
                    async with self._moved:
                        self._moved.notify_all()

    async def sees(self, holds: Callable[[dict[str, dict[str, Any]]], bool]) -> None:
        """Return when that holds of the pages, by their names."""
        async with asyncio.timeout(DEADLINE_S), self._moved:
            await self._moved.wait_for(lambda: holds({page["page"]: page for page in self.here}))

    async def says(self, **sight: Any) -> httpx.Response:
        return await self.http.post("/api/presence", json={"page": self.name, "here": True, **sight})


@asynccontextmanager
async def served() -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """A server, and two operators of it."""
    async with serving(FakeTransport) as site, site.member(Role.OPERATOR, name="boris") as boris:
        yield site.anna, boris


@asynccontextmanager
async def opened(http: httpx.AsyncClient, name: str) -> AsyncIterator[Page]:
    page = Page(http, name)
    task = asyncio.create_task(page.follow())
    try:
        await page.sees(lambda pages: name in pages)
        yield page
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_every_page_is_told_who_is_here_where_they_look_and_where_they_type() -> None:
    async with served() as (anna, boris), opened(anna, "one") as one, opened(boris, "two") as two:
        assert (await two.says(chats=["chat_1", "chat_2"], typing="chat_1")).json()["ok"] is True
        for page in (one, two):
            await page.sees(lambda pages: pages["two"]["typing"] == "chat_1")
            assert [(p["actor"], p["chats"]) for p in page.here] == [
                (ANNA, []),
                ("operator:boris", ["chat_1", "chat_2"]),
            ]
        await two.says(chats=["chat_2"], here=False)
        await one.sees(lambda pages: pages["two"] == {**pages["two"], "here": False, "typing": None})


async def test_whoever_closes_the_page_is_gone_and_whoever_comes_sees_who_is_there() -> None:
    async with served() as (anna, boris), opened(anna, "one") as one:
        async with opened(boris, "two") as two:
            assert {page["actor"] for page in two.here} == {ANNA, "operator:boris"}
        await one.sees(lambda pages: set(pages) == {"one"})


async def test_nothing_of_it_is_an_event_and_a_client_that_is_no_page_is_sent_none() -> None:
    async with serving(FakeTransport) as site:
        seq = site.world.state.seq
        mirror = Mirror()  # fails on anything but snapshots and batches
        async with site.client({"authorization": f"Bearer {site.token}"}) as http:
            following = asyncio.create_task(mirror.follow(http))
            await mirror.reach(seq)
            async with opened(site.anna, "one") as one:
                await one.says(chats=["chat_1"])
                await one.sees(lambda pages: pages["one"]["chats"] == ["chat_1"])
            assert site.world.state.seq == seq
            assert not following.done()
            following.cancel()


async def test_a_page_speaks_for_itself_alone() -> None:
    async with served() as (anna, boris), opened(anna, "one") as one:
        refused = await boris.post("/api/presence", json={"page": "one", "here": True, "chats": ["chat_9"]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknownPage")
        await one.says(typing="chat_1")
        await one.sees(lambda pages: pages["one"]["typing"] == "chat_1")
        assert [page["chats"] for page in one.here] == [[]]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"page": "one"}',
        b'{"page": "one", "here": true, "mood": "sunny"}',
        b'{"page": "one two", "here": true}',
        b'{"page": "one", "here": true, "chats": [' + b",".join([b'"chat_1"'] * 13) + b"]}",
    ],
)
async def test_what_is_no_presence_is_refused_in_words(body: bytes) -> None:
    async with serving(FakeTransport) as site:
        answer = await site.anna.post("/api/presence", content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidPresence")
        assert (await site.anna.get("/api/presence")).status_code == 405
        strange = await site.anna.get("/api/event-stream?page=a%20b")
        assert (strange.status_code, strange.json()["error"]["field"]) == (400, "page")


async def test_a_page_that_comes_back_before_its_old_connection_is_given_up_stays_here() -> None:
    caller = Caller(ANNA, Role.OPERATOR, "token anna")
    room = PresenceRegistry(lambda: None)
    room.join(caller, "one", "old")
    room.report(caller, Sight(page="one", here=True))
    room.join(caller, "one", "new")
    room.leave(caller, "one", "old")
    room.report(caller, Sight(page="one", here=True, typing="chat_1"))


async def test_a_page_that_has_fallen_silent_counts_as_here_again_when_it_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence, "LOOK_S", 0)
    monkeypatch.setattr(presence, "WINDOW_S", 0)
    now, told = 0.0, asyncio.Queue[bytes]()
    caller = Caller(ANNA, Role.OPERATOR, "token anna")
    room = PresenceRegistry(lambda: told.put_nowait(room.message.plain), lambda: now)
    telling = asyncio.create_task(room.run())
    async with asyncio.timeout(DEADLINE_S):
        room.join(caller, "one", "connection")
        assert b'"page":"one"' in await told.get()
        now += presence.SILENT_S
        assert b"data: []" in await told.get()
        room.report(caller, Sight(page="one", here=True))
        assert b'"page":"one"' in await told.get()
    telling.cancel()
