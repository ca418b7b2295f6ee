"""The simulated Steam of a history: its world, its sessions and its players, reached in memory in place of sockets.

The client's end stands where `plugins.steam.connection.Connection` stands, the server's where the CM has its socket:
the sessions at both ends are the real ones.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from kernel.clock import Millis
from plugins.steam.errors import CmUnreachable, Disconnected, RequestNotSent
from plugins.steam.proxy import Proxy
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.connection import CmConnection as Served
from plugins.steam_sim.egress import proxy_address
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.mafile_writer import mafile
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.keys import password_key
from tests.whole.record import Record, What
from tests.whole.timeline import NOBODY, OWNER, Timeline

LATENCY: Final = 0.02
"""Seconds from one end of a connection to the other."""
HANDSHAKE: Final = 0.1
HEARTBEAT: Final = 30
SILENCE: Final = 3 * HEARTBEAT
"""Seconds without a word after which Steam cuts a session off."""
SEED: Final = 7
CM: Final = "127.0.0.1:27019"
RESULTS: Final = {What.ADD_FRIEND: FaultKind.INVITE_RESULT, What.SEND_MESSAGE: FaultKind.CHAT_RESULT}


class TrueClock:
    """Steam's clock, which is right."""

    def __init__(self, loop: Timeline) -> None:
        self._loop = loop

    def now(self) -> Millis:
        return Millis(int(self._loop.wall() * 1_000))

    async def sleep(self, span: int, /) -> None:
        await asyncio.sleep(span / 1_000)


class Answer(Struct, frozen=True):
    """A result that a player's invites or messages are answered with, whichever bot's they are."""

    kind: FaultKind
    eresult: int
    player: int


class Steam:
    """Numbers of bots and players are those of the history."""

    def __init__(self, loop: Timeline, folder: Path, bots: int, players: Sequence[Temperament]) -> None:
        self.loop = loop
        options = SimOptions(folder=folder, bots=bots, players=len(players), seed=SEED, heartbeat_seconds=HEARTBEAT)
        self.simulation = Simulation(options, TrueClock(loop), loop.wall)
        vars(self.simulation._key)["_key"] = password_key()
        accounts = self.simulation.accounts
        accounts.players = tuple(
            replace(player, temperament=kind) for player, kind in zip(accounts.players, players, strict=True)
        )
        self.bots: Final[Mapping[int, int]] = {bot.steam_id64: bot.number for bot in accounts.bots}
        self.players: Final[Mapping[int, int]] = {player.steam_id64: player.number for player in accounts.players}
        self.record = Record(self.bots, self.players)
        self.context = contextvars.Context()
        """In which everything of Steam's runs, whoever has caused it."""
        self.faults = self.simulation.faults
        self.answers: dict[Answer, int | None] = {}
        """How often each is still given; None: until it is taken out."""
        self._wires: list[Wire] = []
        self._numbers = 0
        self._open = ExitStack()

    async def start(self) -> None:
        self._open.enter_context(self.simulation.offline())
        self.simulation.desk.backend.subscribe(lambda what, _: self.record.happened(self.loop.time(), what))
        self.simulation._players.start()

    async def stop(self) -> None:
        await self.simulation._players.stop()
        await self.simulation._delays.stop()
        self._open.close()

    def account(self, bot: int) -> int:
        return self.simulation.accounts.bots[bot].steam_id64

    def person(self, player: int) -> int:
        return self.simulation.accounts.players[player].steam_id64

    def papers(self, bot: int) -> tuple[str, str, str]:
        """What an operator hands in for a bot: its maFile, its password, its proxy."""
        account = self.simulation.accounts.bots[bot]
        proxy = f"socks5h://{account.login}:{account.proxy_password}@127.0.0.1:1080"
        return json.dumps(mafile(account)), account.password, proxy

    async def connect(self, endpoint: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = 10.0) -> Wire:
        """In the place of `Connection.open`."""
        account = self.simulation.accounts.by_login(proxy.username or "")
        assert account is not None
        await asyncio.sleep(HANDSHAKE)
        if self.faults.at_cm(FaultKind.CM_DOWN, 0) is not None:
            raise CmUnreachable("the CM closed the connection before it was one")
        self._numbers += 1
        wire = Wire(self, self._numbers, endpoint, account.number)
        self._wires.append(wire)
        return wire

    async def list_cms(self, url: str, proxy: Proxy, tls: ssl.SSLContext) -> bytes:
        """In the place of the request for the list of CMs."""
        await asyncio.sleep(HANDSHAKE)
        return json.dumps({"response": {"serverlist": [{"endpoint": CM}]}}).encode()

    async def tell_time(self, url: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = 10.0) -> int:
        """In the place of QueryTime: Steam's clock, in unix seconds."""
        await asyncio.sleep(HANDSHAKE)
        return int(self.loop.wall())

    def drop(self, bot: int) -> None:
        """Cut all connections of a bot at once."""
        for wire in self.wires_of(bot):
            wire.cut()

    def wires_of(self, bot: int) -> list[Wire]:
        return [wire for wire in self._wires if wire.bot == bot]

    def gone(self, wire: Wire) -> None:
        if wire in self._wires:
            self._wires.remove(wire)

    def lose(self, owner: object) -> None:
        """The process at the other end of its connections has died."""
        for wire in [wire for wire in self._wires if wire.owner is owner]:
            wire.abort()

    def take(self, bot: int, player: int, kind: FaultKind | None, receive: Callable[[], None]) -> None:
        """Have Steam take a message of a bot's; the result that is given for that player is a fault of the moment."""
        rule = next((one for one in self.answers if (one.kind, one.player) == (kind, player)), None)
        if rule is None or self.faults.active(rule.kind, self.account(bot)) is not None:
            receive()
            return
        undo = self.faults.switch_on(Fault(rule.kind, rule.eresult, self.account(bot)))
        receive()
        undo()
        left = self.answers[rule]
        if left is not None and left > 1:
            self.answers[rule] = left - 1
        elif left is not None:
            del self.answers[rule]

    def act(self, deed: Callable[[], object]) -> bool:
        """Have a player do something. False where Steam does not let them."""
        try:
            self.context.copy().run(deed)
        except SteamRefused:
            return False
        finally:
            self.context.copy().run(self.simulation.desk.backend.announce)
        return True

    def sees(self, player: int, bot: int) -> EFriendRelationship:
        """How a player sees a bot."""
        return self.simulation.world.relationship(self.person(player), self.account(bot))


