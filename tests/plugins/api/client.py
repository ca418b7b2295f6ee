"""A served world on loopback, and clients of it: plain ones, and one that folds the stream as a browser does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from httpx_sse import aconnect_sse

from kernel.checks import Check, check
from kernel.codec import decode_envelope
from kernel.plugin import Plugin
from kernel.reducers import reduce
from kernel.roles import Role
from kernel.routes import Method
from kernel.rows import Row
from kernel.snapshot import Snapshot
from kernel.state import State
from kernel.testing import ManualClock, World
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from plugins.api.plugin_routes import OWN, PREFIX

METHODS: Final = frozenset(Method)
DEADLINE_S: Final = 60.0
"""Longer than anything here takes; a test that gets there has failed."""


@cache
def _tls() -> ssl.SSLContext:
    """Of no use here, but each client would make one, which takes longer than most requests."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Site:
    """A world whose API is up, and anna, who has a token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.endpoints = {(one.path, one.method): one for one in world.plugin(Api).endpoints}
        self.tokens = world.data / "api" / "tokens.json"
        self.token = tokens.create(self.tokens, "anna", Kind.OPERATOR, 0)
        self.url = (world.data / "api" / "address").read_text().strip()
        self.anna = self.client({"authorization": f"Bearer {self.token}"})

    def member(self, role: Role, *, name: str | None = None, ends_at: int | None = None) -> httpx.AsyncClient:
        """A client of somebody else, who has a token of that role."""
        token = tokens.create(self.tokens, name or str(role), Kind.OPERATOR, 0, role=role, ends_at=ends_at)
        return self.client({"authorization": f"Bearer {token}"})

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        hooks = {"response": [self.expect_declared]}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=DEADLINE_S, trust_env=False, event_hooks=hooks, verify=_tls()
        )

    async def expect_declared(self, response: httpx.Response) -> None:
        """What is answered anywhere in these tests is a status that its route declares."""
        request = response.request
        path, method = request.url.path, request.method
        endpoint = self.endpoints.get((path, Method(method))) if method in METHODS else None
        if endpoint is None and path.startswith((PREFIX, *OWN.values())):
            endpoint = self.world.plugin(Api).plugin_routes.at(path).get(method)
        if endpoint is not None:
            undeclared = f"{request.method} {endpoint.path} answers {response.status_code}, which it does not declare"
            assert response.status_code in endpoint.statuses, undeclared

    async def command(self, kind: str, payload: Mapping[str, Any] | None = None, **envelope: Any) -> httpx.Response:
        """As anna."""
        return await self.anna.post("/api/command", json={"kind": kind, "payload": payload or {}, **envelope})

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection without a client around it."""
        return await asyncio.open_connection(*self.address)

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.url)
        assert url.port is not None
        return url.host, url.port


@asynccontextmanager
async def serving(
    *plugins: type[Plugin[Any]],
    data: Path | None = None,
    config: Mapping[str, Any] | None = None,
    clock: ManualClock | None = None,
    **api: Any,
) -> AsyncIterator[Site]:
    """A world of these plugins and an API on any port; `api` are its settings."""
    tables = {"api": {"port": 0, **api}, **(config or {})}
    async with World(*plugins, Api, config=tables, data=data, clock=clock) as world:
        site = Site(world)
        async with site.anna:
            yield site


class Mirror:
    """A client of the stream that holds the state by folding what it is sent; fails on a gap or an overlap."""

    def __init__(self, source: httpx.Response | None = None) -> None:
        self.state = State()
        self.begun = 0
        """Snapshots whose first part has come; `snapshots`: those that have come whole."""
        self.snapshots = 0
        self.batches = 0
        self.cuts: dict[int, dict[str, dict[str, Row]]] = {}
        """The state after each message, by its seq."""
        self.checked: set[tuple[str, int]] = set()
        """The rows that the server has told the checksums of, by table and number."""
        self._parts = 0
        self._moved = asyncio.Condition()

    def take(self, event: str, data: str) -> None:
        """One message of the stream."""
        if event == "snapshot":
            self._take_part(msgspec.json.decode(data, type=_Part))
        elif event == "batch":
            assert not self._parts, "a batch came in the midst of a snapshot"
            assert self.snapshots, "a batch came before any snapshot"
            self._take_batch(msgspec.json.decode(data, type=list[msgspec.Raw]))
        elif event == "check":
            self._take_checks(msgspec.json.decode(data, type=list[Check]))
        else:
            raise AssertionError(f"an event {event!r} in the stream")

    async def follow(self, http: httpx.AsyncClient) -> None:
        """Read the stream until it ends."""
        async with aconnect_sse(http, "GET", "/api/event-stream") as stream:
            assert stream.response.status_code == 200, await stream.response.aread()
            async for message in stream.aiter_sse():
                self.take(message.event, message.data)
                async with self._moved:
                    self._moved.notify_all()

    async def reach(self, seq: int) -> None:
        """Return when the state stands at `seq` or later."""
        await self.until(lambda: self.state.seq >= seq)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when that holds, after whichever message."""
        async with asyncio.timeout(DEADLINE_S), self._moved:
            await self._moved.wait_for(holds)

    def _take_part(self, part: _Part) -> None:
        if part.part == 1:
            self.begun += 1
            self.state = State()
            self._parts = 0
            assert set(part.state) == {table.name for table in self.state.tables}
        assert part.part == self._parts + 1, "a part is missing"
        self._parts = part.part if part.part < part.parts else 0
        for name, rows in part.state.items():
            row_type = self.state.table(name).row_type
            self.state.load(name, [msgspec.json.decode(row, type=row_type) for row in rows])
        if part.part == part.parts:
            self.state.seq, self.state.ts = part.seq, part.ts
            self.snapshots += 1
            self.cuts[part.seq] = contents(self.state)

    def _take_batch(self, events: list[msgspec.Raw]) -> None:
        assert events, "an empty batch"
        self.batches += 1
        for line in events:
            envelope = decode_envelope(bytes(line))
            assert envelope.seq == self.state.seq + 1, f"{envelope.seq} follows {self.state.seq}"
            reduce(self.state, envelope)
        self.cuts[self.state.seq] = contents(self.state)

    def _take_checks(self, checks: list[Check]) -> None:
        for told in checks:
            self.checked.update((told.table, number) for number in range(told.start, told.start + told.count))
            assert check(self.state, told.table, told.start, told.count) == told


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    ts: int
    part: int
    parts: int
    state: dict[str, list[msgspec.Raw]]


def contents(state: State) -> dict[str, dict[str, Row]]:
    """Every row of every table, by its key."""
    tables = {table.name: table.key_field for table in state.tables}
    return {name: {getattr(row, tables[name]): row for row in rows} for name, rows in Snapshot.of(state).tables.items()}
