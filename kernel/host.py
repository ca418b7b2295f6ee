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
from kernel.context import Context
from kernel.errors import PluginFailed
from kernel.events import ErrorLogged, PluginQuarantined, PluginStarted, PluginStopped, SystemStopped
from kernel.plugin import Plugin
from kernel.questions import Questions

GROUP: Final = "switchboard.plugins"
START_DEADLINE: Final = 60.0
"""Seconds that a plugin may take to start."""
log = logging.getLogger("kernel")

MakeContext = Callable[[str], Context]


class Installed(NamedTuple):
    """What the entry points lead to: plugin classes by name, and why the others cannot be used."""

    plugins: dict[str, type[Plugin[Any]]]
    broken: dict[str, str]


def find() -> Installed:
    """Every installed plugin by its name, ours and other people's alike."""
    installed = Installed({}, {})
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - contained: it matters only if the config names it
            installed.broken[entry.name] = f"{entry.value} cannot be imported: {error!r}"
            continue
        if isinstance(plugin, type) and issubclass(plugin, Plugin):
            installed.plugins[entry.name] = plugin
        else:
            installed.broken[entry.name] = f"{entry.value} is not a subclass of kernel.plugin.Plugin"
    return installed


class Host:
    """Holds the running plugins. What one of them raises stays with it."""

    def __init__(self, config: Config, available: Mapping[str, type[Plugin[Any]]], clock: Clock) -> None:
        self._config = config
        self._available = available
        self._clock = clock
        self.manager: Final = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs.Hooks)
        self._running: dict[str, tuple[Plugin[Any], Context]] = {}
        self._failures: defaultdict[str, deque[int]] = defaultdict(deque)
        self._quarantines: set[asyncio.Task[None]] = set()

    def wire(self, bus: Bus, questions: Questions, make_context: MakeContext) -> None:
        """Connect the parts that need each other; called once, by the system."""
        self._bus = bus
        self._questions = questions
        self._make_context = make_context

    def build(self) -> None:
        """Make and register every plugin of the config. Raises PluginFailed."""
        order = list(self._config.plugins)
        guards = frozenset(name for name in order if hasattr(self._available[name], "admit"))
        self._questions.arrange(order, guards)
        for name in order:
            ctx = self._make_context(name)
            try:
                plugin = self._available[name](ctx, self._config.plugins[name])
                self.manager.register(plugin, name=name)
            except Exception as error:
                raise PluginFailed(f"{name}: cannot be built: {error}") from error
            self._running[name] = (plugin, ctx)

    async def start(self) -> None:
        """Start them in order. Raises PluginFailed for an essential one; another is left out, and said to be."""
        for name in list(self._running):
            plugin, _ = self._running[name]
            try:
                async with asyncio.timeout(START_DEADLINE):
                    await plugin.start()
            except (Exception, SystemExit) as error:
                if plugin.essential:
                    raise PluginFailed(f"{name}: does not start: {error}") from error
                self.contain(name, "start", error)
                await self._quarantine(name, f"does not start: {error}")
                continue
            self._bus.publish(PluginStarted(name=name), actor="kernel")

    async def stop(self) -> list[str]:
        """Stop them in reverse order. Returns what hung, by name."""
        hung = []
        for name in reversed(list(self._running)):
            if hasattr(self._available[name], "recover"):
                self._bus.publish(SystemStopped(), actor="kernel")
            hung += await self._stop_one(name)
        return hung

    def contain(self, owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
        """Log what a plugin raised, as text and as an event, and switch it off when it does not end."""
        log.error("%s: %s: %s", owner, where, error, exc_info=error)
        if announce:
            detail = f"{type(error).__name__}: {error}"
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
        log.error("%s: switched off: %s", name, detail)
        await self._stop_one(name)
        self._bus.publish(PluginQuarantined(name=name, detail=detail[:500]), actor="kernel")

    async def _stop_one(self, name: str) -> list[str]:
        plugin, ctx = self._running.pop(name)
        deadline = self._config.kernel.stop_deadline_s
        hung = []
        try:
            async with asyncio.timeout(deadline):
                await plugin.stop()
        except TimeoutError:
            hung.append(f"{name}: stop")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - contained: the others are stopped too
            self.contain(name, "stop", error)
        if self.manager.has_plugin(name):
            self.manager.unregister(name=name)
        hung += await ctx.close(deadline)
        for what in hung:
            log.error("%s did not end within %s s and was left behind", what, deadline)
        return hung

    async def disable(self, name: str) -> None:
        """Stop one plugin while the others run. Raises PluginFailed when it is not running."""
        if name not in self._running:
            raise PluginFailed(f"{name}: is not running")
        await self._stop_one(name)
        self._bus.publish(PluginStopped(name=name), actor="kernel")
