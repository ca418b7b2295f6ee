"""`switchboard backup`, `restore` and `journal`: the data folder in one file and back, looked through, and repaired."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from kernel.arguments import path
from plugins.journal import backup
from plugins.journal.backup import Progress, Taken
from plugins.journal.errors import BackupUnusable, JournalUnusable
from plugins.journal.repair_command import repair
from plugins.journal.verification import verify

TELL_EVERY_S: Final = 1.0


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The commands `backup` and `restore`."""
    take = subcommands.add_parser(
        "backup",
        help="put the data folder into one file, while the system runs",
        description="Write all of DIR into FILE (tar in zstd): events, snapshots, tokens, and the bots' sealed secrets."
        " Nothing has to be stopped. Keep FILE as you keep DIR: whoever has it can act as your bots. With --into,"
        " FOLDER takes any number of backups, and each segment of the journal once.",
    )
    take.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    where = take.add_mutually_exclusive_group(required=True)
    where.add_argument("file", type=path, nargs="?", metavar="FILE", help="where to; it must not be there yet")
    where.add_argument("--into", type=path, metavar="FOLDER", help="write a file, and new segments, there")
    take.set_defaults(run=lambda options: _run("backup", lambda: _take(options.data, options.file, options.into)))
    back = subcommands.add_parser(
        "restore",
        help="bring a backup back into a new data folder",
        description="Unpack FILE into DIR, which must be empty or not there. Then `switchboard run --data DIR` goes on"
        " from the last event in it. Never run both the restored folder and the one that it was taken of.",
    )
    back.add_argument("file", type=path, metavar="FILE", help="what `switchboard backup` wrote")
    back.add_argument("--data", type=path, required=True, metavar="DIR", help="the new data folder")
    back.set_defaults(run=lambda options: _run("restore", lambda: _bring_back(options.file, options.data)))
    journal = subcommands.add_parser("journal", help="look through the journal of a data folder, or repair it")
    actions = journal.add_subparsers(title="actions", required=True, metavar="ACTION")
    look = actions.add_parser(
        "verify",
        help="say what is wrong with it; nothing is changed",
        description="Hold the journal against its checksums, its numbers and its snapshots, also while the system runs."
        " The exit status is 1 where anything is wrong.",
    )
    look.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    look.set_defaults(run=lambda options: _verify(options.data))
    mend = actions.add_parser(
        "repair",
        help="keep what can be kept of a damaged one",
        description="Say what can be kept of a journal that is refused, and with --yes do it; all that gives way is"
        " kept in journal/aside-N. The system must not run. It takes as much room as the journal does.",
    )
    mend.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    mend.add_argument("--from", dest="backup", type=path, metavar="FILE", help="a backup to take what is damaged from")
    mend.add_argument("--yes", action="store_true", help="do it")
    mend.set_defaults(run=lambda options: _run("journal", lambda: _repair(options.data, options.backup, options.yes)))


def _verify(data: Path) -> int:
    faults = 0
    try:
        for finding in verify(data):
            faults += finding.is_fault
            sys.stdout.write(f"{'WRONG: ' if finding.is_fault else ''}{finding.text}\n")
    except (JournalUnusable, OSError) as error:
        sys.stderr.write(f"switchboard journal: {error}\n")
        return 1
    sys.stdout.write("Nothing is wrong.\n" if not faults else f"{faults} fault{'s' if faults > 1 else ''} found.\n")
    return 1 if faults else 0


def _repair(data: Path, backup: Path | None, really: bool) -> str:
    said = repair(data, backup, really=really)
    if not said:
        return f"{data}: there is nothing to repair."
    end = "It is done; start Switchboard on it." if really else "Nothing was changed. Add --yes to do it."
    return "\n".join((*said, end))


def _run(name: str, action: Callable[[], str]) -> int:
    try:
        said = action()
    except (BackupUnusable, JournalUnusable, OSError) as error:
        sys.stderr.write(f"switchboard {name}: {error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _take(data: Path, file: Path | None, into: Path | None) -> str:
    if into is not None:
        file, taken = backup.take_into(data, into, _progress("read"))
    else:
        assert file is not None  # the parser wants one of the two
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
