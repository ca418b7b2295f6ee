"""For tests of plugins, ours and other people's: a clock that only moves when told to, and a small world of fakes."""

from __future__ import annotations

import asyncio
import heapq
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

from kernel.clock import SECOND, Millis
from kernel.codes import Open
from kernel.commands import (
    Command,
    ConnectBot,
    CreateTask,
    DeclineFriendRequest,
    Delivered,
    DeliverMessage,
    DisconnectBot,
    HistoryLine,
    ReadHistory,
    SendInvite,
    WithdrawInvite,
)
from kernel.config import check
from kernel.context import Context
from kernel.errors import CommandError, Refused
from kernel.events import (
    BotAdded,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    Envelope,
    Event,
    FriendInviteSent,
    FriendMessageArrived,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.hookspecs import hookimpl
from kernel.hosting.library import Library, StaticLibrary
from kernel.ids import BotId, SteamId64, TaskId, new_bot_id
from kernel.plugin import Plugin, PluginConfig
from kernel.system import System

E = TypeVar("E", bound=Event)
R = TypeVar("R")

NOON: Final = Millis(1_767_268_800_000)
"""2026-01-01 12:00 UTC, where a test's time begins."""
_THREADS: Final = threading.active_count()
"""Those that are none of a world's: whoever runs the tests has them."""
_QUIET: Final = 3
"""Turns in a row without anything to run, after which nothing comes any more; a socket's bytes take one or two."""


class ManualClock:
    """Time that stands still until `advance` is called; a day passes in no time.

    `set_wall` puts the machine's clock wrong, and right again: the system then does what it does in life.
    """

    rate = 1.0

    def __init__(self, start: int = NOON, *, resumes: bool = True) -> None:
        """`resumes`: go on where an earlier run stopped, as a demonstration does; the machine's clock stays itself."""
        self._now = start
        self._resumes = resumes
        self._lived = 0
        self._began = 0
        self._steady_since = 0
        self._offset = 0
        self._wrong = 0
        self._wall_set = asyncio.Event()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> Millis:
        return Millis(self._now)

    def elapsed(self) -> Millis:
        return Millis(self._lived - self._began)

    def steady(self) -> Millis:
        return Millis(self._lived - self._steady_since)

    async def sleep(self, span: int) -> None:
        if span <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._lived + span, next(self._order), woken))
        await woken

    def resume(self, latest: int) -> None:
        self._began = self._lived
        self.doubt()
        if self._resumes:
            self._now = max(self._now, latest)

    def set_wall(self, ahead: int) -> None:
        """From now on the machine's clock is `ahead` milliseconds ahead of the true time; 0 puts it right."""
        self._offset += ahead - self._wrong
        self._wrong = ahead
        self._wall_set.set()

    def offset(self) -> int:
        return self._offset

    async def next_look(self) -> None:
        """Once a second while the wall is wrong; else nobody looks, so that a test's year passes in no time."""
        if self._offset == 0:
            await self._wall_set.wait()
        self._wall_set.clear()
        await self.sleep(1_000)

    def step(self, by: int) -> None:
        self._now += by
        self._offset -= by
        self.doubt()

    def doubt(self) -> None:
        self._steady_since = self._lived

    async def advance(self, span: int) -> None:
        """Let `span` milliseconds pass: every sleeper wakes at its own moment, and has its say before the next."""
        end = self._lived + span
        await idle()
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, woken = heapq.heappop(self._sleepers)
            self._pass(moment)
            if not woken.done():
                woken.set_result(None)
                await idle()
        self._pass(end)
        await idle()

    def _pass(self, moment: int) -> None:
        span = max(0, moment - self._lived)
        self._lived += span
        self._now += span


async def idle(turns: int = 30) -> None:
    """Let everything run that can run without time passing or bytes arriving.

    At most so many turns of the loop; fewer where nothing is left to run, nor a thread that may hand something over.
    """
    ready = getattr(asyncio.get_running_loop(), "_ready", None)  # uvloop hides its own: there all turns are made
    quiet = 0
    for _ in range(turns):
        await asyncio.sleep(0)
        quiet = quiet + 1 if ready is not None and not ready and threading.active_count() <= _THREADS else 0
        if quiet == _QUIET:
            return


