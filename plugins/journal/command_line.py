"""`switchboard backup`, `restore` and `journal`: the data folder in one file and back, looked through, and repaired."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kernel import manifest as manifests
from kernel.arguments import path
from kernel.hosting.library import find
from kernel.manifest import ManifestDamaged
from kernel.segments import EventsUnreadable
from plugins.journal import backup
from plugins.journal.backup import Progress, Taken
from plugins.journal.errors import BackupUnusable, JournalUnusable
from plugins.journal.pruning import JOURNAL, prune
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

    listing = actions.add_parser(
        "segments",
        help="list its files, with their events, times, sizes and sums",
        description="List the files of the journal, oldest first, also while the system runs.",
    )
    listing.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    listing.set_defaults(run=lambda options: _run("journal", lambda: _segments(options.data)))
    cut = actions.add_parser(
        "prune",
        help="remove or move old segments",
        description="Say which sealed segments lie wholly before a date or an event and can go, and with --yes remove"
        " or move them. The state behind them is kept. Only what a good snapshot and the archive have goes. The system"
        " must not run.",
    )
    cut.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    cut.add_argument("--before", required=True, metavar="DATE|SEQ", help="2026-01-31 (UTC), or the number of an event")
    cut.add_argument("--move-to", type=path, metavar="DIR", help="keep them there")
    cut.add_argument("--yes", action="store_true", help="do it")
    cut.set_defaults(run=lambda options: _run("journal", lambda: _prune(options)))


def _segments(data: Path) -> str:
    found = manifests.read(data / JOURNAL)
    if found is None:
        raise JournalUnusable(f"{data}: has no manifest of segments; it comes with the first start of this version.")
    said = []
    if found.base is not None:
        said.append(f"{found.base.name}  the state at event {found.base.seq}, {found.base.packed:,} bytes")
    for one in found.segments:
        events = f"events {one.first} to {one.last}, {_moment(one.ts)} to {_moment(one.last_ts)}"
        packed = f"{one.packed:,} of {one.size:,} bytes, SHA-256 {one.sha256}" if one.is_sealed else "not sealed yet"
        said.append(f"{one.name}  {events}, {packed}")
    return "\n".join((*said, f"events.ndjson  from event {found.last + 1} on"))


def _moment(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _prune(options: argparse.Namespace) -> str:
    pruned = prune(options.data, options.before, options.move_to, _archived, really=options.yes)
    end = "It is done." if options.yes else "Nothing was changed. Add --yes to do it."
    return "\n".join((*pruned.said, end) if pruned.segments else pruned.said)


def _archived(data: Path) -> int | None:
    """How far the archives among the installed plugins have got; the least, where there are several."""
    asked = [getattr(plugin, "archived_in", None) for plugin in find().plugins.values()]
    known = [upto for ask in asked if ask is not None and (upto := ask(data)) is not None]
    return min(known, default=None)


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
    except (BackupUnusable, EventsUnreadable, JournalUnusable, ManifestDamaged, OSError, ValueError) as error:
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
