"""What one plugin may touch. Everything taken here is given back when the plugin stops."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kernel import causality
from kernel.bus import Bus, Contain, Handler, Sink, Undo
from kernel.clock import Clock
from kernel.commands import Command
from kernel.commits import Commits
from kernel.containment import CONTAINED, being_cancelled
from kernel.data_folder import DataFolder
from kernel.events import Envelope, Event, PluginEnabled, PluginReloaded, PluginRolledBack, SystemStarted
from kernel.hooks import HookCaller
from kernel.ids import CommandId, derived, new_id
from kernel.plugin_tables import OwnRow, PluginTable
from kernel.router import CommandCheck, CommandHandler, Observer, Router
from kernel.snapshot import Snapshot
from kernel.state import State
from kernel.stream import Overflow, Stream

E = TypeVar("E", bound=Event)
R = TypeVar("R")
T = TypeVar("T")


class Context:
    """The kernel as one plugin sees it, in the plugin's name."""

    def __init__(
        self,
        name: str,
        *,
        state: State,
        clock: Clock,
        bus: Bus,
        router: Router,
        commits: Commits,
        hooks: HookCaller,
        contain: Contain,
        data: DataFolder,
    ) -> None:
        self.name = name
        self.state = state
        """Read it freely; between two awaits it does not change under you."""
        self.clock = clock
        self.hooks = hooks
        """Every hook that the other plugins answer, as a typed method."""
        self.log = logging.getLogger(f"plugins.{name}")
        self._bus = bus
        self._router = router
        self._commits = commits
        self._contain = contain
        self._data = data
        self._undos: list[Undo] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._released = False
        self._closed = False

    @property
    def actor(self) -> str:
        """Who caused the code that is running: the caller of the command, else this plugin."""
        return causality.current().actor or f"plugin:{self.name}"

    def new_id(self, prefix: str) -> str:
        """An id for what is made now, such as `task_01h…`.

        While a command is carried out that was given an id, it is the one that is derived from that, always the same:
        so `Command.made` finds it again after a crash that took the record of the command.
        """
        command_id = causality.current().command
        return new_id(prefix) if command_id is None else derived(prefix, command_id)

    @property
    def data_dir(self) -> Path:
        """A folder of the plugin's own, made at first use, for its owner's eyes only; never anew."""
        return self._data.part(self.name)

    def data_gone(self) -> str | None:
        """Why a file that was in `data_dir` is not there: a sentence; None where the folder is the one it was.

        To be asked before a file that is missing is taken for one that has never been.
        """
        return self._data.gone(self.name)

    def publish(self, event: Event, *, actor: str | None = None) -> Envelope:
        """Make a fact known. Returns once it is in the state; see `Bus.publish`. Raises IllegalTransition."""
        return self._bus.publish(event, actor=actor or self.actor)

    def subscribe(self, event: type[E] | str, handler: Handler[E]) -> Undo:
        """Have the plain function `handler(envelope, event)` called for each event of that type.

        Of another plugin's own events, which cannot be imported, the kind is given, such as `talk_counter.counted`.
        """
        if inspect.iscoroutinefunction(handler):
            raise TypeError(f"{self.name}: the handler of {event} is async; let it call ctx.spawn instead")
        return self._keep(self._bus.subscribe(event, handler, owner=self.name))

    def when_up(self, begin: Callable[[], object]) -> None:
        """Have `begin()` called once the plugin is up among the others: when the system has started, or when this
        plugin was enabled, reloaded or put back while it runs. What happened meanwhile it has not heard.
        """

        def own(_: Envelope, told: PluginEnabled | PluginReloaded | PluginRolledBack) -> None:
            if told.name == self.name:
                begin()

        self.subscribe(SystemStarted, lambda *_: begin())
        self.subscribe(PluginEnabled, own)
        self.subscribe(PluginReloaded, own)
        self.subscribe(PluginRolledBack, own)

    def tap(self, sink: Sink) -> Undo:
        """Have `sink(envelope, line)` called for every event, with its JSON line, encoded once for all."""
        return self._keep(self._bus.tap(sink, owner=self.name))

    def stream(self, *events: type[Event], size: int = 1_000, overflow: Overflow = Overflow.DROP_OLDEST) -> Stream:
        """A bounded queue of these events, for a task that reads at its own pace."""
        stream = Stream(size, overflow)
        for event in events:
            self.subscribe(event, lambda envelope, _: stream.push(envelope))
        self._keep(stream.close)
        return stream

    def handle(self, command: type[Command[R]], handler: CommandHandler, *, check: CommandCheck | None = None) -> Undo:
        """Carry this kind of command out: `handler(command)` returns its result, or an awaitable of it.

        `check(command)` raises the Refused that the handler would begin with, and does nothing: it answers a dry run.
        """
        return self._keep(self._router.handle(command, handler, owner=self.name, check=check))

    def observe(self, observer: Observer) -> Undo:
        """Have `observer(kind, result, seconds)` called for every command that is answered, by whomever given."""
        return self._keep(self._router.observe(observer, owner=self.name))

    async def execute(
        self,
        command: Command[R],
        *,
        actor: str | None = None,
        command_id: CommandId | None = None,
        done: Callable[[R], object] | None = None,
    ) -> R:
        """Ask for something, and wait until it is done and on disk. Raises Refused, always with a sentence."""
        return await self._router.execute(
            command, actor=actor or self.actor, command_id=command_id, done=done, via_plugin=self.name
        )

    def decode(self, kind: str, payload: msgspec.Raw | bytes) -> Command[Any]:
        """A public command from its kind and the JSON of its payload. Raises Malformed or Unavailable."""
        return self._router.decode(kind, payload)

    @property
    def command_kinds(self) -> Mapping[str, type[Command[Any]]]:
        """The commands that have a handler now, by their kind."""
        return self._router.kinds

    def dry_run(self, command: Command[Any], *, actor: str | None = None, command_id: CommandId | None = None) -> None:
        """Raise what `execute` would be refused for just now; nothing is done, nothing recorded."""
        self._router.dry_run(command, actor=actor or self.actor, command_id=command_id)

    async def unpaused(self, command: Command[Any]) -> None:
        """Return when the plugin that carries the command out is not being changed."""
        await self._router.unpaused(command)

    async def settled(self, matching: Callable[[Command[Any]], bool]) -> None:
        """Return when the matching commands that are under way now have ended. The caller holds the deadline."""
        await self._router.settled(matching)

    @property
    def uncommitted(self) -> int:
        """How many events are not on disk yet; 0 where there is no journal."""
        return max(0, self.state.seq - self._commits.reached) if self._commits.in_charge else 0

    @property
    def commit_failure(self) -> str | None:
        """Why nothing can be brought to disk just now; None when it can."""
        return self._commits.failure

    async def committed(self, seq: int | None = None) -> None:
        """Return when every event until now, or up to `seq`, is on disk. Raises CommitFailed."""
        await self._commits.wait(self.state.seq if seq is None else seq)

    def snapshot(self) -> Snapshot:
        """The whole state at its present seq."""
        return Snapshot.of(self.state)

    def rows(self, table: PluginTable[OwnRow]) -> Mapping[str, OwnRow]:
        """The plugin's own rows of that table, by their ids. Written by its reducers alone."""
        return self.state.plugin_rows.table(self.name, table)

    def spawn(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T | None]:
        """Run `work` beside everything else, as this plugin; what it raises is contained and logged.

        Once the plugin has been stopped, nothing new begins: the task is cancelled before its first step.
        """
        with causality.acting(causality.Origin(None, causality.current().cause)):
            task = asyncio.create_task(self._guarded(work, name), name=f"{self.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # cancelled before its first step, nobody else would
        if self._closed:
            task.cancel()
        return task

    def call_later(self, span: int, callback: Callable[[], None], name: str) -> Undo:
        """Call `callback` when `span` milliseconds have passed by the clock. Returns the way to call it off."""

        async def wait() -> None:
            await self.clock.sleep(span)
            callback()

        task = self.spawn(wait(), name)
        return lambda: None if task.done() else _cancel(task)

    def contain(self, where: str, error: BaseException) -> None:
        """Take note of a failure of this plugin's that nobody is waiting for."""
        self._contain(self.name, where, error)

    def release(self) -> None:
        """Undo every subscription, handler and stream. The plugin hears and answers nothing from now on."""
        self._released = True
        while self._undos:
            self._undos.pop()()

    async def close(self, deadline: float) -> list[str]:
        """Give everything back. Returns the names of tasks that did not end within `deadline` seconds."""
        self.release()
        self._closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if not tasks:
            return []
        _, hung = await asyncio.wait(tasks, timeout=deadline)
        return sorted(task.get_name() for task in hung)

    def _keep(self, undo: Undo) -> Undo:
        if self._released:  # what a stopped plugin still had under way takes nothing any more
            undo()
        else:
            self._undos.append(undo)
        return undo

    async def _guarded(self, work: Coroutine[Any, Any, T], name: str) -> T | None:
        try:
            return await work
        except CONTAINED as error:  # a task's failure is its own
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            self._contain(self.name, f"task {name}", error)
            return None


def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
