"""The plugin: who may open the shell, for how long, and what is told of it."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kernel.bus import Undo
from kernel.clock import MINUTE, Millis
from kernel.errors import Conflict, Unavailable
from kernel.events import LiveShellClosed, LiveShellOpened, LiveShellRan
from kernel.findings import Deployment
from kernel.plugin import Plugin, PluginConfig
from plugins.live_shell import console, jupyter_line
from plugins.live_shell.codes import ShellEnd, ShellRefusal
from plugins.live_shell.commands import CloseLiveShell, OpenLiveShell
from plugins.live_shell.desk import Desk, namespace

if TYPE_CHECKING:
    from plugins.live_shell.shell import Shell

WATCH_MS: Final = 1_000
"""How often it is seen whether whoever is in the shell has ended it from inside."""


MISSING: Final = "There is no ipykernel in this environment: in the project: pip install '.[jupyter]'"


class LiveShellConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[live_shell]`, which has no setting."""

    def findings(self, _: Deployment) -> Sequence[str]:
        """See `kernel.findings.Examined`."""
        return [] if find_spec("ipykernel") is not None else [f"no shell can be opened. {MISSING}"]


class LiveShell(Plugin[LiveShellConfig]):
    """A Python shell inside the process; see README.md. Nothing is open until somebody opens it."""

    Config = LiveShellConfig

    _shell: Shell | None = None
    _opening: Shell | None = None
    """One that is being started."""
    _stopped = False
    _cells = 0
    _actor = ""
    _expiry: Undo | None = None

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        jupyter_line.add_to(subcommands)
        console.add_to(subcommands)

    async def start(self) -> None:
        self.ctx.handle(OpenLiveShell, self.open, check=lambda _: self._expect_none())
        self.ctx.handle(CloseLiveShell, self.close, check=lambda _: self._expect_one())

    async def stop(self) -> None:
        self._stopped = True
        if self._opening is not None:
            await asyncio.to_thread(self._opening.close)
        await self._end(ShellEnd.STOPPED)

    async def open(self, command: OpenLiveShell) -> str:
        """Raises Conflict when one is open, Unavailable when ipykernel is missing or does not start."""
        self._expect_none()
        try:
            from plugins.live_shell.shell import Shell
        except ImportError as error:
            raise Unavailable(ShellRefusal.NOT_INSTALLED, MISSING) from error
        loop = asyncio.get_running_loop()
        self._actor, self._cells = self.ctx.actor, 0
        file = self.ctx.data_dir / "connection.json"
        desk = Desk(self.ctx, loop, self._actor)
        shell = Shell(file, namespace(desk), lambda code: _over(loop, lambda: self._note(code)))
        await self._start(shell)
        self._shell = shell
        until = Millis(self.ctx.clock.now() + command.minutes * MINUTE)
        self.ctx.publish(LiveShellOpened(until=until))
        self._expiry = self.ctx.call_later(command.minutes * MINUTE, self._expire, "close the shell in time")
        self.ctx.spawn(self._watch(shell), "see whether the shell is still there")
        self.ctx.log.warning("%s has opened a shell in this process, until %s", self._actor, until)
        return str(file)

    async def _start(self, shell: Shell) -> None:
        """It is started, or ended: nobody else would, where the command or the plugin has ended meanwhile."""
        self._opening = shell
        try:
            await asyncio.to_thread(shell.open)
            if self._stopped:
                raise RuntimeError("its plugin was stopped meanwhile")
        except BaseException as error:
            await asyncio.shield(asyncio.to_thread(shell.close))
            if not isinstance(error, Exception):
                raise
            raise Unavailable(ShellRefusal.DOES_NOT_START, f"The shell does not start: {error}") from error
        finally:
            self._opening = None

    async def close(self, _: CloseLiveShell) -> None:
        self._expect_one()
        await self._end(ShellEnd.CLOSED)

    def _expire(self) -> None:
        self.ctx.spawn(self._end(ShellEnd.EXPIRED), "close the shell")

    async def _watch(self, shell: Shell) -> None:
        while shell.alive:
            await self.ctx.clock.sleep(WATCH_MS)
        if self._shell is shell:
            await self._end(ShellEnd.LEFT)

    async def _end(self, reason: ShellEnd) -> None:
        shell, self._shell = self._shell, None
        if shell is None:
            return
        if self._expiry is not None and reason != ShellEnd.EXPIRED:
            self._expiry()
        ended = await asyncio.to_thread(shell.close)
        if not ended:
            self.ctx.log.error("a cell does not let itself be interrupted: its thread is left behind")
        self.ctx.publish(LiveShellClosed(reason=reason if ended else ShellEnd.LEFT_BEHIND), actor=self._actor)

    def _note(self, code: str) -> None:
        """Every cell is an event, by number and digest; its text may hold secrets, and is kept in our folder alone."""
        self._cells += 1
        digest = hashlib.sha256(code.encode("utf-8", "backslashreplace")).hexdigest()
        entry = {"ts": self.ctx.clock.now(), "actor": self._actor, "cell": self._cells, "code": code}
        path = self.ctx.data_dir / "cells.ndjson"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        self.ctx.publish(LiveShellRan(cell=self._cells, sha256=digest), actor=self._actor)

    def _expect_none(self) -> None:
        if self._stopped:
            raise Unavailable(ShellRefusal.DOES_NOT_START, "The shell's plugin is stopped; enable it, and try again.")
        if self._shell is not None or self._opening is not None:
            raise Conflict(ShellRefusal.ALREADY_OPEN, f"{self._actor} has a shell open; there is one at a time.")

    def _expect_one(self) -> None:
        if self._shell is None:
            raise Conflict(ShellRefusal.NOT_OPEN, "There is no shell open.")


def _over(loop: asyncio.AbstractEventLoop, call: Undo) -> None:
    """Have it called on the system's loop, if that is still there; returns once it has been, so no cell runs unseen."""

    async def there() -> None:
        call()

    if not loop.is_closed():
        asyncio.run_coroutine_threadsafe(there(), loop).result(10)
