"""Runs a plugin in the test world and notes what it is like: a process of its own, which `measuring` starts and ends.

`python -m kernel.testing.trial ORDER NOTES`: the order is JSON, and the notes are lines of JSON, one for each rule as
soon as it is settled, so that they are there although the plugin's code ends the process or never gives it back.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

import msgspec
import pluggy
from msgspec import Struct
from msgspec.structs import replace

from kernel import commands as c
from kernel.containment import CONTAINED, describe, wording
from kernel.errors import ConfigInvalid, PluginFailed
from kernel.events import ErrorLogged
from kernel.hookspecs import PROJECT, Trigger
from kernel.hosting.library import Distributions, PluginCode
from kernel.panels import PanelBroken
from kernel.plugin import PluginConfig
from kernel.rows import PluginStatus
from kernel.testing import World
from kernel.testing.agents import Played
from kernel.testing.heartbeat import BLOCKED_MS, BLOCKED_TRIES, Heartbeat
from kernel.testing.quality import Rule, RuleOutcome, RuleResult, failed, judged, not_applicable, passed
from kernel.testing.reading import undescribed

AGENT: Final = "AgentContract"
TRANSPORT: Final = "TransportContract"
RELOADS: Final = 5
LEFT: Final = 3
"""Classes of the same name: the one that runs, the one that the trial began with, and one on its way out."""

R = TypeVar("R")


class Order(Struct, frozen=True, kw_only=True):
    """What is to be tried."""

    name: str
    folder: str | None
    """Where the single file is; None for what is installed, or stands on the path as if it were."""
    path: tuple[str, ...]
    data: str
    settings: Mapping[str, Any]
    """Of the plugin's table; for whatever is not in it, the default."""
    seconds: float
    """How long the plugin may take to start, to reload and to stop."""


class Facts(Struct, frozen=True, tag="facts"):
    """What the class says of itself."""

    plugin: str
    """The name of the class."""
    version: str | None
    contract: str | None
    """The contract that is for its kind."""


class Note(Struct, frozen=True, tag="note"):
    result: RuleResult


class Begun(Struct, frozen=True, tag="begun"):
    """From here on the plugin's code runs for this rule."""

    rule: Rule


Line = Facts | Note | Begun


class Wrong(Exception):
    """The rule fails; the message says with what."""


class OneAlone(Distributions):
    """The library of the one plugin that is tried, read from disk."""

    def __init__(self, name: str, folder: Path | None) -> None:
        super().__init__(folder)
        self._name = name
        self.loading_ms = math.inf
        """What the shortest `load` took, which is a single step of the loop."""

    def names(self) -> list[str]:
        return [self._name]

    def load(self, name: str) -> PluginCode:
        began = perf_counter()
        try:
            return super().load(name)
        finally:
            self.loading_ms = min(self.loading_ms, (perf_counter() - began) * 1_000)


