"""The table of faults in the journal's README: what a start makes of files that are not as they were left."""

from __future__ import annotations

import logging
import os
import re
import shutil
from pathlib import Path
from random import Random

import pytest

from kernel.__main__ import main
from kernel.errors import PluginFailed
from kernel.testing import World
from plugins.api import Api
from plugins.journal import Journal, sums
from plugins.journal import identity as identities
from plugins.journal.history import History
from plugins.journal.layout import STEPS
from plugins.journal.snapshots import header_of
from plugins.steam import Steam
from tests.histories import history
from tests.plugins.journal.folders import ONE_FILE, Folder, contents

EVENTS = 600
LINE = b'{"seq":%d,"ts":%d,"actor":"kernel","cause":null,"kind":"contact.paused","payload":{"reason":"r"}}\n'


async def lived(data: Path, seed: int = 1, length: int = EVENTS) -> Folder:
    """A data folder in which that much has happened, stopped in good order."""
    async with World(Journal, data=data, config=ONE_FILE) as world:
        for envelope in history(Random(seed), length):
            world.ctx.publish(envelope.payload, actor=envelope.actor)
            if envelope.seq % 20 == 0:
                await world.ctx.committed()  # as it comes in life: not all of it as one write
    return Folder(data / "journal")


def files(data: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and path.name != "lock"}


async def refusal(data: Path) -> str:
    """What a start on the folder is refused with; it must not change a byte."""
    before = files(data)
    with pytest.raises(PluginFailed) as refused:
        async with World(Journal, data=data, config=ONE_FILE):
            pass
    assert files(data) == before, "a refused start changed something"
    return str(refused.value)


async def state_of(data: Path) -> dict[str, object]:
    """What a start finds. Raises PluginFailed."""
    async with World(Journal, data=data, config=ONE_FILE) as world:
        return {name: value for name, value in contents(world.state).items() if name not in ("seq", "ts", "plugins")}


def flip(path: Path, place: int, bit: int = 0x40) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(content)


def replace(path: Path, old: bytes, new: bytes) -> int:
    """Change the first `old` in the file, as a failing disk might; where it was."""
    content = path.read_bytes()
    place = content.index(old)
    path.write_bytes(content.replace(old, new, 1))
    return place


def line_at(events: Path, place: int) -> int:
    return events.read_bytes()[:place].count(b"\n") + 1


