"""Changes made at the command line, on their way into the audit.

The command line works whether the system runs or not, and cannot publish events. So each change leaves a line in
`changes.ndjson`, and a server takes the lines up when it starts, every few seconds, and whenever the audit is read.
They go when their events are on disk: a crash in between may double an entry, and loses none.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from plugins.api import disk
from plugins.api.auth.actions import Action

FILE: Final = "changes.ndjson"
TAKEN: Final = "changes.taken.ndjson"


class ShellChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """One change made at the command line. `at` in UTC milliseconds."""

    at: int
    who: str
    """The user of the machine."""
    action: str
    subject: str


def note(folder: Path, action: Action, subject: str, now: int) -> None:
    """Append a change to `changes.ndjson`."""
    line = msgspec.json.encode(ShellChange(at=now, who=_user(), action=action, subject=subject)) + b"\n"
    with disk.locked(_lock(folder)), open(folder / FILE, "ab", opener=_private) as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def take(folder: Path) -> list[ShellChange]:
    """The changes that are not in the audit yet; `drop` deletes them. Raises FileUnreadable."""
    file, taken = folder / FILE, folder / TAKEN
    if not (taken.exists() or file.exists()):
        return []
    with disk.locked(_lock(folder)):
        if not taken.exists():
            file.rename(taken)
    try:
        return msgspec.json.Decoder(ShellChange).decode_lines(taken.read_bytes())
    except (OSError, ValueError) as error:
        loss = "The audit lacks what was done at the command line."
        raise disk.unusable(taken, error, loss, "Move it away.") from error


def drop(folder: Path) -> None:
    """Delete the changes that `take` returned: their events are on disk."""
    (folder / TAKEN).unlink(missing_ok=True)


def all_imported(folder: Path) -> bool:
    """Whether there were changes, and all of them are in the audit."""
    return _lock(folder).exists() and not (folder / FILE).exists() and not (folder / TAKEN).exists()


def _lock(folder: Path) -> Path:
    return folder / "changes.lock"


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return str(os.getuid())
