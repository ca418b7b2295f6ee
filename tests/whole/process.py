"""One run of the system, from its start to its stop or its death, on the folder and the Steam of the history."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import ssl
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, TypeVar
from unittest import mock

from kernel.config import Config, check
from kernel.events import Envelope
from kernel.hosting.host import Host
from kernel.hosting.library import StaticLibrary
from kernel.machine_clock import SystemClock
from kernel.plugin import Plugin
from kernel.system import System
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.journal import Journal
from plugins.journal.writer import Writer
from plugins.scripted_agent import ScriptedAgent
from plugins.scripted_agent import reading as scripts
from plugins.scripted_agent.player import ScriptInterpreter as ScriptPlayer
from plugins.steam import Steam as Transport
from plugins.steam.directory import Directory
from plugins.steam.network import Network
from plugins.steam.plugin import _steam_now_ms as steam_now_ms
from plugins.steam.steam_clock import SteamClock
from plugins.tasks import Tasks
from tests.whole import agent, shelf
from tests.whole.agent import MoodyAgent, Temperamental
from tests.whole.disk import BadAppender, Disk
from tests.whole.steam import Steam
from tests.whole.timeline import OWNER, Strand, StrandEvent, StrandQueue, Timeline, machine

T = TypeVar("T")
Heard = Callable[[Envelope, bytes], None]

TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Of no use here; a real one takes as long to make as a short history takes."""
LOOK_S: Final = 120.0
"""How often the journal's thread looks at its file when it has nothing to write to it, and the kernel at the clock."""
RIGHT_MS: Final = 5
"""What the machine's clock may differ by and be right."""
MESSAGES_KEPT: Final = 30
"""What a chat holds in memory: less than in production, so that histories get there."""
TURNS: Final = 8
"""Turns of the loop in which what is cancelled ends."""


class Recording(Journal):
    """The journal, on the disk of the history."""

    appender = BadAppender
    stall_s = 20.0  # the half of the looks that it takes in production

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        OWNER.get().recording = self


class Wired(Transport):
    """The transport, whose connections lead to the Steam of the history."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        OWNER.get().wired = self

    def _network(self, folder: Path) -> Network:
        steam: Steam = OWNER.get().steam
        directory = Directory(TLS, steam_now_ms, keep=folder / "cm-list.json", chance=Random(1), fetch=steam.list_cms)
        time = self._time = SteamClock(steam_now_ms, self.ctx.clock.elapsed)
        return Network(
            directory=directory,
            tls=TLS,
            time=time,
            one_clock=True,
            dial_timeout=self.config.dial_timeout_s,
            answer_timeout=self.config.answer_timeout_s,
        )


PLUGINS: Final[Mapping[str, type[Plugin[Any]]]] = {
    "journal": Recording,
    "contact_policy": ContactPolicy,
    "steam": Wired,
    "fleet": Fleet,
    "tasks": Tasks,
    "assigner": Assigner,
    "invites": Invites,
    "dialogue": Dialogue,
    agent.NAME: MoodyAgent,
    "scripted_agent": ScriptedAgent,
    shelf.NAME: shelf.Shelf,
}


class PatientWriter(Writer):
    """The journal's thread. While it has nothing to write it counts as alive, and seldom looks at its file."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **(more | {"look_s": LOOK_S}))

    @property
    def turns(self) -> int:
        if isinstance(self._batches, StrandQueue) and self._batches.is_waited_at:
            self._turns += 1
        return self._turns

    @turns.setter
    def turns(self, number: int) -> None:
        self._turns = number


class PatientClock(SystemClock):
    """The system's clock. While the machine's is right it is seldom looked at, and at once when somebody sets it."""

    def __init__(self, loop: Timeline) -> None:
        super().__init__()
        self._timeline = loop

    async def next_look(self) -> None:
        if abs(self.offset()) > RIGHT_MS:
            await super().next_look()
        else:
            await self._timeline.calm(LOOK_S)


def _once(work: Callable[..., T]) -> Callable[..., T]:
    """The same, with an answer that is kept for each set of arguments; of an instance only its class counts."""
    name = work.__qualname__
    if name not in _KEPT:
        answers: dict[tuple[object, ...], tuple[T, tuple[object, ...]]] = {}

        def kept(*arguments: object) -> T:
            key = tuple(type(a) if isinstance(a, Plugin | Host) else _hashable(a) for a in arguments)
            if key not in answers:
                answers[key] = work(*arguments), arguments
            return answers[key][0]

        _KEPT[name] = kept
    remembered: Callable[..., T] = _KEPT[name]
    return remembered


_KEPT: Final[dict[str, Any]] = {}


