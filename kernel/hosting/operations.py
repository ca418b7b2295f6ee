"""Plugins while the system runs: enabled, disabled, reloaded, swapped, and put back when new code does not start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

from kernel import causality
from kernel.bus import Bus, Undo
from kernel.codes import KernelRefusal
from kernel.commands import DisablePlugin, DismissPlugin, EnablePlugin, ReloadPlugin, SwapAgent
from kernel.config import Config
from kernel.containment import describe, wording
from kernel.errors import ConfigInvalid, Conflict, NotFound, PluginFailed, Unavailable
from kernel.events import (
    Event,
    PluginDisabled,
    PluginDismissed,
    PluginEnabled,
    PluginQuarantined,
    PluginReloaded,
    PluginRolledBack,
    PluginStarted,
    PluginStopped,
    PluginSwapped,
)
from kernel.hosting.host import Host, Running
from kernel.hosting.library import Library, PluginCode, forget_types
from kernel.hosting.quarantine import DETAIL_LENGTH
from kernel.plugin import PluginConfig
from kernel.plugin_versions import checked_version
from kernel.router import Router
from kernel.rows import PluginStatus
from kernel.state import State
from kernel.turns import AgentTurns

log = logging.getLogger("kernel")


class PluginOperations:
    """Carries out EnablePlugin, DisablePlugin, DismissPlugin, ReloadPlugin and SwapAgent."""

    def __init__(
        self,
        host: Host,
        library: Library,
        config: Config,
        *,
        state: State,
        bus: Bus,
        router: Router,
        turns: AgentTurns,
    ) -> None:
        self._host = host
        self._library = library
        self._config = config
        self._state = state
        self._bus = bus
        self._router = router
        self._turns = turns
        self._lock: Final = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        self._undos: list[Undo] = []

    def open(self) -> None:
        """Take the commands on; called once the plugins are up."""
        handle = self._router.handle
        self._undos = [
            handle(EnablePlugin, lambda c: self._change(self._enable(c)), owner="kernel", check=self._can_enable),
            handle(DisablePlugin, lambda c: self._change(self._disable(c)), owner="kernel", check=self._can_disable),
            handle(DismissPlugin, lambda c: self._change(self._dismiss(c)), owner="kernel", check=self._can_dismiss),
            handle(ReloadPlugin, self._reload_for, owner="kernel", check=self._can_reload),
            handle(SwapAgent, lambda c: self._change(self._swap(c)), owner="kernel", check=self._can_swap),
        ]

    async def close(self) -> None:
        """Take no more, and return when what is under way has come to its end."""
        while self._undos:
            self._undos.pop()()
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _change(self, change: Coroutine[Any, Any, None], begun: asyncio.Future[None] | None = None) -> None:
        """One at a time, and to its end: a caller who hangs up, or whose plugin this stops, leaves no half of it.

        Returns when it is done, or once it has `begun`, where that is given.
        """

        async def in_turn() -> None:
            async with self._lock:
                await change

        task = asyncio.create_task(in_turn(), name="change of plugins")
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        if begun is not None:
            await asyncio.wait((task, begun), return_when=asyncio.FIRST_COMPLETED)
        if begun is None or not begun.done():
            await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may be gone

    def _can_enable(self, command: EnablePlugin) -> None:
        name = command.name
        if name in self._host.running:
            raise Conflict(
                KernelRefusal.ALREADY_RUNNING,
                f"{name} is running already; ReloadPlugin gives it new code.",
                field="name",
            )
        self._expect_installed(name, "name")

    async def _enable(self, command: EnablePlugin) -> None:
        self._can_enable(command)
        name = command.name
        code = await self._start(name, "name")
        self._publish(PluginStarted(**self._host.facts(name, code)))
        self._publish(PluginEnabled(name=name))
        self._host.update_hook_order()

    def _can_disable(self, command: DisablePlugin) -> None:
        self._expect_movable(command.name, "name")

    async def _disable(self, command: DisablePlugin) -> None:
        self._can_disable(command)
        name = command.name
        with self._turns.paused(name):
            await self._drain(name)
            if name in self._host.running:  # else it was switched off meanwhile
                await self._host.stop_one(name)
        self._publish(PluginStopped(name=name))
        self._publish(PluginDisabled(name=name))
        self._host.update_hook_order()

    def _can_dismiss(self, command: DismissPlugin) -> None:
        name = command.name
        if name in self._host.running:
            text = f"{name} is running; DisablePlugin stops it first."
            raise Conflict(KernelRefusal.ALREADY_RUNNING, text, field="name")
        if name not in self._state.plugins:
            raise NotFound(KernelRefusal.UNKNOWN_PLUGIN, f"No plugin {name[:80]!r} is listed.", field="name")
        try:
            places = self._config.naming(name)
        except ConfigInvalid as error:
            raise Conflict(KernelRefusal.IN_CONFIG, wording(error), field="name") from error
        if places:
            text = f"The config names {name} in {' and in '.join(places)}: take it out there, and dismiss it then."
            raise Conflict(KernelRefusal.IN_CONFIG, text, field="name")

    async def _dismiss(self, command: DismissPlugin) -> None:
        self._can_dismiss(command)
        self._publish(PluginDismissed(name=command.name))
        self._host.update_hook_order()

    def _can_reload(self, command: ReloadPlugin) -> None:
        name = command.name
        if name not in self._host.running and self._is_switched_off(name):
            self._expect_installed(name, "name")
            return
        running = self._expect_running(name, "name")
        if self._host.answers("recover", running.code):
            text = f"{name} brings the state back when the system starts, so new code of its needs a restart."
            raise Conflict(KernelRefusal.NOT_WHILE_RUNNING, text, field="name")

    async def _reload_for(self, command: ReloadPlugin) -> None:
        """A plugin through which its own change is asked for, as `api` is, has to answer first: then it is gone.

        It answers once the new code is loaded; whether that starts is told by plugin.reloaded or plugin.rolledBack.
        """
        begun: asyncio.Future[None] | None = None
        if self._router.via_plugin == command.name:
            begun = asyncio.get_running_loop().create_future()
        await self._change(self._reload(command, begun), begun)

    async def _reload(self, command: ReloadPlugin, begun: asyncio.Future[None] | None = None) -> None:
        self._can_reload(command)
        name = command.name
        if name not in self._host.running:  # it was switched off for what its code did
            await self._enable(EnablePlugin(name=name))
            return
        running = self._host.running[name]
        try:
            code, config = self._load(name)
        except (PluginFailed, ConfigInvalid) as error:
            raise self._rolled_back(name, wording(error)) from error
        if begun is not None:
            begun.set_result(None)
        with self._turns.paused(name), self._router.paused(name):
            await self._drain(name)
            if name in self._host.running:
                await self._host.stop_one(name)
            failure = await self._host.bring(name, code, config)
            if failure is not None:
                await self._roll_back(name, running, failure)
        forget_types()
        self._publish(PluginReloaded(**self._host.facts(name, code)))
        self._host.update_hook_order()

    def _is_switched_off(self, name: str) -> bool:
        row = self._state.plugins.get(name)
        return row is not None and row.status is PluginStatus.QUARANTINED

    async def _roll_back(self, name: str, before: Running, failure: BaseException) -> None:
        """The new code does not start: run what ran before. Raises, in any case."""
        self._library.restore(name, before.code)
        again = await self._host.bring(name, before.code, before.plugin.config)
        self._host.update_hook_order()
        if again is None:
            raise self._rolled_back(name, describe(failure)) from failure
        detail = (
            f"new code does not start: {describe(failure)}; and what ran before does not start again: {describe(again)}"
        )
        self._publish(PluginQuarantined(name=name, detail=detail[:DETAIL_LENGTH]))
        raise Unavailable(KernelRefusal.PLUGIN_BROKEN, f"{name}: {detail}", field="name") from again

    def _can_swap(self, command: SwapAgent) -> None:
        old, new = command.old, command.new
        running = self._expect_movable(old, "old")
        self._expect_agent(old, running.code, "old")
        if new in self._host.running:
            raise Conflict(KernelRefusal.ALREADY_RUNNING, f"{new} is running already; disable it first.", field="new")
        self._expect_installed(new, "new")

    async def _swap(self, command: SwapAgent) -> None:
        self._can_swap(command)
        old, new = command.old, command.new
        code = await self._start(new, "new", agent=True)
        self._publish(PluginStarted(**self._host.facts(new, code)))
        self._publish(PluginSwapped(old=old, new=new))
        # without an await since then: the next turn is the new one's, those under way stay with the old one
        self._host.unregister(old)
        self._host.update_hook_order()
        await self._drain(old)
        if old in self._host.running:
            await self._host.stop_one(old)
        self._publish(PluginStopped(name=old))
        self._host.update_hook_order()

    async def _start(self, name: str, field: str, *, agent: bool = False) -> PluginCode:
        """Load and start one that does not run. Raises Conflict that says what is wrong with it."""
        try:
            code, config = self._load(name)
        except (PluginFailed, ConfigInvalid) as error:
            raise self._does_not_start(name, wording(error), field) from error
        if agent:
            self._expect_agent(name, code, field)
        failure = await self._host.bring(name, code, config)
        if failure is not None:
            raise self._does_not_start(name, describe(failure), field) from failure
        return code

    def _load(self, name: str) -> tuple[PluginCode, PluginConfig]:
        """The code and the table that are on disk now. Raises PluginFailed or ConfigInvalid."""
        before = self._library.current(name) if name in self._host.running else None
        code = self._library.load(name)
        try:
            checked_version(code.version)
            return code, self._config.table(name, code.plugin.Config)
        except (PluginFailed, ConfigInvalid):
            if before is not None:
                self._library.restore(name, before)
            raise

    async def _drain(self, name: str) -> None:
        """Let the turns and commands end that the plugin has under way."""
        deadline = self._config.kernel.drain_deadline_s
        await self._turns.drain(name, deadline)
        await self._router.drain(name, deadline)

    def _expect_running(self, name: str, field: str) -> Running:
        if name in self._host.running:
            return self._host.running[name]
        running = ", ".join(self._host.running)
        raise Conflict(
            KernelRefusal.NOT_RUNNING, f"No plugin {name[:80]!r} is running; there are: {running}.", field=field
        )

    def _expect_movable(self, name: str, field: str) -> Running:
        running = self._expect_running(name, field)
        if self._host.facts(name, running.code)["fixed"]:
            raise Conflict(
                KernelRefusal.FIXED_PLUGIN, f"{name} can only be reloaded: nothing runs without it.", field=field
            )
        return running

    def _expect_installed(self, name: str, field: str) -> None:
        if name not in self._library.names():
            known = ", ".join(self._library.names())
            raise NotFound(
                KernelRefusal.UNKNOWN_PLUGIN, f"There is no plugin {name[:80]!r}; there are: {known}.", field=field
            )

    def _expect_agent(self, name: str, code: PluginCode, field: str) -> None:
        if not self._host.answers("respond", code):
            raise Conflict(
                KernelRefusal.NOT_AN_AGENT, f"{name} is no agent: it does not implement `respond`.", field=field
            )
        if self._host.answers("admit", code):
            text = f"{name} is a guard too, and nothing goes out while a guard is away: reload it instead."
            raise Conflict(KernelRefusal.IS_GUARD, text, field=field)

    def _rolled_back(self, name: str, detail: str) -> Conflict:
        log.error("%s: rolled back: %s", name, detail)
        self._publish(PluginRolledBack(name=name, detail=detail[:DETAIL_LENGTH]))
        return Conflict(
            KernelRefusal.PLUGIN_BROKEN, f"The code on disk does not run, so what ran before goes on. {detail}"
        )

    def _does_not_start(self, name: str, detail: str, field: str) -> Conflict:
        log.error("%s: does not start: %s", name, detail)
        self._publish(PluginQuarantined(name=name, detail=f"does not start: {detail}"[:DETAIL_LENGTH]))
        return Conflict(KernelRefusal.PLUGIN_BROKEN, f"It does not start: {detail}", field=field)

    def _publish(self, event: Event) -> None:
        self._bus.publish(event, actor=causality.current().actor or "kernel")
