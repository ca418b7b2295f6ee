"""Commands: one handler per kind, admission at the last moment, serial lanes, and the commit barrier."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeVar, cast

import msgspec

from kernel import causality
from kernel.bus import Bus, Contain, Undo
from kernel.codes import KernelRefusal
from kernel.commands import COMMANDS, Command, LeavesToSteam
from kernel.commands.decoding import decode
from kernel.commits import Commits
from kernel.containment import CONTAINED, Hung, being_cancelled
from kernel.errors import (
    CommandError,
    CommitFailed,
    Conflict,
    HandlerFailed,
    InDoubt,
    Malformed,
    NotDurable,
    NotSent,
    Refused,
    RefusedBySteam,
    Unavailable,
    Unconfirmed,
)
from kernel.ids import CommandId
from kernel.lanes import Lanes, Pauses
from kernel.repeats import Repeats
from kernel.state import State

R = TypeVar("R")
CommandHandler = Callable[[Any], Any]
"""Takes the command; returns its result, or an awaitable of it."""
CommandCheck = Callable[[Any], object]
"""Takes the command and raises the Refused that its handler would begin with. Changes nothing, waits for nothing."""
Observer = Callable[[str, str, float], None]
"""Told of each command once it is answered: its kind, `ok` or the code of the refusal, and the seconds it took."""

Done = Callable[[Any], object] | None

ENDS_OF_A_REQUEST: Final = (NotSent, RefusedBySteam, InDoubt)
"""What the handler of a `LeavesToSteam` may raise; anything else leaves its request in doubt."""
_via_plugin: ContextVar[str] = ContextVar("via_plugin", default="")


class Admit(Protocol):
    """Asks the guards. Raises Rejected."""

    def __call__(self, command: Command[Any]) -> None: ...


class Router:
    """Carries commands out. What it raises is a CommandError, always; a Refused says that nothing has changed."""

    def __init__(self, state: State, bus: Bus, commits: Commits, admit: Admit, contain: Contain) -> None:
        self._state = state
        self._bus = bus
        self._commits = commits
        self._admit = admit
        self._contain = contain
        self._handlers: dict[str, tuple[str, type[Command[Any]], CommandHandler]] = {}
        self._checks: dict[str, CommandCheck] = {}
        self._observers: list[tuple[str, Observer]] = []
        self._lanes = Lanes()
        self._pauses = Pauses()
        self._running: dict[asyncio.Future[None], tuple[str, Command[Any]]] = {}
        self._repeats = Repeats(state)
        self.deadline = 300.0
        """Seconds that a plugin may take to carry a command out."""

    @property
    def via_plugin(self) -> str:
        """The plugin that gave the command which is being carried out, for itself or for whoever asks through it."""
        return _via_plugin.get()

    @property
    def kinds(self) -> dict[str, type[Command[Any]]]:
        """The commands that have a handler now, by their kind."""
        return {kind: command for kind, (_, command, _) in self._handlers.items()}

    def handled_by(self, owner: str) -> frozenset[type[Command[Any]]]:
        """The commands that this plugin carries out."""
        return frozenset(command for carrier, command, _ in self._handlers.values() if carrier == owner)

    def handle(
        self, command: type[Command[R]], handler: CommandHandler, *, owner: str, check: CommandCheck | None = None
    ) -> Undo:
        """Make `handler` the one that carries this kind of command out. Raises Conflict when there is one already.

        `check` is what the handler refuses a command for before it does anything: it answers a dry run.
        """
        kind = command.__name__
        if kind in self._handlers:
            raise Conflict(KernelRefusal.HANDLER_TAKEN, f"{kind} is handled by {self._handlers[kind][0]} already")
        entry = (owner, command, handler)
        self._handlers[kind] = entry
        if check is not None:
            self._checks[kind] = check

        def undo() -> None:
            if self._handlers.get(kind) is entry:
                del self._handlers[kind]
                self._checks.pop(kind, None)

        return undo

    def observe(self, observer: Observer, *, owner: str) -> Undo:
        """Have `observer(kind, result, seconds)` called for every command that is answered, refused ones too."""
        entry = (owner, observer)
        self._observers = [*self._observers, entry]

        def undo() -> None:
            self._observers = [other for other in self._observers if other is not entry]

        return undo

    def decode(self, kind: str, payload: bytes | msgspec.Raw) -> Command[Any]:
        """A public command from its kind and the JSON of its payload. Raises Malformed."""
        entry = self._handlers.get(kind)
        command = entry[1] if entry else COMMANDS.get(kind)
        if command is None or not command.public:
            known = ", ".join(sorted(k for k, c in self.kinds.items() if c.public))
            text = f"There is no command {kind[:80]!r}. There are: {known}"
            raise Malformed(KernelRefusal.UNKNOWN_COMMAND, text, field="kind")
        return decode(command, payload)

    async def execute(
        self,
        command: Command[R],
        *,
        actor: str | None = None,
        command_id: CommandId | None = None,
        done: Callable[[R], object] | None = None,
        via_plugin: str = "",
    ) -> R:
        """Carry the command out, and return its result once every event that it caused is on disk.

        `actor` is who asks; left out, whoever caused the code that is running. With a `command_id` that was carried
        out before, the answer of then is given, and nothing happens again; where it stands for another
        command, or for another actor, Conflict is raised (`kernel.repeats`). `done` is called with the result as soon
        as the handler has ended: what it publishes is on disk, too, before the command is answered. `via_plugin` is the
        plugin through which it comes.
        """
        clock = asyncio.get_running_loop().time
        started, outcome = clock(), "interrupted"
        before = _via_plugin.set(via_plugin)
        try:
            caller = causality.current()
            actor = actor or caller.actor
            command_id = self._repeats.own_id(command, command_id, actor)
            with causality.acting(causality.Origin(actor, caller.cause, command_id)):
                if command_id is None:
                    result = await self._carry_out(command, None, done)
                else:
                    result = await self._execute_once(command, command_id, done)
            outcome = "ok"
        except CommandError as error:
            outcome = error.code
            raise
        finally:
            _via_plugin.reset(before)
            self._tell(command.kind, outcome, clock() - started)
        return cast("R", result)

    def dry_run(self, command: Command[Any], *, actor: str, command_id: CommandId | None = None) -> None:
        """Raise what the command would be refused for just now, if `actor` gave it; nothing is done, nothing recorded.

        Asks for an id that is free, a handler, a journal that can write, the guards, and what the handler checks before
        it begins. What fails later, while a command is carried out, nobody can tell beforehand.
        """
        with causality.acting(causality.Origin(actor, causality.current().cause)):
            self._repeats.check(command, command_id)
            owner, _ = self._handler(command)
            self._expect_journal(command)
            self._admit(command)
            check = self._checks.get(command.kind)
            try:
                if check is not None:
                    check(command)
            except Refused:
                raise
            except CONTAINED as error:  # as in the handler itself
                self._contain(owner, f"check of {command.kind}", error)
                text = f"{command.kind} failed inside the plugin {owner}; the log says how."
                raise HandlerFailed(KernelRefusal.HANDLER_FAILED, text) from error

    async def settled(self, matching: Callable[[Command[Any]], bool]) -> None:
        """Return when the matching commands that are under way now have ended. The caller holds the deadline."""
        pending = [ended for ended, (_, command) in self._running.items() if matching(command)]
        if pending:
            await asyncio.wait(pending)

    async def drain(self, owner: str, deadline: float) -> None:
        """Return when that plugin carries no command out any more, or after `deadline` seconds."""
        pending = [ended for ended, (carrier, _) in self._running.items() if carrier == owner]
        if pending:
            await asyncio.wait(pending, timeout=deadline)

    def paused(self, owner: str) -> AbstractContextManager[None]:
        """During the block, commands that the plugin would carry out wait for its end, and go to who is there then.

        What it gives itself goes through: its stop may need it.
        """
        kinds = frozenset(kind for kind, (carrier, _, _) in self._handlers.items() if carrier == owner)
        return self._pauses.during(owner, kinds)

    async def unpaused(self, command: Command[Any]) -> None:
        """Return when the command's plugin is not being changed. Raises Unavailable when too many wait for that."""
        await self._pauses.passed(command.kind, _via_plugin.get())

    def _tell(self, kind: str, outcome: str, seconds: float) -> None:
        for owner, observer in self._observers:
            try:
                observer(kind, outcome, seconds)
            except CONTAINED as error:  # who watches does not disturb
                self._contain(owner, f"observer of {kind}", error)

    async def _execute_once(self, command: Command[Any], command_id: CommandId, done: Done) -> Any:
        answering = self._repeats.answering
        given = self._repeats.expect_same(command, command_id)
        while command_id in answering:
            _, under_way = answering[command_id]
            await asyncio.wait((under_way,))
            if not under_way.cancelled():
                return under_way.result()
            # whoever gave it first was called off: it falls to the next who waits
            self._repeats.expect_same(command, command_id)
        before = self._state.commands.get(command_id)
        if before is not None:
            await self._confirmed(command, command_id)
            return before.created
        made = command.made(self._state, command_id)
        if made is not None:
            return await self._complete_again(command, command_id, made, done)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answering[command_id] = given, answer
        try:
            answer.set_result(await self._carry_out(command, command_id, done))
        except CommandError as error:
            answer.set_exception(error)
            answer.exception()  # nobody else may be waiting for it
            raise
        except BaseException:  # raised again: whoever waits for the same id must not wait for ever
            answer.cancel()
            raise
        finally:
            del answering[command_id]
        return answer.result()

    async def _complete_again(self, command: Command[Any], command_id: CommandId, made: str, done: Done) -> str:
        """A crash has kept what the command made, and lost that it was carried out: say that it was."""
        self._expect_journal(command)
        completed = self._repeats.completed(command, command_id, made)
        self._bus.publish(completed, actor=causality.current().actor or "kernel")
        if done is not None:
            done(made)
        await self._confirmed(command, command_id)
        return made

    async def _carry_out(self, command: Command[Any], command_id: CommandId | None, done: Done = None) -> Any:
        await self.unpaused(command)
        self._handler(command)
        async with self._lanes.turn(command.lane):
            if isinstance(command, LeavesToSteam):
                await self._on_disk()  # the decision to send is on disk before anything leaves
            await self.unpaused(command)  # anew: it may have waited in its lane
            self._expect_journal(command)
            self._admit(command)
            result = await self._run(command, command_id)
            if done is not None:
                done(result)
        await self._confirmed(command, command_id)
        return result

    def _handler(self, command: Command[Any]) -> tuple[str, CommandHandler]:
        entry = self._handlers.get(command.kind)
        if entry is None or not isinstance(command, entry[1]):  # another class of the same name is another command
            raise Unavailable(KernelRefusal.NO_HANDLER, f"No running plugin carries out {command.kind}.")
        owner, _, handler = entry
        return owner, handler

    async def _run(self, command: Command[Any], command_id: CommandId | None) -> Any:
        owner, handler = self._handler(command)  # anew: a plugin may have come or gone while the command waited
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[ended] = owner, command
        deadline = asyncio.timeout(self.deadline if owner != "kernel" else None)  # the kernel's own has others inside
        try:
            result = handler(command)
            if inspect.isawaitable(result):
                async with deadline:
                    result = await result
            if command_id is not None:
                created = result if isinstance(result, str) else None
                completed = self._repeats.completed(command, command_id, created)
                self._bus.publish(completed, actor=causality.current().actor or f"plugin:{owner}")
            return result
        except CommandError as error:
            if isinstance(command, LeavesToSteam) and not isinstance(error, ENDS_OF_A_REQUEST):
                raise InDoubt(KernelRefusal.IN_DOUBT, f"It may have left, and then: {error.message}") from error
            raise
        except CommitFailed as error:
            raise _unconfirmed(command, command_id, error) from error
        except CONTAINED as error:  # a bug in one plugin is an answer to its caller
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            late = deadline.expired() and isinstance(error, TimeoutError)
            self._contain(owner, f"handler of {command.kind}", Hung("did not end in time") if late else error)
            text = f"{command.kind} failed inside the plugin {owner}; the log says how."
            if isinstance(command, LeavesToSteam):
                raise InDoubt(KernelRefusal.IN_DOUBT, text) from error
            raise HandlerFailed(KernelRefusal.HANDLER_FAILED, text) from error
        finally:
            del self._running[ended]
            ended.set_result(None)

    async def _on_disk(self) -> None:
        """Return when all that has happened is on disk. Raises NotDurable: the handler has not been run."""
        try:
            await self._commits.wait(self._state.seq)
        except CommitFailed as error:
            raise _not_durable(str(error)) from error

    def _expect_journal(self, command: Command[Any]) -> None:
        """Let nothing begin that could not be written down. Raises NotDurable."""
        failure = self._commits.failure
        if failure is not None and not command.only_stops:
            raise _not_durable(failure)

    async def _confirmed(self, command: Command[Any], command_id: CommandId | None) -> None:
        """Return when what the command did is on disk. Raises Unconfirmed."""
        try:
            await self._commits.wait(self._state.seq)
        except CommitFailed as error:
            raise _unconfirmed(command, command_id, error) from error


def _not_durable(why: str) -> NotDurable:
    return NotDurable(KernelRefusal.NOT_DURABLE, f"The journal cannot write, so nothing is carried out: {why}")


def _unconfirmed(command: Command[Any], command_id: CommandId | None, error: CommitFailed) -> Unconfirmed:
    if command.only_stops:
        text = f"It holds from now on, but it is not on disk yet, and would be forgotten by a restart: {error}"
        return Unconfirmed(KernelRefusal.NOT_ON_DISK_YET, text)
    again = "Ask again with the same id" if command_id is not None else "Look whether it has happened"
    text = f"It is not known whether this holds: it was carried out, and the journal cannot write. {again}. {error}"
    return Unconfirmed(KernelRefusal.NOT_KNOWN, text)