class FakeTransport(Plugin[PluginConfig]):
    """Takes the transport's seat without a network: every bot signs in, every invite and message is taken.

    `relations`, `sent`, `invited` and `history` are what a test looks at; `invite_fails` and `deliver_fails`, called
    with the command, may raise what Steam would have answered; `deliver_holds` is awaited before a message is taken.
    """

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.relations: dict[tuple[str, str], Open[Relationship]] = {}
        self.invited: list[SendInvite] = []
        self.withdrawn: list[WithdrawInvite] = []
        self.declined: list[DeclineFriendRequest] = []
        self.sent: list[DeliverMessage] = []
        self.history: dict[tuple[str, str], list[HistoryLine]] = {}
        self.heard: int | None = None
        """The second up to which bots have heard what was written to them; None: all of it."""
        self.invite_fails: Callable[[SendInvite], None] | None = None
        self.deliver_fails: Callable[[DeliverMessage], None] | None = None
        self.deliver_holds: Callable[[DeliverMessage], Awaitable[None]] | None = None
        self._ordinals = count(1)

    async def start(self) -> None:
        self.ctx.handle(ConnectBot, self.connect)
        self.ctx.handle(DisconnectBot, self.disconnect)
        self.ctx.handle(SendInvite, self.invite)
        self.ctx.handle(WithdrawInvite, self.withdrawn.append)
        self.ctx.handle(DeclineFriendRequest, self.declined.append)
        self.ctx.handle(DeliverMessage, self.deliver)
        self.ctx.handle(ReadHistory, self.read_history)

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> Open[Relationship] | None:
        return self.relations.get((bot_id, player), Relationship.NONE)

    @hookimpl
    def heard_until(self, bot_id: BotId) -> int | None:
        return self.heard or self.ctx.clock.now() // SECOND - 60

    def connect(self, command: ConnectBot) -> None:
        self.ctx.publish(BotConnecting(bot_id=command.bot_id))
        self.ctx.publish(BotConnected(bot_id=command.bot_id))

    def disconnect(self, command: DisconnectBot) -> None:
        self.ctx.publish(
            BotDisconnected(bot_id=command.bot_id, reason=command.reason, detail="The bot was logged off.")
        )

    def invite(self, command: SendInvite) -> None:
        if self.invite_fails is not None:
            self.invite_fails(command)
        self.invited.append(command)
        self.relations[command.bot_id, command.player] = Relationship.REQUEST_INITIATOR
        self.ctx.publish(FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player))

    async def deliver(self, command: DeliverMessage) -> Delivered:
        if self.deliver_fails is not None:
            self.deliver_fails(command)
        if self.deliver_holds is not None:
            await self.deliver_holds(command)
        self.sent.append(command)
        line = HistoryLine(True, command.text, self.ctx.clock.now() // 1_000, next(self._ordinals))
        self.history.setdefault((command.bot_id, command.player), []).append(line)
        return Delivered(line.steam_ts, line.ordinal)

    def read_history(self, command: ReadHistory) -> tuple[HistoryLine, ...]:
        lines = self.history.get((command.bot_id, command.player), [])
        return tuple(line for line in lines if line.steam_ts >= command.since)

    def relate(self, bot_id: BotId, player: SteamId64, relationship: Open[Relationship]) -> None:
        """Steam reports how the two stand from now on."""
        self.relations[bot_id, player] = relationship
        self.ctx.publish(FriendRelationshipChanged(bot_id=bot_id, player=player, relationship=relationship))

    def say_elsewhere(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        """Somebody writes to the player as the bot, with another Steam client."""
        line = HistoryLine(True, text, self.ctx.clock.now() // 1_000, next(self._ordinals))
        self.history.setdefault((bot_id, player), []).append(line)
        arrived = FriendMessageArrived(
            bot_id=bot_id, player=player, text=text, steam_ts=line.steam_ts, ordinal=line.ordinal, from_bot=True
        )
        self.ctx.publish(arrived)

    def say(self, bot_id: BotId, player: SteamId64, text: str, *, ordinal: int | None = None) -> None:
        """The player writes to the bot."""
        number = next(self._ordinals) if ordinal is None else ordinal
        line = HistoryLine(False, text, self.ctx.clock.now() // 1_000, number)
        self.history.setdefault((bot_id, player), []).append(line)
        arrived = FriendMessageArrived(
            bot_id=bot_id, player=player, text=text, steam_ts=line.steam_ts, ordinal=line.ordinal
        )
        self.ctx.publish(arrived, actor=f"player:{player}")


class World:
    """A system of some plugins on a manual clock. `config` holds their tables; `transport` is there when listed.

    `async with World(Tasks, Assigner, FakeTransport) as world:`; plugins are named as their folders are.
    """

    def __init__(
        self,
        *plugins: type[Plugin[Any]],
        config: Mapping[str, Mapping[str, object]] | None = None,
        clock: ManualClock | None = None,
        data: Path | None = None,
        library: Library | None = None,
        watched: bool = False,
        named: Mapping[str, type[Plugin[Any]]] | None = None,
    ) -> None:
        """`library`: where plugins are taken from that a command enables, reloads or swaps in; the listed ones else.
        `watched`: the watchdog runs, by the machine's own time, as it does in production. `named`: plugins by the
        names that they are installed under.
        """
        self._watched = watched
        self.clock = clock or ManualClock()
        self._classes = {name_of(plugin): plugin for plugin in plugins} | dict(named or {})
        tables = dict(config or {})
        document = {**tables, "kernel": {"plugins": list(self._classes), **tables.get("kernel", {})}}
        checked = check(document, self._classes)
        self._temporary = None if data else tempfile.TemporaryDirectory(prefix="switchboard-test-")
        self.data = data or Path(self._temporary.name if self._temporary else "")
        self.library = library or StaticLibrary(self._classes)
        self.system = System(checked, self.library, clock=self.clock, data=self.data)
        self.ctx = self.system.context("test")
        self.state = self.system.state
        self.events: list[Envelope] = []
        self._numbers = count(1)

    async def __aenter__(self) -> World:
        self.system.bus.tap(lambda envelope, _: self.events.append(envelope), owner="test")
        try:
            await self.system.start()
        except BaseException:  # raised again: the temporary folder goes all the same
            self._clean_up()
            raise
        if self._watched:
            self.system.watchdog.start()
        await idle()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watched:
            self.system.watchdog.stop()
        await self.system.stop()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def plugin(self, plugin: type[R]) -> R:
        """The running instance of that class."""
        return next(p for p in self.system.plugins.get_plugins() if isinstance(p, plugin))

    @property
    def transport(self) -> FakeTransport:
        return self.plugin(FakeTransport)

    async def execute(self, command: Command[R], *, actor: str = "operator:anna") -> R:
        """As an operator would, then let everything settle."""
        result = await self.ctx.execute(command, actor=actor)
        await idle()
        return result

    async def refusal(self, command: Command[Any], *, actor: str = "operator:anna", late: bool = False) -> Refused:
        """The error that the command is answered with; fails when it is carried out.

        What comes from outside can be asked about beforehand, so it fails too when a dry run said otherwise; `late`
        is for what goes wrong only while the command is carried out.
        """
        seq = self.state.seq
        foretold = self.foretold(command, actor=actor)
        try:
            await self.ctx.execute(command, actor=actor)
        except Refused as refused:
            changed = [e.kind for e in self.events if e.seq > seq]
            assert not changed, f"{command.kind} was refused with {refused.code}, and yet {changed}"
            said = foretold and foretold.code
            expected = None if late else refused.code
            assert not command.public or said == expected, (
                f"{command.kind} was refused with {refused.code}; a dry run said {said}"
            )
            return refused
        raise AssertionError(f"{command.kind} was carried out")

    def foretold(self, command: Command[Any], *, actor: str = "operator:anna") -> CommandError | None:
        """What a dry run says that the command would be refused for."""
        try:
            self.system.router.dry_run(command, actor=actor)
        except CommandError as error:
            return error
        return None

    def happened(self, event: type[E]) -> list[E]:
        """The events of that type so far."""
        return [e.payload for e in self.events if isinstance(e.payload, event)]

    def player(self) -> SteamId64:
        """A person nobody has met."""
        return SteamId64(str(76561198000000000 + next(self._numbers)))

    def add_bot(self, *, connected: bool = True) -> BotId:
        """A bot that is there, and by default online, whoever would have added it."""
        bot_id = new_bot_id()
        number = next(self._numbers)
        account = SteamId64(str(76561199000000000 + number))
        self.ctx.publish(BotAdded(bot_id=bot_id, steam_id64=account, proxy_url=f"socks5h://127.0.0.1:{1080 + number}"))
        if connected:
            if self.state.bots[bot_id].status == "disconnected":
                self.ctx.publish(BotConnecting(bot_id=bot_id))
            if self.state.bots[bot_id].status == "connecting":
                self.ctx.publish(BotConnected(bot_id=bot_id))
        return bot_id

    async def create_task(self, player: SteamId64 | None = None, **fields: Any) -> TaskId:
        """A task as an operator makes it; `fields` replace the usual ones."""
        usual: dict[str, Any] = {
            "item": "AK-47 | Redline",
            "price_min": Decimal("10.00"),
            "price_max": Decimal("12.50"),
            "currency": "USD",
        }
        return await self.execute(CreateTask(player=player or self.player(), **(usual | fields)))


def name_of(plugin: type[Plugin[Any]]) -> str:
    """The name under which the world runs a plugin: its folder, or for one without, its class in small letters."""
    parts = plugin.__module__.split(".")
    return parts[1] if parts[0] == "plugins" and len(parts) > 1 else plugin.__name__.lower()
