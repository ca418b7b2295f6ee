"""Hook calls: the one place that calls the plugins' hook implementations, awaits them, and contains what they raise."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pluggy

from kernel.bus import Contain
from kernel.clock import Clock
from kernel.codes import KernelRefusal
from kernel.commands import Command, ReachesPlayer
from kernel.containment import CONTAINED, being_cancelled, wording
from kernel.discipline import Discipline
from kernel.errors import PluginFailed, Rejected
from kernel.hookspecs import Health, Mount, Rejection, Relationship, TakenTurn, Turn
from kernel.ids import BotId, SteamId64
from kernel.measures import Measure
from kernel.panels import PluginPanel
from kernel.past import PastCalls
from kernel.recovery import Recovery
from kernel.routes import PluginRoute, declared
from kernel.state import State

T = TypeVar("T")


class HookRegistry:
    """The implementations of each hook, in the order of the config."""

    def __init__(self, plugins: pluggy.PluginManager, contain: Contain) -> None:
        self._plugins = plugins
        self._contain = contain
        self.order: Sequence[str] = ()
        self.guards: frozenset[str] = frozenset()
        """The plugins without whose consent nothing may reach a player."""

    def set_order(self, order: Sequence[str], guards: frozenset[str]) -> None:
        """Call the plugins in that order, and let nothing out without the consent of `guards`."""
        self.order = order
        self.guards = guards

    async def recover(self, recovery: Recovery) -> None:
        """Have the plugins bring the state back. Raises PluginFailed."""
        for name, implementation in self.implementations("recover"):
            try:
                await implementation(recovery)
            except PluginFailed:
                raise
            except CONTAINED as error:
                if isinstance(error, asyncio.CancelledError) and being_cancelled():
                    raise
                raise PluginFailed(f"{name}: does not recover: {wording(error)}") from error

    def implementations(self, hook: str) -> Iterator[tuple[str, Callable[..., Any]]]:
        """The implementations in config order. Each takes its arguments in the order of the spec, by position."""
        found = {impl.plugin_name: impl for impl in getattr(self._plugins.hook, hook).get_hookimpls()}
        for name in self.order:
            if name in found:
                yield name, _positional(self._plugins, hook, found[name])

    def first(self, hook: str, kind: type[T], *arguments: object) -> T | None:
        """The first answer that is not None. One that raises or answers with another kind is passed over."""
        for name, implementation in self.implementations(hook):
            try:
                answer = expect(kind, implementation(*arguments))
            except CONTAINED as error:  # the next one is asked
                self._contain(name, hook, error)
                continue
            if answer is not None:
                return answer
        return None

    def all(self, hook: str, kind: type[T]) -> list[T]:
        """Every answer that is not None. One that raises or answers with another kind is left out."""
        return [answer for _, answer in self.by_plugin(hook, kind)]

    def by_plugin(self, hook: str, kind: type[T]) -> list[tuple[str, T]]:
        """The same, with the name of the plugin that gave each answer."""
        answers = []
        for name, implementation in self.implementations(hook):
            try:
                answer = expect(kind, implementation())
            except CONTAINED as error:  # the others are asked
                self._contain(name, hook, error)
                continue
            if answer is not None:
                answers.append((name, answer))
        return answers


class Turns(Protocol):
    """Who asks the agents, one after another: `kernel.turns`, since agents come and go meanwhile."""

    deadline: float
    """Seconds that an agent may think."""

    async def respond(self, turn: Turn, deadline: float | None = None) -> TakenTurn | None: ...


class HookCaller(PastCalls):
    """Every hook that plugins may call on each other, as a typed method."""

    def __init__(self, registry: HookRegistry, turns: Turns, state: State, clock: Clock, contain: Contain) -> None:
        self._registry = registry
        self._turns = turns
        self._state = state
        self._clock = clock
        self._contain = contain
        self.discipline: Discipline | None = None
        """The kernel's own watch over the clock: it has a health, as plugins have."""
        self.own_measures: Callable[[], Sequence[Measure]] = tuple
        """What the kernel measures of itself."""
        self.handled_by: Callable[[str], Collection[type[Command[Any]]]] = lambda _: ()
        """The commands that a plugin carries out now; the router says it."""
        self.diagnosis: Callable[[Collection[str]], Awaitable[bytes]] | None = None
        """A report about the running system (`kernel.self_diagnosis`), without these names of people."""

    @property
    def respond_deadline(self) -> float:
        """Seconds that an agent may think."""
        return self._turns.deadline

    def admit(self, command: Command[Any]) -> None:
        """Raises Rejected with the first objection.

        A guard that fails objects; one that is missing objects to all that reaches a player.
        """
        consenting = set()
        now = self._clock.now()
        for name, implementation in self._registry.implementations("admit"):
            try:
                found: Rejection | None = expect(Rejection, implementation(command, self._state, now))
            except CONTAINED as error:
                self._contain(name, f"admit of {command.kind}", error)
                text = f"The guard {name} failed, so nothing is let through; the log says how."
                raise Rejected(KernelRefusal.GUARD_FAILED, text, passing=True) from error
            if found is not None:
                raise Rejected(found.code, found.message, retry_after=found.retry_after, passing=found.passing)
            consenting.add(name)
        missing = self._registry.guards - consenting
        if isinstance(command, ReachesPlayer) and missing:
            text = f"Nothing goes out while the guard {', '.join(sorted(missing))} is not running."
            raise Rejected(KernelRefusal.GUARD_MISSING, text, passing=True)

    async def respond(self, turn: Turn, deadline: float | None = None) -> TakenTurn | None:
        """The reply of the first agent that takes the turn, and who that is; `kernel.turns` tells more."""
        return await self._turns.respond(turn, deadline)

    def preface(self, turn: Turn) -> str | None:
        return self._registry.first("preface", str, turn)

    def relationship(self, bot_id: BotId, player: SteamId64) -> Relationship | None:
        return Relationship.of(self._registry.first("relationship", str, bot_id, player))

    def mounts(self) -> Mapping[str, Mount]:
        parts: list[Mapping[str, Mount]] = self._registry.all("mounts", Mapping)  # type: ignore[type-abstract]
        return {path: mount for part in parts for path, mount in part.items()}

    def routes(self) -> list[PluginRoute]:
        """Every route that the plugins declare now."""
        return declared(self._registry.by_plugin("routes", Sequence), self._contain)  # type: ignore[type-abstract]

    def panels(self) -> list[PluginPanel]:
        """The panels that the plugins bring now, each to be asked for."""
        found = self._registry.implementations("panel")
        return [PluginPanel(name, hook, self.handled_by(name), self._contain) for name, hook in found]

    def health(self) -> list[Health]:
        own = [self.discipline.health()] if self.discipline is not None else []
        return [*self._registry.all("health", Health), *own]

    def remains(self) -> list[Path]:
        parts: list[Sequence[object]] = self._registry.all("remains", Sequence)  # type: ignore[type-abstract]
        return [path for part in parts for path in part if isinstance(path, Path)]

    def measures(self) -> list[Measure]:
        parts: list[Sequence[object]] = self._registry.all("measures", Sequence)  # type: ignore[type-abstract]
        return [*(one for part in parts for one in part if isinstance(one, Measure)), *self.own_measures()]


def expect(kind: type[T], answer: object) -> T | None:
    """The answer, if it is of the kind that the hook declares, or none. Raises TypeError."""
    if answer is None or isinstance(answer, kind):
        return answer
    if inspect.iscoroutine(answer):
        answer.close()
        raise TypeError("it is async; this hook is answered at once")
    raise TypeError(f"it answered with {type(answer).__name__} instead of {kind.__name__}")


def _positional(plugins: pluggy.PluginManager, hook: str, implementation: pluggy.HookImpl) -> Callable[..., Any]:
    """An implementation may take fewer arguments than the spec offers: pass it those that it names."""
    spec = getattr(plugins.hook, hook).spec
    wanted = implementation.argnames
    if spec is None or tuple(spec.argnames) == tuple(wanted):
        return implementation.function

    def call(*arguments: object) -> Any:
        offered = dict(zip(spec.argnames, arguments, strict=True))
        return implementation.function(*(offered[name] for name in wanted))

    return call
