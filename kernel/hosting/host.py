"""The plugins' life: built, started, stopped, and switched off when they keep failing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

import pluggy

from kernel.bus import Bus
from kernel.codec import learn_from
from kernel.config import Config
from kernel.containment import CONTAINED, Hung, being_cancelled, describe, wording
from kernel.context import Context
from kernel.errors import ConfigInvalid, PluginFailed
from kernel.events import PluginFound, PluginQuarantined, PluginStarted, PluginStopped, SystemStopped
from kernel.hooks import HookRegistry
from kernel.hosting.library import Library, PluginCode
from kernel.hosting.quarantine import DETAIL_LENGTH, Quarantine
from kernel.hosting.watchdog import Place
from kernel.plugin import Plugin, PluginConfig
from kernel.plugin_versions import checked_version
from kernel.refolding import catch_up
from kernel.rows import PluginStatus
from kernel.state import State

START_DEADLINE: Final = 60.0
"""Seconds that a plugin may take to start."""
GRACE: Final = 1.0
"""Seconds that a stop which is past its deadline has to let itself be cancelled."""
log = logging.getLogger("kernel")

MakeContext = Callable[[str], Context]


class Running(NamedTuple):
    """A plugin that is up, or on its way there."""

    plugin: Plugin[Any]
    ctx: Context
    code: PluginCode


class Host:
    """Holds the running plugins. What one of them raises stays with it."""

    def __init__(
        self,
        config: Config,
        library: Library,
        manager: pluggy.PluginManager,
        quarantine: Quarantine,
        *,
        state: State,
        bus: Bus,
        registry: HookRegistry,
        make_context: MakeContext,
    ) -> None:
        self._config = config
        self._library = library
        self._manager = manager
        self._quarantine = quarantine
        self._state = state
        self._bus = bus
        self._registry = registry
        self._make_context = make_context
        self.running: Final[dict[str, Running]] = {}
        self._unbuilt: dict[str, tuple[Context, BaseException]] = {}
        self._codes: dict[str, PluginCode] = {}
        self._quarantines: set[asyncio.Task[None]] = set()

    def build(self) -> None:
        """Make and register every plugin of the config. Raises PluginFailed for an essential one."""
        self._codes = {name: self._library.current(name) for name in self._config.plugins}
        self.update_hook_order()
        for name, config in self._config.plugins.items():
            code = self._codes[name]
            ctx, error = self._make(name, code, config)
            if error is not None:
                self._unbuilt[name] = ctx, error
                if code.plugin.essential:
                    raise PluginFailed(f"{name}: cannot be built: {wording(error)}") from error

    def _make(self, name: str, code: PluginCode, config: PluginConfig) -> tuple[Context, BaseException | None]:
        """Build and register it. With an error, its context is to be closed."""
        ctx = self._make_context(name)
        try:
            checked_version(code.version)
            learn_from(name, code.plugin.events)
            self._state.plugin_rows.attach(name, code.plugin.tables, code.plugin.events, seq=self._state.seq)
            plugin = code.plugin(ctx, config)
            self._manager.register(plugin, name=name)
            self._manager.check_pending()  # an implementation of a hook that is not there would never be asked
        except CONTAINED as error:
            self.unregister(name)
            return ctx, error
        self.running[name] = Running(plugin, ctx, code)
        self._codes[name] = code
        self._quarantine.forget(name)
        return ctx, None

    def update_hook_order(self) -> None:
        """Ask plugins in the order of the config, one that was swapped in where the other one stood, others last."""
        rows = self._state.plugins
        listed = {name: place for place, name in enumerate(self._config.plugins)}

        def place(name: str) -> int:
            seat = rows[name].seat if name in rows else None
            return listed.get(seat or name, len(listed))

        wanted = listed.keys() | {row.name for row in rows.values() if row.enabled}
        guards = {name for name in wanted if name in self._codes and self.answers("admit", self._codes[name])}
        self._registry.set_order(sorted({**listed, **self.running}, key=place), frozenset(guards))

    async def start(self) -> None:
        """Start them in order. Raises PluginFailed for an essential one; another is left out, and said to be."""
        self._say_who_is_gone()
        self.update_hook_order()
        for name, (ctx, error) in self._unbuilt.items():
            await ctx.close(self._config.kernel.stop_deadline_s)
            self._quarantine.contain(name, "build", error)
            self._say_quarantined(name, f"cannot be built: {wording(error)}")
        self._unbuilt.clear()
        for name in [name for name in self.running if self._is_off(name)]:
            await self.stop_one(name)
        for name, running in list(self.running.items()):
            failure = await self._start_one(name, running)
            if failure is None:
                self._say_started(name)
                continue
            why = f"does not start: {wording(failure)}"
            if running.plugin.essential:
                raise PluginFailed(f"{name}: {why}") from failure
            self._quarantine.contain(name, "start", failure)
            await self._stop_for_good(name, running.ctx, why)
        for row in [
            row for row in self._state.plugins.values() if row.enabled and row.name not in self._config.plugins
        ]:
            await self._start_chosen(row.name)
        self._say_what_else_there_is()
        self.update_hook_order()

    def _is_off(self, name: str) -> bool:
        row = self._state.plugins.get(name)
        return row is not None and row.enabled is False and not self.facts(name, self.running[name].code)["fixed"]

    async def _start_chosen(self, name: str) -> None:
        """One that the config does not list, and that somebody has enabled in an earlier run."""
        try:
            code = self._library.current(name)
            config = self._config.table(name, code.plugin.Config)
        except (PluginFailed, ConfigInvalid) as error:
            self._say_quarantined(name, wording(error))
            return
        failure = await self.bring(name, code, config)
        if failure is None:
            self._say_started(name)
        else:
            self._quarantine.contain(name, "start", failure)
            self._say_quarantined(name, f"does not start: {describe(failure)}")

    def _say_started(self, name: str) -> None:
        if name in self.running:  # else it failed so often meanwhile that it was switched off
            self._bus.publish(PluginStarted(**self.facts(name, self.running[name].code)), actor="kernel")

    async def bring(self, name: str, code: PluginCode, config: PluginConfig) -> BaseException | None:
        """Build and start a plugin while the others run. What it failed with, if it did; then nothing of it is left."""
        ctx, error = self._make(name, code, config)
        if error is not None:
            await ctx.close(self._config.kernel.stop_deadline_s)
            return error
        failure = await self._start_one(name, self.running[name])
        if failure is not None and name in self.running:
            await self.stop_one(name)
        return failure

    async def _start_one(self, name: str, running: Running) -> BaseException | None:
        """What it failed with, if it did."""
        try:
            async with asyncio.timeout(START_DEADLINE) as deadline:
                await catch_up(running.ctx)
                await running.plugin.start()
            self._state.plugin_rows.started(name)
        except CONTAINED as error:
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            return TimeoutError(f"not within {START_DEADLINE:.0f} s") if deadline.expired() else error
        return None

    def _say_who_is_gone(self) -> None:
        """What ran when the state was written may not be in the config any more."""
        for row in list(self._state.plugins.values()):
            wanted = row.enabled if row.enabled is not None else row.name in self._config.plugins
            if row.status is PluginStatus.RUNNING and not wanted:
                self._bus.publish(PluginStopped(name=row.name), actor="kernel")

    def _say_what_else_there_is(self) -> None:
        """Whatever else is installed can be enabled: that is told where it is news."""
        for name in self._library.names():
            row = self._state.plugins.get(name)
            if name in self.running or (row is not None and row.status is PluginStatus.QUARANTINED):
                continue
            try:
                facts = self.facts(name, self._library.current(name))
            except PluginFailed:  # it is told to whoever wants to enable it
                continue
            known = row is not None and all(getattr(row, field) == value for field, value in facts.items())
            if not known:
                self._bus.publish(PluginFound(**facts), actor="kernel")

    def answers(self, hook: str, code: PluginCode) -> bool:
        """Does the class implement the hook? Known without an instance: a guard that cannot be built is missed."""
        return hook in self._hooks(code.plugin)

    def _hooks(self, plugin: type[Plugin[Any]]) -> tuple[str, ...]:
        options = ((name, self._manager.parse_hookimpl_opts(plugin, name)) for name in dir(plugin))
        return tuple(sorted({marked.get("specname") or name for name, marked in options if marked}))

    def facts(self, name: str, code: PluginCode) -> dict[str, Any]:
        """What events tell of a plugin's code. Raises PluginFailed for code that none can tell of."""
        plugin, hooks, version = code.plugin, self._hooks(code.plugin), checked_version(code.version)
        fixed = plugin.essential or plugin.required or "recover" in hooks
        return {"name": name, "version": version, "code": code.digest, "hooks": hooks, "fixed": fixed}

    def version_of(self, name: str) -> str | None:
        """That of the code which runs now, also where no event tells of it yet."""
        return self.running[name].code.version if name in self.running else None

    async def stop(self) -> list[str]:
        """Stop them in reverse order. Returns what hung, by name."""
        hung = []
        while self._quarantines:
            await asyncio.wait(self._quarantines)
        for name in reversed(list(self.running)):
            if self.answers("recover", self.running[name].code):
                self._bus.publish(SystemStopped(), actor="kernel")
            hung += await self.stop_one(name)
        for ctx, _ in self._unbuilt.values():
            hung += await ctx.close(self._config.kernel.stop_deadline_s)
        return hung

    def switch_off(self, name: str, why: str, *, needed_too: bool) -> None:
        """End a plugin for what it has done, if it is running. `needed_too`: also one that nothing runs without."""
        running = self.running.get(name)
        if running is None or (not needed_too and self.facts(name, running.code)["fixed"]):
            return
        self._quarantine.forget(name)
        running.ctx.release()  # at once: it may be failing in a circle that never gives the loop back
        self.unregister(name)  # nor is it asked while it stops
        task = asyncio.create_task(self._stop_for_good(name, running.ctx, why), name=f"quarantine {name}")
        self._quarantines.add(task)
        task.add_done_callback(self._quarantines.discard)

    def blame(self, frame: FrameType | None) -> Place | None:
        """The plugin in whose code a thread is, innermost first, known by its package and, within one, by its class."""
        running = [(name, one.code) for name, one in list(self.running.items())]
        while frame is not None:
            module, frame_code = str(frame.f_globals.get("__name__")), frame.f_code
            for name, code in running:
                root = min(code.modules, default=code.plugin.__module__, key=len)
                alone = sum(other.plugin.__module__ == code.plugin.__module__ for _, other in running) == 1
                ours = module == root or module.startswith(f"{root}.")
                if ours and (alone or frame_code.co_qualname.startswith(f"{code.plugin.__qualname__}.")):
                    file = "/".join(Path(frame_code.co_filename).parts[-2:])
                    return Place(name, f"{file}, line {frame.f_lineno}, in {frame_code.co_qualname}")
            frame = frame.f_back
        return None

    async def _stop_for_good(self, name: str, ctx: Context, detail: str) -> None:
        if name not in self.running or self.running[name].ctx is not ctx:
            return
        await self.stop_one(name)
        self._say_quarantined(name, detail)

    def _say_quarantined(self, name: str, detail: str) -> None:
        log.error("%s: switched off: %s", name, detail)
        self._bus.publish(PluginQuarantined(name=name, detail=detail[:DETAIL_LENGTH]), actor="kernel")

    async def stop_one(self, name: str) -> list[str]:
        plugin, ctx, _ = self.running.pop(name)
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
        self.unregister(name)
        hung += await ctx.close(deadline)
        for what in hung:
            left = Hung(f"did not end within {deadline} s and was left behind")
            self._quarantine.contain(name, what, left, announce="recover" not in self._hooks(type(plugin)))
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
            self._quarantine.contain(name, "stop", error)
        return True

    def unregister(self, name: str) -> None:
        """Ask it nothing any more."""
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    async def disable(self, name: str) -> None:
        """Stop one plugin while the others run. Raises PluginFailed when it is not running."""
        if name not in self.running:
            raise PluginFailed(f"{name}: is not running")
        await self.stop_one(name)
        self._bus.publish(PluginStopped(name=name), actor="kernel")
