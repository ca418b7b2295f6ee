"""The whole system in one object: the kernel's parts put together, started and stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from kernel import DISTRIBUTION
from kernel.bus import Bus
from kernel.clock import AdjustableClock
from kernel.collector import CollectorPolicy, paused
from kernel.commits import Commits
from kernel.config import Available, Config
from kernel.context import Context
from kernel.data_folder import DataFolder
from kernel.discipline import Discipline
from kernel.events import Event, SystemStarted
from kernel.hooks import HookRegistry
from kernel.hosting.host import Host
from kernel.hosting.library import Library, StaticLibrary
from kernel.hosting.operations import PluginOperations
from kernel.hosting.quarantine import Quarantine
from kernel.hosting.watchdog import Watchdog
from kernel.own_thread import PluginContext, PluginHooks
from kernel.plugin_manager import plugin_manager
from kernel.recovery import Recovery
from kernel.router import Router
from kernel.self_diagnosis import SelfDiagnosis
from kernel.state import State
from kernel.turns import AgentTurns

log = logging.getLogger("kernel")


class System:
    """`async with System(...)`: recovered and started inside the block, stopped in good order after it."""

    def __init__(self, config: Config, available: Available | Library, *, clock: AdjustableClock, data: Path) -> None:
        """`available`: the classes that there are, or a library that can load them anew while the system runs."""
        library = StaticLibrary(available) if isinstance(available, Mapping) else available
        self.state = State()
        self.clock = clock
        self.commits = Commits()
        self.quarantine = Quarantine(
            config.kernel,
            clock,
            announce=self._announce,
            switch_off=self._switch_off,
        )
        contain = self.quarantine.contain
        self.bus = Bus(self.state, clock, contain)
        self.plugins = plugin_manager()
        self.registry = HookRegistry(self.plugins, contain)
        self.turns = AgentTurns(self.registry, contain)
        self.hooks = PluginHooks(self.registry, self.turns, self.state, clock, contain)
        self.discipline = Discipline(clock, self._announce)
        self.hooks.discipline = self.discipline
        self.collector = CollectorPolicy(self.state, clock, self.bus)
        self.hooks.own_measures = lambda: (*self.discipline.measures(), *self.collector.measures())
        self.router = Router(self.state, self.bus, self.commits, self.hooks.admit, contain)
        self.hooks.handled_by = self.router.handled_by
        self.host = Host(
            config,
            library,
            self.plugins,
            self.quarantine,
            state=self.state,
            bus=self.bus,
            registry=self.registry,
            make_context=self.context,
        )
        self.operations = PluginOperations(
            self.host,
            library,
            config,
            state=self.state,
            bus=self.bus,
            router=self.router,
            turns=self.turns,
        )
        self.hooks.diagnosis = SelfDiagnosis(
            config,
            library,
            data,
            state=self.state,
            registry=self.registry,
            discipline=self.discipline,
            commits=self.commits,
        )
        kernel = config.kernel
        self.turns.deadline = kernel.respond_deadline_s
        self.turns.version_of = self.host.version_of
        self.router.deadline = kernel.command_deadline_s
        self.watchdog = Watchdog(
            self.host.blame,
            self.quarantine.blocked_loop,
            limit_ms=kernel.hold_limit_ms,
            patience_s=kernel.hang_limit_s,
        )
        self._data = DataFolder(data)

    def _announce(self, event: Event) -> None:
        self.bus.publish(event, actor="kernel")

    def _switch_off(self, name: str, why: str, *, needed_too: bool) -> None:
        self.host.switch_off(name, why, needed_too=needed_too)

    def context(self, name: str) -> Context:
        """A view of the kernel in that name: a plugin's, or a test's."""
        return PluginContext(
            name,
            state=self.state,
            clock=self.clock,
            bus=self.bus,
            router=self.router,
            commits=self.commits,
            hooks=self.hooks,
            contain=self.quarantine.contain,
            data=self._data,
        )

    async def start(self) -> None:
        """Recover the state, then start the plugins. Raises PluginFailed, with nothing left running."""
        try:
            self.host.build()
            with paused():
                await self.registry.recover(Recovery(self.state, self.bus, self.commits))
            self.discipline.resume(self.state.seq, self.state.ts)
            self.discipline.start()
            await self.host.start()
            self.operations.open()
            self.collector.start()
        except BaseException:  # raised again: a start that was broken off leaves nothing running
            await self.collector.stop()
            await self.discipline.stop()
            await self.host.stop()
            raise
        self.bus.publish(SystemStarted(version=version(DISTRIBUTION)), actor="kernel")

    async def stop(self) -> list[str]:
        """Stop everything. Returns the names of what hung."""
        await self.operations.close()
        await self.collector.stop()
        await self.discipline.stop()
        return await self.host.stop()

    async def __aenter__(self) -> System:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def serve(system: System) -> None:
    """Run until SIGINT or SIGTERM; a second signal does not wait for good order."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def asked_to_stop() -> None:
        if stopping.is_set():
            raise SystemExit("stopped at once, as asked twice")
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop)
    system.collector.install()
    try:
        async with system:
            system.watchdog.start()
            log.info("running; Ctrl-C stops")
            await stopping.wait()
            log.info("stopping")
    finally:
        system.watchdog.stop()
        system.collector.remove()