async def test_a_price_that_a_flipped_bit_changes_is_found_with_its_lines_though_it_can_be_read(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    place = replace(folder.events, b'"priceMin":"10', b'"priceMin":"90')

    said = await refusal(tmp_path)

    match = re.search(r"events\.ndjson, lines (\d+) to (\d+) \(bytes (\d+) to (\d+)\): are not what was written", said)
    assert match is not None, said
    first, last, start, end = map(int, match.groups())
    assert first <= line_at(folder.events, place) <= last
    assert start <= place < end
    assert f"switchboard journal repair --data {tmp_path}" in said


@pytest.mark.parametrize("snapshots", ["with", "without"])
async def test_a_line_that_a_flipped_bit_makes_unreadable_is_named(tmp_path: Path, snapshots: str) -> None:
    folder = await lived(tmp_path)
    if snapshots == "without":
        for _, path in folder.snapshots.found():
            path.unlink()
    start = folder.offset(300)
    flip(folder.events, start + 2)

    said = await refusal(tmp_path)

    assert f"events.ndjson, line 301 (byte {start}): is not what was written, and cannot be read" in said


async def test_a_newline_that_is_flipped_at_the_very_end_is_no_torn_line(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    flip(folder.events, folder.events.stat().st_size - 1)

    assert "not what was written" in await refusal(tmp_path)


@pytest.mark.parametrize("place", [3, 100, 500])
async def test_a_line_taken_out_or_put_in_is_named(tmp_path: Path, place: int) -> None:
    folder = await lived(tmp_path)
    lines = folder.events.read_bytes().splitlines(keepends=True)

    folder.events.write_bytes(b"".join(lines[:place] + lines[place - 1 :]))
    said = await refusal(tmp_path)
    assert f"line {place + 1} (byte " in said
    assert f"event {place + 1} was written here, and this is event {place}." in said

    folder.events.write_bytes(b"".join(lines[:place] + lines[place + 1 :]) + b"{" + b"x" * len(lines[place]))
    assert f"event {place + 1} was written here, and this is event {place + 2}." in await refusal(tmp_path)


async def test_a_file_doubled_at_its_end_is_refused_with_the_line(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    whole = folder.events.read_bytes()
    count = whole.count(b"\n")
    folder.events.write_bytes(whole + whole)

    said = await refusal(tmp_path)

    assert f"line {count + 1} (byte {len(whole)}): event {count + 1} belongs here, and this is event 1." in said


@pytest.mark.parametrize("kept", [500, 300, 100, 1], ids=lambda kept: f"to event {kept}")
@pytest.mark.parametrize("snapshots", ["with", "without"])
async def test_a_journal_that_was_shortened_is_refused_with_how_many_are_gone(
    tmp_path: Path, kept: int, snapshots: str
) -> None:
    folder = await lived(tmp_path)
    if snapshots == "without":
        for _, path in folder.snapshots.found():
            path.unlink()
    count = folder.events.read_bytes().count(b"\n")
    size = folder.events.stat().st_size
    os.truncate(folder.events, folder.offset(kept))

    said = await refusal(tmp_path)

    assert f"{count - kept} events are gone: it ends with event {kept} (byte {folder.offset(kept)})" in said
    assert f"events.sum says that event {count} had come to disk (byte {size})" in said


async def test_a_line_cut_in_the_middle_before_the_last_sum_is_no_torn_line(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    os.truncate(folder.events, folder.events.stat().st_size - 5)

    assert "1 event is gone" in await refusal(tmp_path)


@pytest.mark.parametrize("how", ["emptied", "deleted", "rotated"])
@pytest.mark.parametrize("snapshots", ["with", "without"])
async def test_a_journal_that_was_emptied_deleted_or_rotated_does_not_start_empty(
    tmp_path: Path, how: str, snapshots: str
) -> None:
    folder = await lived(tmp_path)
    if snapshots == "without":
        for _, path in folder.snapshots.found():
            path.unlink()
    if how == "emptied":
        folder.events.write_bytes(b"")
    elif how == "deleted":
        folder.events.unlink()
    else:
        folder.events.rename(folder.path / "events.ndjson.1")

    said = await refusal(tmp_path)

    assert "events are gone: it is missing or empty" in said
    assert ("If " + str(folder.path / "events.ndjson.1") + " is what was rotated away, move it back." in said) == (
        how == "rotated"
    )


async def test_a_data_folder_whose_whole_journal_is_gone_is_not_new_when_secrets_lie_there(tmp_path: Path) -> None:
    secrets = tmp_path / "steam" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "bot_1.secret").write_bytes(b"sealed")

    with pytest.raises(PluginFailed, match=r"is missing or empty, and yet .*bot_1\.secret is of an earlier run"):
        async with World(Journal, Steam, data=tmp_path):
            pass


async def test_a_data_folder_whose_whole_journal_is_gone_is_not_new_when_somebody_has_signed_in(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "sessions.json").write_text("[]")

    with pytest.raises(PluginFailed, match=r"and yet .*sessions\.json is of an earlier run, so the events .* are gone"):
        async with World(Journal, Api, data=tmp_path, config={"api": {"port": 0}}):
            pass


async def test_tokens_made_before_the_first_start_are_no_sign_of_a_lost_journal_and_later_they_are(
    tmp_path: Path,
) -> None:
    assert main(["token", "create", "anna", "--data", str(tmp_path)]) == 0
    world = World(Journal, Api, data=tmp_path, config={"api": {"port": 0}})
    async with world:
        await world.clock.advance(60_000)
        await world.ctx.committed()
    shutil.rmtree(tmp_path / "journal")

    with pytest.raises(PluginFailed, match=r"and yet .*tokens\.json is of an earlier run"):
        async with World(Journal, Api, data=tmp_path, config={"api": {"port": 0}}):
            pass


@pytest.mark.parametrize("harm", ["missing", "emptied", "garbage"])
async def test_without_its_sums_a_journal_is_not_believed(tmp_path: Path, harm: str) -> None:
    folder = await lived(tmp_path)
    path = folder.path / sums.FILE
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "emptied" else os.urandom(len(path.read_bytes())))

    said = await refusal(tmp_path)

    assert f"{path}: is missing, empty or useless, so nobody can say whether events.ndjson is whole" in said


async def test_journal_and_sums_both_gone_is_no_new_folder(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    (folder.path / sums.FILE).unlink()
    folder.events.unlink()
    said = await refusal(tmp_path)
    assert "events.ndjson and events.sum: are missing or empty, and were there in an earlier run" in said

    for path in folder.path.iterdir():
        if path.name != "layout":
            path.unlink()
    assert "were there in an earlier run" in await refusal(tmp_path)


@pytest.mark.parametrize("line", [0, 1, 2, 3, 5])
async def test_a_bit_flipped_in_the_sums_is_made_good_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: int
) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    path = folder.path / sums.FILE
    flip(path, line * sums.LINE + 25, 1)

    assert await state_of(tmp_path) == before

    said = "the first line of" if line == 0 else "1 lines of" if line > 2 else ""
    assert said in caplog.text
    caplog.clear()
    await state_of(tmp_path)
    assert "damaged" not in caplog.text, "it was not made good"


@pytest.mark.parametrize("harm", ["missing", "emptied", "flipped"])
async def test_an_identity_that_is_damaged_or_missing_is_made_anew_from_the_sums(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    folder = await lived(tmp_path)
    path = folder.path / "identity"
    good = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "emptied":
        path.write_bytes(b"")
    else:
        flip(path, 3, 1)

    await state_of(tmp_path)

    assert path.read_bytes() == good
    assert f"{path} was damaged or missing, and is made anew from events.sum" in caplog.text


@pytest.mark.parametrize("file", ["identity", sums.FILE])
async def test_a_file_of_another_folder_is_refused(tmp_path: Path, file: str) -> None:
    ours, theirs = await lived(tmp_path / "ours"), await lived(tmp_path / "theirs")
    shutil.copy(theirs.path / file, ours.path / file)

    said = await refusal(tmp_path / "ours")

    assert "identity names another data folder" in said
    assert "so files of two folders are mixed" in said


async def test_a_journal_of_another_folder_is_refused(tmp_path: Path) -> None:
    ours, theirs = await lived(tmp_path / "ours"), await lived(tmp_path / "theirs", seed=2, length=2 * EVENTS)
    shutil.copy(theirs.events, ours.events)

    assert "no part of it is what was written in this data folder" in await refusal(tmp_path / "ours")


async def test_a_snapshot_of_another_folder_is_not_used_even_where_its_place_fits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = await lived(tmp_path / "ours"), await lived(tmp_path / "theirs")
    before = await state_of(tmp_path / "ours")
    for _, path in ours.snapshots.found():
        path.unlink()
    (_, foreign), *_ = theirs.snapshots.found()
    shutil.copy(foreign, ours.path / "snapshot-000000000099999.ndjson.zst")

    assert await state_of(tmp_path / "ours") == before

    assert f"it is of another data folder ({header_of(foreign).identity})" in caplog.text


async def test_a_damaged_snapshot_gives_way_to_what_is_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    (_, newest), *_ = folder.snapshots.found()
    flip(newest, newest.stat().st_size // 2)

    assert await state_of(tmp_path) == before

    assert f"{newest} is not used: it" in caplog.text


async def test_an_event_of_a_newer_version_is_named_though_its_sum_is_right(tmp_path: Path) -> None:
    folder = await lived(tmp_path, length=20)
    with folder.events.open("ab") as file:
        file.write((LINE % (24, 1)).replace(b"contact.paused", b"bot.teleported"))
    identity = identities.read(folder.path)
    assert identity is not None
    (folder.path / sums.FILE).write_bytes(sums.encode(identity, list(sums.taken(History(folder.events)))))

    assert "there is no event 'bot.teleported' in this version" in await refusal(tmp_path)


async def test_a_byte_order_mark_is_named_and_nobody_is_told_to_cut_the_journal(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    folder.events.write_bytes(b"\xef\xbb\xbf" + folder.events.read_bytes())

    said = await refusal(tmp_path)

    assert "begins with a byte order mark, so an editor has saved it" in said
    assert "truncate" not in said


async def test_a_torn_line_behind_the_last_sum_is_cut_kept_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    with folder.events.open("ab") as file:
        file.write(b'{"seq":99999,"ts":17')

    assert await state_of(tmp_path) == before

    [aside] = folder.path.glob("torn-*.bin")
    assert f"20 bytes were moved to {aside}" in caplog.text


async def test_a_write_of_which_a_power_cut_left_only_some_pages_is_cut_at_the_first_that_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = await lived(tmp_path)
    whole = folder.events.read_bytes()
    count = whole.count(b"\n")
    first, second, third = (LINE % (count + number, 1_767_268_800_000) for number in (1, 2, 3))
    folder.events.write_bytes(whole + first + bytes(len(second)) + third)

    with caplog.at_level(logging.INFO):
        async with World(Journal, data=tmp_path) as world:
            assert world.events[0].seq == count + 2

    [aside] = folder.path.glob("torn-*.bin")
    assert aside.read_bytes() == bytes(len(second)) + third
    assert f"1 events from byte {len(whole)} on had no checksum yet" in caplog.text


async def test_lines_that_had_no_sum_yet_are_checked_by_decoding_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = await lived(tmp_path)
    path = folder.path / sums.FILE
    early = path.read_bytes()
    await lived(tmp_path, seed=2, length=0)
    path.write_bytes(early)  # what a power cut within the second leaves

    with caplog.at_level(logging.INFO):
        await state_of(tmp_path)

    assert re.search(
        r"\d+ events from byte \d+ on had no checksum yet, and were checked by decoding alone", caplog.text
    )
    caplog.clear()
    with caplog.at_level(logging.INFO):
        await state_of(tmp_path)
    assert "no checksum yet" not in caplog.text


async def test_a_disk_that_lied_about_a_sync_is_found_out_by_what_stands_beside(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    os.truncate(folder.events, folder.offset(EVENTS - 7))

    assert re.search(r"\d+ events are gone", await refusal(tmp_path))


async def test_times_that_go_back_and_forward_are_no_fault(tmp_path: Path) -> None:
    data = tmp_path / "data"
    folder = await lived(data, length=0)
    whole = folder.events.read_bytes()
    count = whole.count(b"\n")
    times = (1_867_268_800_000, 1_567_268_800_000, 1, 1_767_268_800_000)
    folder.events.write_bytes(whole + b"".join(LINE % (count + n, ts) for n, ts in enumerate(times, start=1)))

    async with World(Journal, data=data, config=ONE_FILE) as world:
        assert world.events[0].seq == count + len(times) + 1
    async with World(Journal, data=data, config=ONE_FILE) as again:
        assert again.state.contact.paused


async def test_a_layout_without_a_number_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    path = folder.path / "layout"
    path.write_bytes(b"")

    said = await refusal(tmp_path)

    assert f"echo {len(STEPS)} > {path}" in said


@pytest.mark.parametrize("number", [0, 1])
async def test_a_folder_from_before_sums_gets_them_at_its_first_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    folder = await lived(tmp_path)
    before = await state_of(tmp_path)
    for name in (sums.FILE, "identity", "layout", "manifest.json"):
        (folder.path / name).unlink()
    if number:
        (folder.path / "layout").write_text(f"{number}\n")

    with caplog.at_level(logging.INFO):
        assert await state_of(tmp_path) == before

    assert identities.read(folder.path) is not None
    assert "to layout 2: the journal gets checksums (events.sum) and the data folder an identity" in caplog.text
    place = replace(folder.events, b'"priceMin":"10', b'"priceMin":"90')
    assert place
    assert "are not what was written" in await refusal(tmp_path)


async def test_a_folder_from_before_sums_that_has_lost_its_journal_is_refused(tmp_path: Path) -> None:
    folder = await lived(tmp_path)
    for name in (sums.FILE, "identity", "events.ndjson", "manifest.json"):
        (folder.path / name).unlink()
    (folder.path / "layout").write_text("1\n")

    said = await refusal(tmp_path)

    assert re.search(r"is missing or empty, and yet .*snapshot-\d+\.ndjson\.zst is of an earlier run", said)
