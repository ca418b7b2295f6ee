"""The hook `events_after`: the committed lines from any event on, read from the files on any thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from kernel.codec import decode_envelopes, encode
from kernel.errors import PluginFailed
from kernel.events import Envelope
from kernel.segments import CHUNK, EventsUnreadable, Segments
from kernel.testing import World
from plugins.journal import Journal
from tests.histories import history
from tests.plugins.journal.folders import Folder


@cache
def drawn() -> list[Envelope]:
    """The same history for all tests, made when one of them needs it and not by whoever only collects."""
    return history(Random(41), 3_000)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """One whose journal holds that history, and what a start adds."""
    (tmp_path / "journal").mkdir()
    Folder(tmp_path / "journal").write(drawn())
    async with World(Journal, data=tmp_path) as world:
        yield world


def asked(world: World, after: int, upto: int | None = None) -> list[Envelope]:
    lines = world.ctx.hooks.events_after(after, upto)
    assert lines is not None
    return [envelope for chunk in lines for envelope in decode_envelopes(chunk)]


async def test_the_events_behind_any_other_are_given_up_to_any_as_they_stand_on_disk(world: World) -> None:
    await world.ctx.committed()
    there = Folder(world.data / "journal").read()
    random = Random(7)
    places = [(0, None), (len(there), None), (len(there) + 5, None), (5, 5), (9, 3), (0, 1), (len(there) - 1, None)]
    places += [(seq := random.randrange(len(there)), seq + random.randrange(1, 900)) for _ in range(60)]

    for after, upto in places:
        found = await asyncio.to_thread(asked, world, after, upto)

        assert found == there[after : len(there) if upto is None else upto], (after, upto)


async def test_chunks_are_whole_lines_of_a_bearable_size(world: World) -> None:
    lines = world.ctx.hooks.events_after(0)
    assert lines is not None
    longest = max(len(encode(event)) for event in drawn()) + 1

    chunks = list(lines)

    assert len(chunks) > 3
    assert all(chunk.endswith(b"\n") and len(chunk) <= CHUNK + longest for chunk in chunks)


async def test_it_ends_at_what_was_committed_when_it_was_asked(world: World) -> None:
    await world.ctx.committed()
    reached = world.system.commits.reached
    lines = world.ctx.hooks.events_after(0)
    uncommitted = world.ctx.hooks.events_after(reached)
    assert lines is not None
    assert uncommitted is not None
    world.add_bot()
    await world.ctx.committed()  # both are on disk by now, and were not when it was asked

    assert sum(chunk.count(b"\n") for chunk in lines) == reached
    assert list(uncommitted) == []
    assert len(asked(world, reached)) == world.system.commits.reached - reached > 0


async def test_sums_that_are_damaged_lead_nowhere_else(world: World) -> None:
    await world.ctx.committed()
    sums = world.data / "journal" / "events.sum"
    content = bytearray(sums.read_bytes())
    random = Random(3)
    for start in range(64 * 3, len(content), 64):  # wrong places, wrong events, and what is none
        content[start + random.randrange(42)] = random.choice(b"0123456789x")
    sums.write_bytes(content)
    there = Folder(world.data / "journal").read()

    for after in range(0, len(drawn()), 173):
        assert asked(world, after, after + 1) == there[after : after + 1]


async def test_a_line_that_is_not_the_next_event_is_named_and_not_passed_on(tmp_path: Path) -> None:
    Folder(tmp_path).write([*drawn()[:50], *drawn()[51:90]])

    with pytest.raises(EventsUnreadable, match=r"event 61 belongs here, and this is event 62\. .* verify"):
        list(Segments(tmp_path).lines(60))


async def test_nobody_answers_before_the_journal_has_recovered(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    Folder(tmp_path / "journal").write([*drawn()[:5], *drawn()[6:9]])

    with pytest.raises(PluginFailed):
        async with World(Journal, data=tmp_path):
            pass
    assert list(Segments(tmp_path / "nothing").lines()) == []
