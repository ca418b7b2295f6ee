"""Killed anywhere, the archive goes on where its file is: nothing is lost, nothing is there twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

from plugins.history import schema
from tests.histories import history
from tests.plugins.history.archives import Lines, archived, content, integrity, rows, writer

EVENTS = history(Random(47), 1_200)
ROOT = Path(__file__).parents[3]
AHEAD = 30
"""Pieces of 400 that it may be ahead of its reader: it is killed while it works, and never at its end."""


def test_killed_in_the_midst_it_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    folder, journal = tmp_path / "history", tmp_path / "events.ndjson"
    folder.mkdir()
    journal.write_bytes(b"".join(Lines(EVENTS).lines))
    reached = 0
    for told in (3, 41, 90):
        reached = max(reached, killed_after(told, folder, journal))

        integrity(folder / schema.FILE)
        (cursor,) = rows(folder / schema.FILE, "select seq from cursor")[0]
        assert cursor >= reached, "what was committed is not taken back by a kill"
        (last,) = rows(folder / schema.FILE, "select ifnull(max(seq), 0) from messages")[0]
        assert last <= cursor, "and nothing is there that the cursor does not know"

    one = writer(folder, Lines(EVENTS))
    assert not one.building, "nothing had to be built anew"
    one.catch_up()
    one.close()
    assert content(folder / schema.FILE) == content(archived(made(tmp_path / "whole"), EVENTS))


def killed_after(lines: int, folder: Path, journal: Path) -> int:
    """Let it say so many lines, and kill it. Returns the last cursor that it has told."""
    command = [sys.executable, "-m", "tests.plugins.history.archiving_process", str(folder), str(journal)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("\n" * (lines + AHEAD))
        process.stdin.flush()
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
    return int(said[-1])


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_what_is_told_as_durable_is_in_the_file_itself(tmp_path: Path) -> None:
    """A power cut may take the write-ahead log, and never what is said to be there for good."""
    journal = Lines()
    lines = Lines(EVENTS).lines
    one = writer(made(tmp_path / "history"), journal)
    reader = None
    for number, end in enumerate((200, 500, 800, 1_200)):
        journal.lines = lines[:end]
        one.catch_up()
        before = one.durable
        assert before is None or before < end, "nothing is durable before it is synced"
        if number == 2:  # a query that is under way keeps the log from being taken over
            reader = schema.opened_to_read(one.path)
            reader.execute("begin")
            reader.execute("select * from cursor").fetchall()
        one.checkpoint()
        cut = made(tmp_path / f"cut-{end}") / schema.FILE
        shutil.copy(one.path, cut)
        (there,) = rows(cut, "select seq from cursor")[0]
        assert one.durable is not None and there >= one.durable
        if number == 3:
            assert one.durable < end
    assert reader is not None
    reader.close()
    one.checkpoint()
    assert one.durable == 1_200
    one.close()
