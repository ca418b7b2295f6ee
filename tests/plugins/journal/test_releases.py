"""A folder that a released version left behind is taken up, and shows what that version showed.

The folders are in tests/fixtures/journals; what they hold is never changed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from kernel.clock import MINUTE
from kernel.codec import decode_envelopes
from kernel.events import ErrorLogged
from kernel.rows import TaskStatus
from kernel.state import State
from kernel.testing import FakeTransport, ManualClock, World
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.journal import Journal
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks
from tests.histories import fold

RELEASES: Final = sorted(path.parent for path in Path(__file__).parents[2].glob("fixtures/journals/*/layout"))
ENDED: Final = frozenset({TaskStatus.RESOLVED, TaskStatus.FAILED, TaskStatus.DISPOSED})
Row = dict[str, Any]
every_release = pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)


def test_there_is_a_release() -> None:
    assert "0.1.0" in {release.name for release in RELEASES}


@every_release
def test_every_field_that_a_release_showed_is_shown_with_the_same_value(release: Path) -> None:
    past = list(decode_envelopes((release / "events.ndjson").read_bytes()))
    for after, tables in _expected(release):
        assert _lost(tables, _tables(fold(past[:after]))) == []


@every_release
async def test_its_snapshot_whether_it_can_still_be_used_or_not_changes_nothing(release: Path, tmp_path: Path) -> None:
    data = _copy(release, tmp_path)
    snapshots = list((data / "journal").glob("snapshot-*"))
    assert snapshots, "there is nothing to show this with"
    async with World(Journal, data=data) as world:
        from_snapshot = {**_tables(world.state), "plugins": []}
    for path in (data / "journal").glob("snapshot-*"):
        path.unlink()
    async with World(Journal, data=data) as world:
        whole = {**_tables(world.state), "plugins": []}

    assert from_snapshot == whole
    [*_, (_, shown)] = _expected(release)
    assert _lost({**shown, "plugins": []}, whole) == [], "plugins are those of the run"


@every_release
async def test_the_system_goes_on_from_it_and_touches_nothing_that_had_ended(release: Path, tmp_path: Path) -> None:
    [*_, (_, shown)] = _expected(release)
    ended = {row["id"]: row["status"] for row in shown["tasks"] if row["status"] in ENDED}
    is_open = {row["id"] for row in shown["tasks"]} - set(ended)
    assert ended and is_open
    last = list(decode_envelopes((release / "events.ndjson").read_bytes()))[-1].ts
    plugins = (Journal, ContactPolicy, FakeTransport, Fleet, Tasks, Assigner, Invites, Dialogue, ScriptedAgent)
    async with World(*plugins, data=_copy(release, tmp_path), clock=ManualClock(last + MINUTE)) as world:
        await world.clock.advance(15 * MINUTE)

        assert world.happened(ErrorLogged) == []
        assert {task_id: str(world.state.tasks[task_id].status) for task_id in ended} == ended
        assert all(world.state.tasks[task_id].reason for task_id in is_open), "each says why it stands where it stands"
        closed = {row["id"] for row in shown["chats"] if row["status"] == "closed"}
        assert not closed & {message.chat_id for message in world.transport.sent}
        assert world.transport.invited == [], "every player in it has had an invite already"


def _copy(release: Path, to: Path) -> Path:
    """A data folder with that journal in it."""
    shutil.copytree(release, to / "journal", ignore=shutil.ignore_patterns("rows.ndjson"))
    return to


def _expected(release: Path) -> Iterator[tuple[int, dict[str, list[Row]]]]:
    """After how many events, and the rows that the release had then, by table."""
    lines = [json.loads(line) for line in (release / "rows.ndjson").read_text("utf-8").splitlines()]
    for after, some in groupby(lines, key=lambda line: int(line["after"])):
        tables: dict[str, list[Row]] = {}
        for line in some:
            tables.setdefault(line["table"], []).append(line["row"])
        yield after, tables


def _tables(state: State) -> dict[str, list[Row]]:
    """As the page and the stream are given them."""
    return {table.name: [json.loads(msgspec.json.encode(row)) for row in table.rows()] for table in state.tables}


CHANGED: Final = re.compile(r"contacts \[0\]\.invites")
"""The times of the fleet's hour: counted from the request in 0.1.0, and from Steam's answer since."""


def _lost(before: dict[str, list[Row]], now: dict[str, list[Row]]) -> list[str]:
    """Where what was shown is gone or has another value; what has come to it is nobody's loss."""
    found = (
        f"{table} {place}" for table, rows in before.items() for place in _differences(rows, now.get(table, []), "")
    )
    return [place for place in found if not CHANGED.match(place)]


def _differences(before: object, now: object, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for name, value in before.items():
            yield from _differences(value, now.get(name, "gone"), f"{place}.{name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from _differences(old, new, f"{place}[{number}]")
    elif before != now:
        yield f"{place}: {before!r} is now {now!r}"
