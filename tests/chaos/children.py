"""Processes by their id, whoever started them: signals, their end, and the two ways of starting `switchboard`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]


class Child:
    """A process that was started for us. A pidfd stands for it, so that no signal ever reaches a stranger."""

    def __init__(self, pid: int, popen: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self._popen = popen
        self._fd = os.pidfd_open(pid)
        self._over = False

    @property
    def alive(self) -> bool:
        if not self._over and self._popen is not None and self._popen.poll() is not None:
            self._close()
        return not self._over and not _readable(self._fd)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens where the process has ended."""
        if not self._over:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._fd, number)

    async def ended(self, deadline: float) -> None:
        """Return once it has ended. Raises TimeoutError after `deadline` seconds."""
        if self._over:
            return
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._fd, over.set)
        try:
            async with asyncio.timeout(deadline):
                await over.wait()
        finally:
            loop.remove_reader(self._fd)
        if self._popen is not None:
            self._popen.wait()
        self._close()

    async def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self.signal(signal.SIGKILL)
        await self.ended(20)

    def _close(self) -> None:
        if not self._over:
            self._over = True
            os.close(self._fd)


def _readable(fd: int) -> bool:
    import select

    return bool(select.select([fd], [], [], 0)[0])


def end_in_order() -> None:
    """On SIGTERM as on Ctrl-C: what was started is ended, and what was mounted is unmounted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Launcher(Protocol):
    """Starts `switchboard ARGUMENTS` with its output appended to a file."""

    def launch(self, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> Child: ...

    def close(self) -> None: ...


class Fresh:
    """A new interpreter for each start, as in production."""

    def launch(self, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> Child:
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "kernel", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
                cwd=ROOT,
                start_new_session=True,
            )
        return Child(popen.pid, popen)

    def close(self) -> None:
        """Nothing is kept between two starts."""


class Forked:
    """Forks of one process that has imported everything (`forkserver`): a start costs no second of imports.

    With `mutant`, the promise of that name (`mutants`) is broken in every one of them.
    """

    def __init__(self, mutant: str | None = None) -> None:
        environment = dict(os.environ)
        if mutant is not None:
            environment["CHAOS_MUTANT"] = mutant
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.forkserver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
        )

    def launch(self, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> Child:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        order = {"arguments": list(arguments), "log": str(log), "environment": dict(environment)}
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if not answer:
            raise RuntimeError("the fork server has ended; its last words are on stderr")
        return Child(int(answer))

    def close(self) -> None:
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe is not None:
                pipe.close()
        self._server.wait(20)
