"""The log that lets the simulated Steam survive a `kill -9` of its process: every change, before it is answered.

One JSON object a line. There is no fsync: what `write` has taken survives the process, and only the machine's own
crash could lose it, which no simulation needs to outlive.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from plugins.steam_sim.errors import LogBroken
from plugins.steam_sim.world import Change

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Change] = msgspec.json.Decoder(Change)


class WorldLog:
    """An append-only file of changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._size = 0

    def open(self) -> None:
        """Open or make the file, and cut off a last line that its writer did not finish."""
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = self._path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(self._file, self._size)

    def replay(self) -> Iterator[Change]:
        """Every change in the file, oldest first; `LogBroken` at a line that is none."""
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield _decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise LogBroken(f"{self._path}, line {number}: {error}") from error

    def append(self, change: Change) -> None:
        """Write one change; when this returns, the death of the process no longer loses it."""
        line = memoryview(_encoder.encode(change) + b"\n")
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            os.ftruncate(self._file, self._size)  # a torn line must not end up in the middle
            raise
        self._size += len(line)

    def close(self) -> None:
        os.close(self._file)
