"""`journal verify` says what is wrong and changes nothing; `journal repair` keeps what can be kept, and says it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from random import Random

import pytest

from kernel.__main__ import main
from kernel.testing import World
from plugins.journal import Journal, backup, sums
from tests.histories import fold
from tests.plugins.journal.folders import Folder, contents
from tests.plugins.journal.test_faults import EVENTS, files, flip, lived, refusal, replace, state_of


async def journal(*arguments: object) -> int:
    """The exit status of `switchboard journal …`."""
    return await asyncio.to_thread(main, ["journal", *map(str, arguments)])


async def test_a_good_journal_is_found_good_and_repair_has_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await lived(tmp_path)
    before = files(tmp_path)

    assert await journal("verify", "--data", tmp_path) == 0
    said = capsys.readouterr().out
    assert "Nothing is wrong." in said
    assert f"{EVENTS + 3} events" in said
    assert f"checksums up to event {EVENTS + 3}" in said
    assert await journal("repair", "--data", tmp_path, "--yes") == 0
    assert "there is nothing to repair" in capsys.readouterr().out
    assert files(tmp_path) == before


async def test_a_journal_is_looked_through_while_the_system_runs(tmp_path: Path) -> None:
    async with World(Journal, data=tmp_path) as world:
        for number in range(200):
            world.add_bot()
            if number % 10 == 0:
                await world.ctx.committed()
                assert await journal("verify", "--data", tmp_path) == 0
        assert await journal("repair", "--data", tmp_path, "--yes") == 1, "it repaired a journal that is in use"


async def test_a_folder_without_a_journal_is_told_from_one_with_a_bad_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await journal("verify", "--data", tmp_path) == 1
    assert await journal("repair", "--data", tmp_path) == 1
    assert capsys.readouterr().err.count("holds no journal/") == 2
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: replace(f.events, b'"priceMin":"10', b'"priceMin":"90'), "are not what was written, though each"),
        (lambda f: flip(f.events, f.offset(300) + 2), "line 301 (byte "),
        (lambda f: os.truncate(f.events, f.offset(400)), "events are gone: it ends with event 400"),
        (lambda f: f.events.unlink(), "events are gone: it is missing or empty"),
        (lambda f: (f.path / sums.FILE).unlink(), "so nobody can say whether events.ndjson is whole"),
        (lambda f: flip(f.path / sums.FILE, 3 * sums.LINE + 25), "1 lines of"),
        (lambda f: flip(f.path / "identity", 3, 1), "identity was damaged or missing"),
        (lambda f: flip(f.snapshots.found()[0][1], 60), "is not used: it"),
        (lambda f: (f.path / "layout").write_bytes(b""), "holds no number"),
        (lambda f: f.events.write_bytes(2 * f.events.read_bytes()), f"event {EVENTS + 4} belongs here, and this is"),
    ],
    ids=["price", "line", "cut", "gone", "no sums", "a sum", "identity", "snapshot", "layout", "doubled"],
)
async def test_what_is_wrong_is_said_with_an_exit_status_and_nothing_is_changed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    harm: object,
    said: str,
) -> None:
    folder = await lived(tmp_path)
    harm(folder)  # type: ignore[operator]
    before = files(tmp_path)

    assert await journal("verify", "--data", tmp_path) == 1

    out = capsys.readouterr().out
    [wrong] = [line for line in out.splitlines() if line.startswith("WRONG: ")]
    assert said in wrong
    assert "1 fault found." in out
    assert files(tmp_path) == before


async def test_damage_is_mended_without_loss_from_a_backup_that_has_the_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, archive = tmp_path / "data", tmp_path / "backup.tar.zst"
    folder = await lived(data)
    before = await state_of(data)
    backup.take(data, archive)
    good = folder.events.read_bytes()
    flip(folder.events, folder.offset(100) + 2)
    replace(folder.events, b'"priceMin":"10', b'"priceMin":"90')
    os.truncate(folder.events, folder.offset(EVENTS - 50))

    assert await journal("repair", "--data", data, "--from", archive) == 0
    assert "Nothing was changed. Add --yes to do it." in capsys.readouterr().out
    assert await refusal(data)
    assert await journal("repair", "--data", data, "--from", archive, "--yes") == 0

    said = capsys.readouterr().out
    assert f"damaged or missing parts of events.ndjson are taken from {archive}." in said
    assert "gone" not in said
    assert folder.events.read_bytes() == good
    assert await state_of(data) == before


async def test_without_a_backup_a_value_that_can_be_read_is_kept_knowingly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = await lived(tmp_path)
    damaged = folder.events.read_bytes()
    replace(folder.events, b'"priceMin":"10', b'"priceMin":"90')
    changed = folder.events.read_bytes()

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert "are kept as they are, though they are not what was written" in capsys.readouterr().out
    assert folder.events.read_bytes() == changed != damaged
    await state_of(tmp_path)
    assert await journal("verify", "--data", tmp_path) == 0


async def test_without_a_backup_a_line_that_cannot_be_read_ends_the_journal_and_the_rest_is_kept_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = await lived(tmp_path)
    for _, path in folder.snapshots.found():
        path.unlink()
    start = folder.offset(300)
    flip(folder.events, start + 2)
    whole = folder.events.read_bytes()

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    said = capsys.readouterr().out
    assert f"What follows event 300 in events.ndjson ({len(whole) - start} bytes) is set aside." in said
    assert f"Events 301 to {EVENTS + 3} are gone." in said
    assert (folder.path / "aside-1" / "events.ndjson").read_bytes() == whole
    assert folder.events.read_bytes() == whole[:start]
    expected = contents(fold(folder.read()))
    assert contents(await folder.recover()) == expected
    await state_of(tmp_path)


async def test_a_line_that_cannot_be_read_before_a_snapshot_costs_nothing_behind_it(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    flip(folder.events, folder.offset(300) + 2)

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert await state_of(tmp_path) == before


async def test_a_shortened_journal_goes_on_from_where_it_ends_and_newer_snapshots_are_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = await lived(tmp_path)
    os.truncate(folder.events, folder.offset(400))

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    said = capsys.readouterr().out
    assert f"Events 401 to {EVENTS + 3} are gone." in said
    assert "is set aside: it stands at an event that is gone." in said
    async with World(Journal, data=tmp_path) as world:
        assert world.events[0].seq == 401


async def test_what_was_doubled_is_set_aside_without_loss(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    good = folder.events.read_bytes()
    folder.events.write_bytes(good + good)

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert folder.events.read_bytes() == good
    await state_of(tmp_path)


async def test_a_byte_order_mark_is_taken_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = await lived(tmp_path)
    good = folder.events.read_bytes()
    folder.events.write_bytes(b"\xef\xbb\xbf" + good)

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert "The byte order mark is taken out of" in capsys.readouterr().out
    assert folder.events.read_bytes() == good
    await state_of(tmp_path)


@pytest.mark.parametrize("gone", [("events.sum",), ("identity", "events.sum"), ("identity", "events.sum", "layout")])
async def test_files_beside_the_journal_are_made_anew(tmp_path: Path, gone: tuple[str, ...]) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    identity = (folder.path / "identity").read_bytes()
    for name in gone:
        (folder.path / name).unlink()

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert await state_of(tmp_path) == before
    assert (folder.path / "identity").read_bytes() == identity, "the snapshots know it still"


async def test_a_folder_that_has_lost_its_whole_journal_begins_anew_only_knowingly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = await lived(tmp_path)
    shutil.rmtree(folder.path)
    folder.path.mkdir()
    (folder.path / "layout").write_text("2\n")
    assert await refusal(tmp_path)

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    assert "events.ndjson holds no event, so the system begins anew" in capsys.readouterr().out
    async with World(Journal, data=tmp_path) as world:
        assert world.events[0].seq == 1


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_was_done_to_the_files_a_repaired_folder_starts(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    folder = await lived(tmp_path, length=300)
    names = ["events.ndjson", "events.sum", "identity", "layout", folder.snapshots.found()[0][1].name]
    for name in random.sample(names, random.randint(1, 3)):
        path = folder.path / name
        size = path.stat().st_size
        match random.choice(["flip", "cut", "delete", "double", "empty"]):
            case "flip":
                flip(path, random.randrange(size), 1 << random.randrange(8))
            case "cut":
                os.truncate(path, random.randrange(size))
            case "delete":
                path.unlink()
            case "double":
                path.write_bytes(2 * path.read_bytes())
            case _:
                path.write_bytes(b"")

    assert await journal("repair", "--data", tmp_path, "--yes") == 0

    async with World(Journal, data=tmp_path) as world:
        await world.ctx.committed()
    assert contents(await Folder(folder.path).recover()) == contents(world.state)
