"""A whole system on a simulated Steam, in a process and a folder of its own: where a notebook can do no harm."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from kernel.ids import SteamId64
from switchboard.errors import ClientError, Unreachable

START_S: Final = 90.0
STOP_S: Final = 20.0
LAST_LINES: Final = 30


class SandboxPlayer(Struct, frozen=True, rename="camel"):
    """A simulated person who can be talked with."""

    steam_id64: SteamId64
    language: str


class _World(Struct):
    players: list[SandboxPlayer]


class Sandbox:
    """`switchboard demo` for a notebook: bots that are signed in, players to talk with, and nobody else about.

    Its clock runs `speed` times as fast as real time. It ends with `close()` or with the interpreter; its folder,
    where none is given, goes with it.
    """

    def __init__(
        self,
        *,
        bots: int = 4,
        players: int = 12,
        tasks: int = 0,
        speed: float = 240,
        name: str = "notebook",
        data: Path | str | None = None,
        agent: str = "scripted_agent",
    ) -> None:
        """`tasks`: how many it makes by itself. `name`: of the token that it makes for the notebook."""
        self._temporary = tempfile.TemporaryDirectory(prefix="switchboard-") if data is None else None
        self.data = Path(self._temporary.name if self._temporary else str(data))
        """The data folder: `journal/events.ndjson` is in it, and `plugins/` takes agents."""
        (self.data / "plugins").mkdir(parents=True, exist_ok=True)
        options = {"bots": bots, "players": players, "tasks": tasks, "speed": speed, "agent": agent, "port": 0}
        command = [sys.executable, "-P", "-m", "kernel", "demo", "--data", str(self.data), "--plain"]
        command += [part for option, value in options.items() for part in (f"--{option}", str(value))]
        self._said: list[str] = []
        self._more = threading.Condition()
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self._end = weakref.finalize(self, _end, self._process, self._temporary)
        threading.Thread(target=self._read, name="sandbox", daemon=True).start()
        self.url = self._wait_for(r"Sign in: +(http://[^/]+)/sign-in")
        self.token = self._make_token(name)
        """The notebook's own: what it causes is said to be `notebook:NAME`'s."""

    @property
    def players(self) -> list[SandboxPlayer]:
        """The people there are."""
        return msgspec.json.decode((self.data / "steam" / "ready.json").read_bytes(), type=_World).players

    def close(self) -> None:
        """Stop it, in good order, and forget its folder if it was its own."""
        self._end()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "runs" if self._process.poll() is None else "has ended"
        return f"Sandbox({self.url}, {state})"

    def _make_token(self, name: str) -> str:
        command = [
            sys.executable,
            "-P",
            "-m",
            "kernel",
            "token",
            "create",
            name,
            "--kind",
            "notebook",
            "--role",
            "developer",
        ]
        done = subprocess.run(  # noqa: S603 - our own command line
            [*command, "--data", str(self.data)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ClientError(f"No token could be made: {done.stderr.strip()}")
        return done.stdout.strip()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                with self._more:
                    self._said.append(line.rstrip("\n"))
                    self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def _wait_for(self, pattern: str) -> str:
        """What the first line like that names. Raises Unreachable with its last words."""
        end = time.monotonic() + START_S
        with self._more:
            while True:
                found = next((match for line in self._said if (match := re.search(pattern, line))), None)
                if found:
                    return found[1]
                if time.monotonic() > end or self._process.poll() is not None:
                    break
                self._more.wait(0.5)
        self._end()
        last = "\n".join(re.sub(r"token=\S+", "token=…", line) for line in self._said[-LAST_LINES:])
        raise Unreachable(f"The sandbox did not start; its last words:\n{last}")


def _end(process: subprocess.Popen[str], folder: tempfile.TemporaryDirectory[str] | None) -> None:
    """Also when the interpreter ends."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if folder is not None:
        folder.cleanup()
