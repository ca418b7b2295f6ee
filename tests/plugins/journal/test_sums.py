"""events.sum says of every byte whether it is what was written, whatever is missing of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.journal import identity as identities
from plugins.journal import sums
from plugins.journal.errors import IdentityDamaged
from plugins.journal.history import History
from plugins.journal.inspection import differing
from plugins.journal.sums import APART, LINE, NOTHING, Sum, SumFile
from tests.histories import history
from tests.plugins.journal.folders import Folder, new_sums

EVENTS = 600
"""So many that several sums stay."""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal of some length."""
    folder = Folder(tmp_path_factory.mktemp("content"))
    folder.write(history(Random(1), EVENTS))
    return folder.events.read_bytes()


def lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def written(folder: Path, content: bytes) -> SumFile:
    """The sums of a journal that was written line by line."""
    file, end = new_sums(folder), 0
    for seq, line in enumerate(lines(content), start=1):
        end += len(line)
        file.add(line, seq, end)
        if seq % 50 == 0:
            file.sync()
    (folder / "events.ndjson").write_bytes(content)
    return file


def faults(folder: Path) -> list[tuple[int, int]]:
    """The parts of the journal, by their first and last byte, that are not what was written."""
    found = sums.read(folder / sums.FILE)
    assert found is not None
    return [(before.end, behind.end) for before, behind in differing(History(folder / "events.ndjson"), found.sums)]


def test_the_last_event_that_came_to_disk_is_the_newest_sum(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path, content)

    found = sums.read(tmp_path / sums.FILE)

    assert found is not None
    assert (found.newest.seq, found.newest.end, found.damaged) == (EVENTS, len(content), 0)
    assert found.newest == file.newest
    assert faults(tmp_path) == []


def test_the_file_stays_small_and_readable(tmp_path: Path, content: bytes) -> None:
    written(tmp_path, content)
    text = (tmp_path / sums.FILE).read_text("ascii")

    assert len(content) // APART - 1 <= text.count("\n") - 3 <= len(content) // APART
    assert {len(line) for line in text.splitlines(keepends=True)} == {LINE}
    assert text.startswith("switchboard sums 1 ")


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_is_found_within_the_part_it_is_in(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1), label="byte")
    bit = data.draw(st.integers(0, 7), label="bit")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, content)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        (folder / "events.ndjson").write_bytes(flipped)

        [(first, last)] = faults(folder)

        assert first <= place < last
        assert last - first < 2 * APART


@settings(max_examples=60)
@given(st.data())
def test_whatever_lines_are_damaged_the_others_cover_all_bytes_up_to_the_last_of_them(
    content: bytes, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, content)
        path = folder / sums.FILE
        whole = path.read_bytes()
        count = len(whole) // LINE
        hurt = data.draw(st.sets(st.integers(1, count - 1), max_size=count - 2), label="damaged lines")
        damaged = bytearray(whole)
        for line in sorted(hurt):
            damaged[line * LINE + data.draw(st.integers(0, 58), label="byte")] ^= 1 << data.draw(st.integers(0, 6))
        path.write_bytes(damaged)

        found = sums.read(path)

        assert found is not None
        assert found.sums
        assert faults(folder) == []
        flipped = bytearray(content)
        flipped[found.newest.end // 2] ^= 1
        (folder / "events.ndjson").write_bytes(flipped)
        assert len(faults(folder)) == 1


def test_a_commit_that_a_crash_tears_leaves_the_sum_that_was_synced(tmp_path: Path, content: bytes) -> None:
    some = lines(content)
    file = new_sums(tmp_path)
    file.add(some[0], 1, len(some[0]))
    file.sync()
    synced = file.newest
    before = (tmp_path / sums.FILE).read_bytes()
    file.add(some[1], 2, len(some[0]) + len(some[1]))
    after = (tmp_path / sums.FILE).read_bytes()
    [place] = {at // LINE for at, (a, b) in enumerate(zip(before, after, strict=True)) if a != b}

    torn = after[: place * LINE + 30] + bytes(LINE - 30) + after[(place + 1) * LINE :]
    (tmp_path / sums.FILE).write_bytes(torn)

    found = sums.read(tmp_path / sums.FILE)
    assert found is not None
    assert (found.newest, found.damaged) == (synced, 0)


def test_lines_of_another_folder_are_no_sums(tmp_path: Path, content: bytes) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, content)
    ours, theirs = ((tmp_path / name / sums.FILE).read_bytes() for name in ("ours", "theirs"))
    (tmp_path / "mixed").write_bytes(ours[:LINE] + theirs[LINE:])

    found = sums.read(tmp_path / "mixed")

    assert found is not None
    assert found.sums == ()
    assert found.damaged


def test_sums_taken_afterwards_are_those_of_the_same_bytes(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path, content)

    taken = list(sums.taken(History(tmp_path / "events.ndjson")))

    assert taken[-1] == file.newest
    assert all(behind.end - before.end >= APART for before, behind in zip([NOTHING, *taken], taken[:-1], strict=False))
    half = next(one for one in taken if one.seq > EVENTS // 2)
    assert list(sums.taken(History(tmp_path / "events.ndjson"), half))[-1] == file.newest


@pytest.mark.parametrize("harm", ["removed", "emptied", "replaced"])
def test_a_file_that_somebody_removes_or_empties_is_made_anew(tmp_path: Path, content: bytes, harm: str) -> None:
    file = written(tmp_path, content)
    path = tmp_path / sums.FILE
    if harm == "removed":
        path.unlink()
    elif harm == "emptied":
        os.truncate(path, 0)
    else:
        path.unlink()
        path.write_text("something else")

    file.add(b"more\n", EVENTS + 1, len(content) + 5)
    assert file.mend()
    file.sync()

    found = sums.read(path)
    assert found is not None
    assert found.newest == file.newest == Sum(EVENTS + 1, len(content) + 5, file.newest.crc)
    assert not file.mend()


def test_an_identity_is_read_back_and_a_damaged_one_is_told_from_another(tmp_path: Path) -> None:
    one = identities.new()
    identities.write(tmp_path, one)
    path = tmp_path / identities.FILE

    assert identities.read(tmp_path) == one
    assert path.stat().st_mode & 0o777 == 0o600
    good = path.read_bytes()
    for place in range(len(good) - 1):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(IdentityDamaged):
            identities.read(tmp_path)
    path.unlink()
    assert identities.read(tmp_path) is None
