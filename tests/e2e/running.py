"""The product as its user starts it: `switchboard demo` in a process of its own, and what its journal tells."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from kernel.codec import decode_envelope
from kernel.events import Envelope, Event
from kernel.reducers import reduce
from kernel.segments import Segments
from kernel.state import State

E = TypeVar("E", bound=Event)
SPEED = 240


class Running:
    """A demonstration that runs. Its output is kept line by line."""

    def __init__(
        self,
        data: Path,
        *options: str,
        path: Path | None = None,
        program: Sequence[str] = (sys.executable, "-m", "kernel"),
        folder: Path | None = None,
    ) -> None:
        """`path`: a folder of further distributions. `folder`: that in which it runs."""
        self.data = data
        self.lines: list[str] = []
        self._more = threading.Condition()
        environment = {**os.environ, "PYTHONPATH": str(path)} if path else dict(os.environ)
        command = [*program, "demo", "--data", str(data), "--port", "0", "--plain"]
        self.process = subprocess.Popen(
            [*command, "--speed", str(SPEED), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="read the demo's output")
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                with self._more:
                    self.lines.append(line.rstrip("\n"))
                    self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def line(self, pattern: str, deadline: float = 60) -> re.Match[str]:
        """The first line that matches; fails with everything that was said when none comes in `deadline` seconds."""
        end = time.monotonic() + deadline
        with self._more:
            while True:
                for line in self.lines:
                    found = re.search(pattern, line)
                    if found:
                        return found
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._reader.is_alive()):
                    raise AssertionError(f"no line like {pattern!r} in:\n" + "\n".join(self.lines[-60:]))
                self._more.wait(min(left, 1))

    @property
    def address(self) -> tuple[str, str]:
        """Where it is served, and the operator's token."""
        found = self.line(r"Sign in: +(http://[^/]+)/sign-in\?token=(\S+)")
        return found[1], found[2]

    def give(self, kind: str, **payload: object) -> Any:
        """A command of the operator's; fails where it is refused. Returns the id of what it created."""
        url, token = self.address
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http:
            answer = http.post("/api/command", json={"kind": kind, "payload": payload}, timeout=30).json()
        assert answer["ok"], answer
        return answer.get("id")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """No good order at all."""
        self.process.kill()
        self.wait(10)

    def wait(self, deadline: float) -> int:
        """Its exit status; fails with its last words when it does not end in `deadline` seconds."""
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("it did not end; its last words:\n" + "\n".join(self.lines[-60:])) from None
        self._reader.join()
        return status

    def end(self) -> None:
        """Whatever is left of it is killed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()

    def envelopes(self) -> list[Envelope]:
        """Everything in its journal, whole lines only."""
        return read_journal(self.data)


@contextmanager
def running(data: Path, *options: str, path: Path | None = None) -> Iterator[Running]:
    """A demonstration for the length of the block; what is left of it is killed at its end."""
    demo = Running(data, *options, path=path)
    try:
        yield demo
    finally:
        demo.end()


def read_journal(data: Path) -> list[Envelope]:
    """The events on disk, in order."""
    return [decode_envelope(line) for chunk in Segments(data / "journal").lines() for line in chunk.splitlines()]


def of(kind: type[E], envelopes: list[Envelope]) -> list[tuple[Envelope, E]]:
    """The events of one type with their envelopes."""
    return [(envelope, envelope.payload) for envelope in envelopes if isinstance(envelope.payload, kind)]


def fold(envelopes: list[Envelope]) -> State:
    """The state after them."""
    state = State()
    for envelope in envelopes:
        reduce(state, envelope)
    return state
