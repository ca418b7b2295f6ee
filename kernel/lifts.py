"""Rows of earlier versions in the shape of today, so that a changed row costs no folding of the whole journal.

Each table has a version. A field that is new, and has a default, needs a raised number and no code; what is renamed,
dropped or given another meaning needs a `Lift` from the version before. Only a new event, or a new field of one, may
fill a new field of a row: what could be folded from events of before would differ between a lifted state and a folded
one. `tests/kernel/test_lifts.py` notices a row that has changed while its table's number has not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Fields = dict[str, Any]
"""A row as it stands in a snapshot, by wire names."""
Lift = Callable[[Fields], Fields]
"""A row of one version as one of the next. May change what it is given."""

VERSIONS: Final[Mapping[str, int]] = {
    "bots": 4,
    "tasks": 2,
    "invites": 1,
    "chats": 4,
    "players": 2,
    "accounts": 1,
    "contacts": 1,
    "replies": 1,
    "operators": 1,
    "commands": 2,
    "plugins": 1,
}
MEMORY_VERSIONS: Final[Mapping[str, int]] = {"remembered": 1, "met": 1}
"""Of what a snapshot on disk holds beside tables (`kernel/memory.py`)."""
LIFTS: Final[Mapping[tuple[str, int], Lift]] = {}
"""By table, and the version that is lifted by one."""


def lifted(table: str, version: int, row: Fields) -> Fields:
    """A row of that version in the shape of today's."""
    for step in range(version, VERSIONS[table]):
        lift = LIFTS.get((table, step))
        if lift is not None:
            row = lift(row)
    return row
