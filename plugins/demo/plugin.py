"""The demo as a plugin: feeds the system and shows it, with commands and the state, as any other plugin would."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, ClassVar, Final

from rich.console import Console
from rich.live import Live

from kernel.errors import PluginFailed
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from plugins.demo import command, stage
from plugins.demo.feeder import Feeder
from plugins.demo.screen import Screen, one_line

REDRAW_S: Final = 0.25
UNDER_WAY: Final = (TaskStatus.CREATED, TaskStatus.ASSIGNED, TaskStatus.ACCEPTED)


class DemoConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[demo]`, written by `switchboard demo`."""

    world: str
    """The simulator's folder."""
    tasks: int = 60
    """How many tasks are created, one for a player."""
    task_every_s: float = 6.0
    """Between two new tasks, by the clock."""
    invitation: tuple[str, ...] = ()
    """Lines that say where to go with a browser."""
    plain: bool = False
    """One line now and then instead of a screen."""
    until_done: bool = False
    """Stop by itself once every task has ended or waits for a player."""

    def __post_init__(self) -> None:
        if self.tasks < 0:
            raise ValueError("tasks: must be 0 or more")
        if self.task_every_s <= 0:
            raise ValueError("task_every_s: must be above 0")


class Demo(Plugin[DemoConfig]):
    """Adds the bots, creates the tasks, draws the screen."""

    Config: ClassVar[type[PluginConfig]] = DemoConfig

    async def start(self) -> None:
        try:
            staged = stage.read(Path(self.config.world))
        except (OSError, ValueError, KeyError) as error:
            text = f"what the simulator has set up in {self.config.world} cannot be read: {error}"
            raise PluginFailed(text) from error
        every = int(self.config.task_every_s * 1_000)
        feeder = Feeder(self.ctx, staged, task_every=every, tasks=self.config.tasks)
        self.ctx.spawn(feeder.feed(), "feed")
        if self.config.plain or not sys.stdout.isatty():
            self.ctx.spawn(self._tell(feeder.wanted_tasks), "tell")
        else:
            screen = Screen(
                self.ctx.state,
                rate=self.ctx.clock.rate,
                invitation=list(self.config.invitation),
                wanted_tasks=feeder.wanted_tasks,
            )
            self.ctx.tap(screen.see)
            self.ctx.spawn(self._show(screen), "show")
        if self.config.until_done:
            self.ctx.spawn(self._stop_when_done(feeder.wanted_tasks), "stop when done")

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command.add_to(subcommands)

    async def _show(self, screen: Screen) -> None:
        with Live(screen, console=Console(), screen=False, auto_refresh=False) as live:
            while True:
                live.update(screen, refresh=True)
                await asyncio.sleep(REDRAW_S)

    async def _tell(self, wanted_tasks: int) -> None:
        told = ""
        for line in (*self.config.invitation, f"The clock runs {self.ctx.clock.rate:g} times as fast as real time."):
            print(line, flush=True)
        while True:
            line = one_line(self.ctx.state, wanted_tasks)
            if line != told:
                print(line, flush=True)
                told = line
            await asyncio.sleep(2)

    async def _stop_when_done(self, wanted_tasks: int) -> None:
        while not self._done(wanted_tasks):  # noqa: ASYNC110 - time alone can make it done, without an event
            await asyncio.sleep(0.5)
        print(one_line(self.ctx.state, wanted_tasks), flush=True)
        os.kill(os.getpid(), signal.SIGINT)

    def _done(self, wanted_tasks: int) -> bool:
        """Every task has ended, or waits for a player who has said nothing for ten minutes of the clock."""
        state = self.ctx.state
        if len(state.tasks) < wanted_tasks or any(state.index.tasks_by_status[status] for status in UNDER_WAY):
            return False
        long_ago = self.ctx.clock.now() - 600_000
        return all(t.status_since < long_ago for t in state.tasks.values() if t.status is TaskStatus.INVITED)
