"""The journal in segments: sealed while events go on being written, and read as one."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from kernel import manifest as manifests
from kernel.codec import decode_envelopes
from kernel.events import Envelope, ErrorLogged
from kernel.manifest import JournalManifest
from kernel.segments import Segments
from kernel.snapshot import Snapshot
from kernel.testing import ManualClock, World
from plugins.journal import Journal
from tests.histories import history
from tests.plugins.journal.folders import Folder, contents
from tests.plugins.journal.test_journal import until

SMALL: Final = {"journal": {"segment_mib": 0.02, "segment_daily": False}}
EVENTS: Final = history(Random(15), 600)
DAY: Final = 24 * 3_600_000


async def live(world: World, events: list[Envelope] = EVENTS) -> None:
    """Have that much happen, some at a time."""
    for start in range(0, len(events), 40):
        for envelope in events[start : start + 40]:
            world.ctx.publish(envelope.payload, actor=envelope.actor)
        await world.ctx.committed()


async def more(world: World, count: int) -> None:
    """Have something else happen so often, of about 200 bytes each."""
    for start in range(0, count, 40):
        for number in range(start, min(count, start + 40)):
            world.ctx.publish(ErrorLogged(source="test", message=f"number {number} of those that happened " * 3))
        await world.ctx.committed()


async def seal(world: World) -> None:
    """Have all sealed but a few events, so that the file is short, and the stop does not fill it."""
    world.plugin(Journal).rotate()
    await more(world, 3)
    await until(lambda: is_sealed(world.data))


def manifest_of(data: Path) -> JournalManifest:
    found = manifests.read(data / "journal")
    assert found is not None
    return found


def is_sealed(data: Path) -> bool:
    """Everything that can be is, and the plain files are gone."""
    return all(one.is_sealed for one in manifest_of(data).segments) and not [
        *(data / "journal").glob("events-*.ndjson")
    ]


async def sealed_folder(data: Path, *, lines: list[bytes] | None = None) -> World:
    """A data folder of several segments, whose system has stopped; `lines` takes what the stream was sent."""
    async with World(Journal, data=data, config=SMALL) as world:
        if lines is not None:
            world.ctx.tap(lambda _, line: lines.append(line))
        await live(world)
        await seal(world)
    return world


def whole(data: Path) -> bytes:
    """The whole journal."""
    return b"".join(Segments(data / "journal").lines())


def unpacked_by_zstd(folder: Path) -> bytes:
    """The whole journal, as the README says."""
    packed = sorted(map(str, folder.glob("events-*.zst")))
    sealed = subprocess.run(["zstdcat", *packed], capture_output=True, check=True).stdout
    return sealed + (folder / "events.ndjson").read_bytes()


async def test_sealed_segments_and_the_file_being_written_are_the_plain_journal(tmp_path: Path) -> None:
    lines: list[bytes] = []

    await sealed_folder(tmp_path, lines=lines)

    folder = tmp_path / "journal"
    found = manifest_of(tmp_path)
    assert len(found.segments) >= 4
    names = [path.name for path in sorted(folder.glob("events-*"))]
    assert names == [f"events-{one.first:012}.ndjson.zst" for one in found.segments]
    await asyncio.to_thread(subprocess.run, ["zstd", "-tq", *(str(folder / name) for name in names)], check=True)
    content = await asyncio.to_thread(unpacked_by_zstd, folder)
    assert [e.seq for e in decode_envelopes(content)] == list(range(1, content.count(b"\n") + 1))
    assert b"\n".join(lines) in content
    assert b"".join(Segments(folder).lines()) == content
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()} == {0o600}


async def test_any_part_is_read_across_the_bounds_of_files(tmp_path: Path) -> None:
    await sealed_folder(tmp_path)
    content = whole(tmp_path).splitlines(keepends=True)
    segments = Segments(tmp_path / "journal")
    bounds = [one.last for one in manifest_of(tmp_path).segments]
    random = Random(4)
    places = [
        (bound + before, bound + behind) for bound in bounds for before in (-1, 0, 1) for behind in (-1, 0, 1, 99)
    ]
    places += [(seq := random.randrange(len(content)), seq + random.randrange(400)) for _ in range(50)]

    for after, upto in places:
        expected = b"".join(content[after:upto]) if after < upto else b""
        assert b"".join(segments.lines(after, upto)) == expected, (after, upto)


@pytest.mark.parametrize("snapshots", [True, False], ids=["snapshots", "no snapshot"])
async def test_a_start_goes_on_from_the_newest_snapshot_wherever_the_events_behind_it_are(
    tmp_path: Path, snapshots: bool
) -> None:
    world = await sealed_folder(tmp_path)
    folder = Folder(tmp_path / "journal")
    for _, path in folder.snapshots.found():
        path.unlink()
    if snapshots:  # one that stands in the midst of a segment, as it was taken before that was sealed
        state = Folder(tmp_path / "part")
        state.path.mkdir()
        state.write(list(decode_envelopes(b"".join(Segments(folder.path).lines(0, 150)))))
        at_150 = await state.recover()
        await folder.snapshots.write(Snapshot.of(at_150), state.offset(150))

    async with World(Journal, data=tmp_path, config=SMALL) as again:
        rows = contents(again.state)
    before = contents(world.state)

    assert {name: rows[name] for name in rows if name not in {"seq", "ts", "plugins"}} == {
        name: before[name] for name in before if name not in {"seq", "ts", "plugins"}
    }


async def test_the_first_event_of_a_day_begins_a_new_file(tmp_path: Path) -> None:
    clock = ManualClock()
    async with World(Journal, data=tmp_path, clock=clock, config={"journal": {"segment_daily": True}}) as world:
        await more(world, 40)
        await clock.advance(DAY // 4)
        await more(world, 40)
        assert not manifest_of(tmp_path).segments
        await clock.advance(DAY)
        await more(world, 40)
        await until(lambda: is_sealed(tmp_path))
        (segment,) = manifest_of(tmp_path).segments

    assert segment.ts // DAY == segment.last_ts // DAY
    first = next(decode_envelopes((tmp_path / "journal" / "events.ndjson").read_bytes()))
    assert first.ts // DAY > segment.last_ts // DAY


async def test_events_are_written_read_and_recalled_while_segments_are_sealed(tmp_path: Path) -> None:
    async with World(Journal, data=tmp_path, config=SMALL) as world:
        followed: list[int] = []

        async def follow() -> None:
            while not followed or followed[-1] < len(EVENTS):
                lines = world.ctx.hooks.events_after(followed[-1] if followed else 0)
                assert lines is not None
                chunks = await asyncio.to_thread(list, lines)
                followed.extend(e.seq for chunk in chunks for e in decode_envelopes(chunk))

        following = asyncio.ensure_future(follow())
        await live(world)
        await asyncio.wait_for(following, 20)
        recalled = world.ctx.hooks.recall("bot.added")
        assert recalled is not None
        found = [line.rstrip(b"\n") for line in recalled]

    assert followed == list(range(1, len(followed) + 1))
    assert [e.seq for line in found for e in decode_envelopes(line)] == [
        e.seq for e in world.events if e.kind == "bot.added"
    ]


@contextmanager
def copied_before_each_step(folder: Path, to: Path) -> Iterator[list[Path]]:
    """A copy of the folder before each change of a name in it: what a kill at that moment would leave."""
    copies: list[Path] = []

    def watched(kind: Any, name: str, concerned: Callable[..., bool]) -> None:
        original = getattr(kind, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if concerned(*arguments):
                copies.append(to / f"{len(copies):03}")
                shutil.copytree(folder, copies[-1] / "journal", ignore=lambda *_: ["lock"])
            return original(*arguments, **named)

        patch.setattr(kind, name, call)

    def ours(path: Any, *_: Any) -> bool:
        name = Path(path).name
        return Path(path).parent == folder and name.startswith(("events", "manifest", "base"))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "replace", "unlink"):
            watched(Path, name, ours)
        watched(os, "open", lambda path, flags, *_: ours(path) and bool(flags & os.O_CREAT))
        yield copies


async def test_a_start_goes_on_from_each_step_of_sealing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "copies").mkdir()
    async with World(Journal, data=data, config=SMALL) as world:
        await live(world, EVENTS[:160])
        await until(lambda: is_sealed(data))
        upto = world.state.seq
        with copied_before_each_step(data / "journal", tmp_path / "copies") as copies:
            world.plugin(Journal).rotate()
            await live(world, EVENTS[160:200])
            await until(lambda: is_sealed(data))
            await asyncio.sleep(0)
    content = whole(data)
    assert len(copies) >= 8

    for copy in copies:
        async with World(Journal, data=copy, config=SMALL) as again:
            begins = again.events[0].seq
            await until(lambda: is_sealed(copy))  # noqa: B023 - it is waited for at once
            assert not [*(copy / "journal").glob("*.tmp")]
        there = whole(copy)
        kept = b"".join(there.splitlines(keepends=True)[: begins - 1])
        assert content.startswith(kept), copy
        assert begins > upto, f"{copy}: {upto - begins} events were lost"
        assert [e.seq for e in decode_envelopes(there)] == list(range(1, there.count(b"\n") + 1)), copy