def _hashable(value: object) -> object:
    """The value, or else which object it is."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value


@contextmanager
def fitted(loop: Timeline, steam: Steam) -> Iterator[None]:
    """During the block our code runs on this loop: its time, its threads, its connections and its dice are of here."""
    numbers = count(1)
    connection = SimpleNamespace(open=steam.connect)
    with ExitStack() as fitting:
        fitting.enter_context(machine(loop))
        for name, stand_in in (
            ("plugins.journal.writer.Thread", Strand),
            ("plugins.journal.writer.SimpleQueue", StrandQueue),
            ("plugins.journal.writer.Event", StrandEvent),
            ("plugins.steam.client.Connection", connection),
            ("plugins.steam.fetch.query_time", steam.tell_time),
            ("plugins.fleet.plugin.Random", lambda: Random(1)),
            ("kernel.ids.new_id", lambda prefix: f"{prefix}_{next(numbers):026}"),
            ("plugins.journal.recorder.Writer", PatientWriter),
            ("kernel.reducers.chats.MESSAGES_KEPT", MESSAGES_KEPT),
            ("kernel.replay.chats.MESSAGES_KEPT", MESSAGES_KEPT),
            ("plugins.history.leaving.SOONEST", shelf.SOONEST_MS),
            ("plugins.history.leaving.OVERLAP_S", shelf.OVERLAP_S),
            # what is the same at each start is worked out once
            ("plugins.scripted_agent.plugin.load", _once(scripts.load)),
            ("plugins.scripted_agent.plugin.ScriptInterpreter", _once(ScriptPlayer)),
            ("kernel.hosting.host.Host._hooks", _once(Host._hooks)),
        ):
            fitting.enter_context(mock.patch(name, stand_in))
        yield


def configured(tables: Mapping[str, Mapping[str, object]]) -> Config:
    one_file = {"segment_daily": False, **tables.get("journal", {})}  # the threads that seal are not of the history
    return check({**tables, "journal": one_file, "kernel": {"plugins": list(PLUGINS)}}, PLUGINS)


class Surroundings(NamedTuple):
    """What outlives a process."""

    loop: Timeline
    steam: Steam
    disk: Disk
    agent: Temperamental
    data: Path


class Process:
    """Number `number` of the history, counted from 1. `heard` is called for each event, until it dies."""

    def __init__(self, number: int, around: Surroundings, config: Config, heard: Heard) -> None:
        loop = self._loop = around.loop
        self.number = number
        self.steam = around.steam
        self.disk = around.disk
        self.agent = around.agent
        self.dead = False
        self.death: asyncio.Future[None] = loop.create_future()
        self.strands: list[Strand] = []
        self.recording: Recording | None = None
        self.wired: Wired | None = None
        self._fuse: int | None = None
        self._torn = 0
        self._heard = heard
        self._context = contextvars.copy_context()
        self._context.run(OWNER.set, self)
        self.system = System(config, StaticLibrary(PLUGINS), clock=PatientClock(loop), data=around.data)
        self.system.bus.tap(self._hear, owner="test")
        self.ctx = self.system.context("test")
        self.begun = self.system.clock.now()
        self.state = self.system.state

    def run(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Have the process do something."""
        return self._loop.create_task(work, name=name, context=self._context.copy())

    async def start(self) -> None:
        """Return when it has started, or died on the way. Raises what the start does."""
        await self._until(self.run(self.system.start(), "start"))

    async def stop(self) -> None:
        """Stop it in good order; it may die on the way."""
        await self._until(self.run(self.system.stop(), "stop"))
        if not self.dead:
            self.dead = True
            await self.bury()

    async def _until(self, task: asyncio.Task[Any]) -> None:
        await asyncio.wait((task, self.death), return_when=asyncio.FIRST_COMPLETED)
        if not self.dead:
            task.result()

    def doom(self, passes: int, torn: int) -> None:
        """Let it die after so many more things that it does or hears; of a write at that moment `torn` % stay."""
        self._fuse, self._torn = passes, torn

    def passes(self, what: str) -> None:
        """It is at one of the moments at which it may die."""
        if self.dead or self._fuse is None:
            return
        if self._fuse == 0:
            self.die()
        else:
            self._fuse -= 1

    def torn_at(self, size: int) -> int:
        return size * self._torn // 100

    def die(self) -> None:
        """As by `kill -9`: from here on nothing that it does has any effect."""
        if not self.dead:
            self.dead = True
            self.steam.lose(self)
            self._loop.call_soon(self.death.set_result, None)

    async def bury(self) -> None:
        """Clear away what is left of a dead process, while no time passes."""
        for strand in self.strands:
            strand.kill()
        for _ in range(TURNS):
            left = self._loop.let_die(self)
            if not left:
                break
            for task in left:
                task.cancel()
            for _ in range(TURNS):
                await asyncio.sleep(0)
        for task in self._loop.let_die(self):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        if self.recording is not None and self.recording._lock is not None:
            self.recording._lock.release()
        if self.wired is not None:
            self.wired._held.close()

    def _hear(self, envelope: Envelope, line: bytes) -> None:
        if not self.dead:
            self._heard(envelope, line)


class Accidents(logging.Handler):
    """Collects what our code logs of failures that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        owner = OWNER.get()
        ours = not record.getMessage().startswith(agent.NAME)  # whose failures are meant
        if ours and record.exc_info and record.exc_info[1] is not None and not getattr(owner, "dead", False):
            self.found.append(f"{record.getMessage()} ({record.exc_info[1]!r})")
