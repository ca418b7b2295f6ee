"""The plugins' life: found through entry points, built, started, stopped, and switched off when they keep failing."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, NamedTuple

import pluggy

from kernel import hookspecs
from kernel.bus import Bus
from kernel.clock import MINUTE, Clock
from kernel.config import Config
from kernel.containment import CONTAINED, being_cancelled, wording
from kernel.context import Context
from kernel.errors import PluginFailed
from kernel.events import ErrorLogged, PluginQuarantined, PluginStarted, PluginStopped, SystemStopped
from kernel.plugin import Plugin, PluginConfig
from kernel.questions import Questions
from kernel.rows import PluginStatus
from kernel.state import State

GROUP: Final = "switchboard.plugins"
START_DEADLINE: Final = 60.0
"""Seconds that a plugin may take to start."""
GRACE: Final = 1.0
"""Seconds that a stop which is past its deadline has to let itself be cancelled."""
log = logging.getLogger("kernel")

MakeContext = Callable[[str], Context]


class Installed(NamedTuple):
    """What the entry points lead to: plugin classes by name, and why the others cannot be used."""

    plugins: dict[str, type[Plugin[Any]]]
    broken: dict[str, str]


def find() -> Installed:
    """Every installed plugin by its name, ours and other people's alike."""
    installed = Installed({}, {})
    places: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        if places.setdefault(entry.name, entry.value) != entry.value:
            installed.plugins.pop(entry.name, None)
            both = f"{places[entry.name]} and {entry.value}"
            installed.broken[entry.name] = f"{both} both bear this name; uninstall one of their distributions"
            continue
        try:
            plugin = entry.load()
        except CONTAINED as error:  # it matters only if the config names it
            installed.broken[entry.name] = f"{entry.value} cannot be imported: {error!r}"
            continue
        if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
            installed.broken[entry.name] = f"{entry.value} is not a subclass of kernel.plugin.Plugin"
        elif not _is_config(plugin.Config):
            installed.broken[entry.name] = f"{entry.value}.Config is not a subclass of kernel.plugin.PluginConfig"
        else:
            installed.plugins[entry.name] = plugin
    return installed


def _is_config(config: object) -> bool:
    return isinstance(config, type) and issubclass(config, PluginConfig)