class Trial:
    """The plugin of an order, under measurement."""

    def __init__(self, order: Order, notes: Path) -> None:
        self._order = order
        self._notes = notes.open("ab", buffering=0)
        self._library = OneAlone(order.name, Path(order.folder) if order.folder else None)
        self._worlds = 0

    def run(self) -> None:
        """Settle every rule for which its code has to run."""
        self._note(Begun(Rule.STARTS))
        try:
            code = self._library.current(self._order.name)
        except PluginFailed as error:
            self._note(Note(failed(Rule.STARTS, f"{error}")))
            return
        self._note(_facts_of(code))
        asyncio.run(self._measure(code))

    async def _measure(self, code: PluginCode) -> None:
        await self._settle(Rule.DESCRIBED, _described(code.plugin.Config))
        started = await self._settle(Rule.STARTS, self._starts(code))
        if started.outcome is RuleOutcome.PASSED:
            await self._settle(Rule.LANGUAGES, self._panel())
            await self._settle(Rule.RELOADS, self._reloads())
            await self._settle(Rule.NO_BLOCKING, self._blocks())

    async def _settle(self, rule: Rule, measuring: Awaitable[RuleResult]) -> RuleResult:
        self._note(Begun(rule))
        try:
            result = await measuring
        except CONTAINED as error:
            result = failed(rule, str(error) if isinstance(error, Wrong) else describe(error))
        self._note(Note(result))
        return result

    def _note(self, line: Line) -> None:
        self._notes.write(msgspec.json.encode(line) + b"\n")

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[World]:
        """A world with the plugin in it. Raises Wrong when it does not start, fails, or does not stop."""
        self._worlds += 1
        name, cls = self._order.name, self._library.current(self._order.name).plugin
        settings = {**_without_ports(cls.Config), **self._order.settings}
        data = Path(self._order.data) / str(self._worlds)
        data.mkdir()
        limit = self._order.seconds
        kernel = {"stop_deadline_s": limit, "drain_deadline_s": limit}
        tables: Mapping[str, Mapping[str, object]] = {name: settings, "kernel": kernel}
        try:
            world = World(named={name: cls}, config=tables, library=self._library, data=data)
        except ConfigInvalid as invalid:
            raise Wrong(wording(invalid)) from invalid
        await self._in_time(world.__aenter__(), "does not start")
        try:
            row = world.state.plugins.get(name)
            if row is None or row.status is not PluginStatus.RUNNING:
                raise Wrong(row.detail or f"is {row.status}" if row is not None else "it is not running")
            yield world
        finally:
            hung = await self._in_time(world.system.stop(), "does not stop")
        _expect_no_errors(world)
        if hung:
            raise Wrong(f"does not stop: {', '.join(hung)}")

    async def _in_time(self, awaited: Awaitable[R], what: str) -> R:
        limit = asyncio.timeout(self._order.seconds * 2)  # its own deadlines come first
        try:
            async with limit:
                return await awaited
        except TimeoutError as error:
            if limit.expired():
                raise Wrong(f"{what} within {self._order.seconds * 2:g} s") from error
            raise

    async def _starts(self, code: PluginCode) -> RuleResult:
        async with self._running() as world:
            facts = _facts_of(code)
            if facts.contract is None and c.DeliverMessage in world.system.router.handled_by(self._order.name):
                self._note(replace(facts, contract=TRANSPORT))
        return passed(Rule.STARTS)

    async def _panel(self) -> RuleResult:
        async with self._running() as world:
            panels = world.system.hooks.panels()
            try:
                for panel in panels:
                    await panel.read()
            except PanelBroken as broken:
                return failed(Rule.LANGUAGES, broken.detail)
        if not panels:
            return not_applicable(Rule.LANGUAGES, "it has no panel")
        return passed(Rule.LANGUAGES)

    async def _reload(self, world: World) -> None:
        command = c.ReloadPlugin(name=self._order.name)
        await self._in_time(world.ctx.execute(command, actor="operator:check"), "does not reload")
        _expect_no_errors(world)

    async def _reloads(self) -> RuleResult:
        async with self._running() as world:
            if self._answers(world, "recover"):
                return not_applicable(Rule.RELOADS, "it brings the state back, and needs a restart")
            await self._reload(world)
            tasks = len(asyncio.all_tasks())
            for _ in range(RELOADS):
                await self._reload(world)
            world.events.clear()
            gc.collect()
            grown = len(asyncio.all_tasks()) - tasks
            cls = type(world.system.plugins.get_plugin(self._order.name))
            classes = sum(_bears(thing, cls) for thing in gc.get_objects() if isinstance(thing, type))
            living = sum(_bears(type(thing), cls) for thing in gc.get_objects())
        wrong = [f"{grown} tasks more"] if grown > 0 else []
        wrong += [f"{classes} classes {cls.__name__}"] if classes > LEFT else []
        wrong += [f"{living} instances of {cls.__name__}"] if living > 1 else []
        result = judged(Rule.RELOADS, wrong, f"{RELOADS} reloads")
        return result if not wrong else failed(Rule.RELOADS, f"after {RELOADS} reloads: {result.detail}")

    async def _blocks(self) -> RuleResult:
        best: dict[str, float] = {}
        for _ in range(BLOCKED_TRIES):
            for what, span in (await self._steps()).items():
                best[what] = min(span, best.get(what, span))
            if max(best.values()) <= BLOCKED_MS:
                break
        wrong = [f"{what} keeps the loop for {span:.0f} ms" for what, span in best.items() if span > BLOCKED_MS]
        if best.get("reload", 0.0) > BLOCKED_MS:
            wrong.append(f"{self._library.loading_ms:.0f} ms of it to import its modules anew")
        return judged(Rule.NO_BLOCKING, wrong, f"at most {max(best.values()):.0f} ms")

    async def _steps(self) -> dict[str, float]:
        """The longest step of the loop in ms while it starts, while it reloads, and while an agent answers."""
        gc.collect()
        async with Heartbeat() as starting:
            running = self._running()
            world = await running.__aenter__()
        spans = {"start": starting.longest_ms}
        try:
            if not self._answers(world, "recover"):
                async with Heartbeat() as reloading:
                    await self._reload(world)
                spans["reload"] = reloading.longest_ms
            if self._answers(world, "respond"):
                async with Heartbeat() as answering:
                    played = Played(world)
                    for trigger, text in ((Trigger.STARTED, ""), (Trigger.MESSAGE, "yes"), (Trigger.SILENCE, "")):
                        await played.turn(trigger, text)
                        await asyncio.sleep(0)  # which ends the span of an agent that awaits nothing
                spans["an answer"] = answering.longest_ms
        finally:
            await running.__aexit__(None, None, None)
        return spans

    def _answers(self, world: World, hook: str) -> bool:
        return world.system.host.answers(hook, self._library.current(self._order.name))


def _expect_no_errors(world: World) -> None:
    failures = world.happened(ErrorLogged)
    if failures:
        raise Wrong(f"{failures[0].message}: {failures[0].detail}"[:300])


def _bears(thing: type, cls: type) -> bool:
    return (thing.__module__, thing.__qualname__) == (cls.__module__, cls.__qualname__)


def _without_ports(config: type[PluginConfig]) -> dict[str, object]:
    """A running system has the port of the defaults: any free one is taken instead."""
    ports = {name for name in config.__struct_fields__ if name == "port" or name.endswith("_port")}
    return dict.fromkeys(ports, 0)


def _facts_of(code: PluginCode) -> Facts:
    marks = pluggy.PluginManager(PROJECT)
    answered = {name for name in dir(code.plugin) if marks.parse_hookimpl_opts(code.plugin, name) is not None}
    contract = AGENT if "respond" in answered else TRANSPORT if "relationship" in answered else None
    return Facts(code.plugin.__name__, str(code.version) if code.version else None, contract)


async def _described(config: type[PluginConfig]) -> RuleResult:
    if config is PluginConfig:
        return not_applicable(Rule.DESCRIBED, "it has no config of its own")
    wrong = []
    for cls in config.__mro__:
        if cls is PluginConfig:
            break
        fields = [field for field in config.__struct_fields__ if field in cls.__annotations__]
        wrong += undescribed(Path(inspect.getsourcefile(cls) or ""), cls.__name__, fields)
    return judged(Rule.DESCRIBED, wrong)


def main() -> None:
    """Try what the order says."""
    order = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Order)
    sys.path[:0] = order.path
    Trial(order, Path(sys.argv[2])).run()


if __name__ == "__main__":
    main()