class Wire:
    """One connection, both of its ends: what goes in at one comes out at the other, in its order, a moment later."""

    def __init__(self, steam: Steam, number: int, endpoint: str, bot: int) -> None:
        self.endpoint = endpoint
        self.bot = bot
        self.number = number
        self.owner = OWNER.get()
        self._steam = steam
        self._loop = steam.loop
        self._account = steam.account(bot)
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._uplink: deque[Callable[[], None]] = deque()
        self._downlink: deque[bytes | None] = deque()
        self._closed_here = False
        self._closed_there = False
        self._ended = False
        """The reader has been told that there will be nothing more."""
        self._heard_at = self._loop.time()
        line = _Line(self)
        self._served = Served(steam.simulation.desk, line, proxy_address(bot))
        self._watch()

    # our end

    def send(self, data: bytes) -> None:
        if self._closed_here:
            raise RequestNotSent(f"the connection to {self.endpoint} is closed")
        self._note("sent")
        if self._closed_here:
            return  # the process has died with these bytes, or right before them
        at = self._loop.time()
        self._up(lambda: self._arrive(data, at))

    async def receive(self) -> bytes:
        if not self._ended and (data := await self._inbox.get()) is not None:
            return data
        self._ended = True
        raise Disconnected(f"the CM {self.endpoint}, or the proxy before it, closed the connection")

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        """What is in the socket still goes out."""
        if not self._closed_here:
            self._closed_here = True
            self._inbox.put_nowait(None)
            self._up(self._hung_up)

    def release(self) -> None:
        """It holds nothing that has to be let go."""

    # Steam's end

    def down(self, data: bytes | None) -> None:
        """Send us something; None: close."""
        if self._closed_there:
            return
        if data is None:
            self._end_there()
        self._downlink.append(data)
        self._loop.call_later(LATENCY, self._deliver, context=self._steam.context.copy())

    def cut(self) -> None:
        self.down(None)

    def _up(self, what: Callable[[], None]) -> None:
        self._uplink.append(what)
        self._loop.call_later(LATENCY, lambda: self._uplink.popleft()(), context=self._steam.context.copy())

    def _arrive(self, data: bytes, sent_at: float) -> None:
        if self._closed_there:
            return
        steam, now = self._steam, self._loop.time()
        self._heard_at = now
        was_on = self._served.session is not None
        marks = self._marks(sent_at)
        request = steam.record.arrived(now, self._account, data, **marks)
        kind = RESULTS.get(request.what) if request is not None else None
        steam.take(self.bot, request.player if request is not None else -1, kind, lambda: self._served.receive(data))
        if self._served.session is not None and not was_on:
            steam.record.note(now, What.LOGGED_ON, self._account, **marks)

    def _deliver(self) -> None:
        data = self._downlink.popleft()
        if self._closed_here:
            return
        if data is not None:
            self._steam.record.heard(self._loop.time(), self._account, data, **self._marks())
        self._note("heard")
        if not self._closed_here:
            self._inbox.put_nowait(data)

    def _marks(self, sent_at: float = 0.0) -> dict[str, Any]:
        return {"sent_at": sent_at, "run": getattr(self.owner, "number", 0), "session": self.number}

    def _hung_up(self) -> None:
        if not self._closed_there:
            self._end_there()

    def _end_there(self) -> None:
        self._closed_there = True
        if self._served.session is not None:
            self._steam.record.note(self._loop.time(), What.LOGGED_OFF, self._account, session=self.number)
        self._served.closed()
        self._steam.gone(self)

    def _watch(self) -> None:
        """Steam cuts off who says nothing for long."""
        if self._closed_there:
            return
        if self._loop.time() - self._heard_at > SILENCE:
            self.cut()
        else:
            self._loop.call_later(HEARTBEAT, self._watch, context=self._steam.context.copy())

    def _note(self, what: str) -> None:
        if self.owner is not NOBODY:
            self.owner.passes(what)


class _Line:
    """The CM's way to the client."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def send(self, data: bytes) -> None:
        self._wire.down(data)

    def hang_up(self) -> None:
        self._wire.down(None)

    def cut(self) -> None:
        self._wire.cut()