class Host:
    """Holds the running plugins. What one of them raises stays with it."""

    def __init__(self, config: Config, available: Mapping[str, type[Plugin[Any]]], clock: Clock) -> None:
        self._config = config
        self._available = available
        self._clock = clock
        self.manager: Final = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs.Hooks)
        self._running: dict[str, tuple[Plugin[Any], Context]] = {}
        self._unbuilt: dict[str, tuple[Context, BaseException]] = {}
        self._failures: defaultdict[str, deque[int]] = defaultdict(deque)
        self._quarantines: set[asyncio.Task[None]] = set()

    def wire(self, state: State, bus: Bus, questions: Questions, make_context: MakeContext) -> None:
        """Connect the parts that need each other; called once, by the system."""
        self._state = state
        self._bus = bus
        self._questions = questions
        self._make_context = make_context

    def build(self) -> None:
        """Make and register every plugin of the config. Raises PluginFailed for an essential one."""
        order = list(self._config.plugins)
        guards = frozenset(name for name in order if self._answers("admit", self._available[name]))
        self._questions.arrange(order, guards)
        for name in order:
            ctx = self._make_context(name)
            try:
                plugin = self._available[name](ctx, self._config.plugins[name])
                self.manager.register(plugin, name=name)
                self.manager.check_pending()  # an implementation of a hook that is not there would never be asked
            except CONTAINED as error:
                self._unregister(name)
                self._unbuilt[name] = ctx, error
                if self._available[name].essential:
                    raise PluginFailed(f"{name}: cannot be built: {wording(error)}") from error
            else:
                self._running[name] = (plugin, ctx)

    async def start(self) -> None:
        """Start them in order. Raises PluginFailed for an essential one; another is left out, and said to be."""
        self._say_who_is_gone()
        for name, (ctx, error) in self._unbuilt.items():
            await ctx.close(self._config.kernel.stop_deadline_s)
            self.contain(name, "build", error)
            self._say_quarantined(name, f"cannot be built: {wording(error)}")
        for name in list(self._running):
            plugin, _ = self._running[name]
            failure = await self._start_one(plugin)
            if failure is None:
                if name in self._running:  # else it failed so often meanwhile that it was switched off
                    self._bus.publish(PluginStarted(name=name), actor="kernel")
                continue
            why = f"does not start: {wording(failure)}"
            if plugin.essential:
                raise PluginFailed(f"{name}: {why}") from failure
            self.contain(name, "start", failure)
            await self._quarantine(name, why)

    async def _start_one(self, plugin: Plugin[Any]) -> BaseException | None:
        """What it failed with, if it did."""
        try:
            async with asyncio.timeout(START_DEADLINE) as deadline:
                await plugin.start()
        except CONTAINED as error:
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            return TimeoutError(f"not within {START_DEADLINE:.0f} s") if deadline.expired() else error
        return None

    def _say_who_is_gone(self) -> None:
        """What ran when the state was written may not be in the config any more."""
        for row in list(self._state.plugins.values()):
            if row.status is PluginStatus.RUNNING and row.name not in self._config.plugins:
                self._bus.publish(PluginStopped(name=row.name), actor="kernel")

    def _answers(self, hook: str, plugin: type[Plugin[Any]]) -> bool:
        """Does the class implement the hook? Known without an instance: a guard that cannot be built is missed."""
        options = ((name, self.manager.parse_hookimpl_opts(plugin, name)) for name in dir(plugin))
        return any(marked and (marked.get("specname") or name) == hook for name, marked in options)

    async def stop(self) -> list[str]:
        """Stop them in reverse order. Returns what hung, by name."""
        hung = []
        while self._quarantines:
            await asyncio.wait(self._quarantines)
        for name in reversed(list(self._running)):
            if self._answers("recover", self._available[name]):
                self._bus.publish(SystemStopped(), actor="kernel")
            hung += await self._stop_one(name)
        for ctx, _ in self._unbuilt.values():
            hung += await ctx.close(self._config.kernel.stop_deadline_s)
        return hung

    def contain(self, owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
        """Log what a plugin raised, as text and as an event, and switch it off when it does not end."""
        said = wording(error)
        log.error("%s: %s: %s", owner, where, said, exc_info=error)
        if announce:
            detail = f"{type(error).__name__}: {said}"
            self._bus.publish(ErrorLogged(source=owner, message=where, detail=detail[:500]), actor="kernel")
        self._count(owner)

    def _count(self, owner: str) -> None:
        failures = self._failures[owner]
        now = self._clock.now()
        failures.append(now)
        while failures and failures[0] <= now - MINUTE:
            failures.popleft()
        if owner in self._running and len(failures) >= self._config.kernel.error_budget:
            failures.clear()
            detail = f"failed {self._config.kernel.error_budget} times within a minute"
            _, ctx = self._running[owner]
            ctx.let_go()  # at once: it may be failing in a circle that never gives the loop back
            task = asyncio.create_task(self._quarantine(owner, detail), name=f"quarantine {owner}")
            self._quarantines.add(task)
            task.add_done_callback(self._quarantines.discard)

    async def _quarantine(self, name: str, detail: str) -> None:
        if name not in self._running:
            return
        await self._stop_one(name)
        self._say_quarantined(name, detail)

    def _say_quarantined(self, name: str, detail: str) -> None:
        log.error("%s: switched off: %s", name, detail)
        self._bus.publish(PluginQuarantined(name=name, detail=detail[:500]), actor="kernel")

    async def _stop_one(self, name: str) -> list[str]:
        plugin, ctx = self._running.pop(name)
        deadline = self._config.kernel.stop_deadline_s
        hung = []
        # a task of its own: a stop that does not even let itself be cancelled is left behind all the same
        stopping = asyncio.create_task(self._stop_contained(name, plugin, deadline), name=f"{name}: stop")
        try:
            ended, _ = await asyncio.wait((stopping,), timeout=deadline + GRACE)
        finally:
            stopping.cancel()
        if not ended or stopping.cancelled() or not stopping.result():
            hung.append(stopping.get_name())
        self._unregister(name)
        hung += await ctx.close(deadline)
        for what in hung:
            log.error("%s did not end within %s s and was left behind", what, deadline)
        return hung

    async def _stop_contained(self, name: str, plugin: Plugin[Any], seconds: float) -> bool:
        """False when it was not done in time."""
        try:
            async with asyncio.timeout(seconds) as deadline:
                await plugin.stop()
        except CONTAINED as error:  # the others are stopped too
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            if deadline.expired():
                return False
            self.contain(name, "stop", error)
        return True

    def _unregister(self, name: str) -> None:
        if self.manager.has_plugin(name):
            self.manager.unregister(name=name)

    async def disable(self, name: str) -> None:
        """Stop one plugin while the others run. Raises PluginFailed when it is not running."""
        if name not in self._running:
            raise PluginFailed(f"{name}: is not running")
        await self._stop_one(name)
        self._bus.publish(PluginStopped(name=name), actor="kernel")
