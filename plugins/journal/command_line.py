"""`switchboard backup` and `switchboard restore`: the whole data folder in one file, whether the system runs or not."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from plugins.journal import backup
from plugins.journal.backup import Progress, Taken
from plugins.journal.errors import BackupUnusable

TELL_EVERY_S: Final = 1.0


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The commands `backup` and `restore`."""
    take = subcommands.add_parser(
        "backup",
        help="put the data folder into one file, while the system runs",
        description="Write all of DIR into FILE (tar in zstd): events, snapshots, tokens, and the bots' sealed secrets."
        " Nothing has to be stopped. Keep FILE as you keep DIR: whoever has it can act as your bots.",
    )
    take.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    take.add_argument("file", type=Path, metavar="FILE", help="where to; it must not be there yet")
    take.set_defaults(run=lambda options: _run("backup", lambda: _take(options.data, options.file)))
    back = subcommands.add_parser(
        "restore",
        help="bring a backup back into a new data folder",
        description="Unpack FILE into DIR, which must be empty or not there. Then `switchboard run --data DIR` goes on"
        " from the last event in it. Never run both the restored folder and the one that it was taken of.",
    )
    back.add_argument("file", type=Path, metavar="FILE", help="what `switchboard backup` wrote")
    back.add_argument("--data", type=Path, required=True, metavar="DIR", help="the new data folder")
    back.set_defaults(run=lambda options: _run("restore", lambda: _bring_back(options.file, options.data)))


def _run(name: str, action: Callable[[], str]) -> int:
    try:
        said = action()
    except (BackupUnusable, OSError) as error:
        sys.stderr.write(f"switchboard {name}: {error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _take(data: Path, file: Path) -> str:
    taken = backup.take(data, file, _progress("read"))
    return f"{file}: {_contents(taken)}, {_size(file.stat().st_size)} compressed."


def _bring_back(file: Path, data: Path) -> str:
    return f"{data}: {_contents(backup.bring_back(file, data, _progress('unpacked')))}."


def _contents(taken: Taken) -> str:
    return f"{taken.files} files, {_size(taken.size)}, up to event {taken.seq}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"


def _progress(verb: str) -> Progress:
    """A line a second where somebody looks; silence elsewhere and for what is soon done."""
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if sys.stderr.isatty() and time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            sys.stderr.write(f"\r{_size(done)} {verb}{f', {done / total:.0%}' if total else ''} ")
            sys.stderr.flush()

    return tell
