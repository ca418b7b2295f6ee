"""`switchboard history`: on the folder of a system that stands still, and of one that runs."""

from __future__ import annotations

import argparse
import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from plugins.history import command_line, schema
from plugins.history.follower import ArchiveFollower
from plugins.history.lock import WANTED, WriterLock
from tests.histories import history
from tests.plugins.history.archives import LOG, Lines, archived, content, writer
from tests.plugins.journal.folders import Folder

EVENTS = history(Random(53), 900)


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command_line.add_to(parser.add_subparsers())
    options = parser.parse_args(["history", *arguments])
    status: int = options.run(options)
    return status


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a journal."""
    (tmp_path / "journal").mkdir()
    Folder(tmp_path / "journal").write(EVENTS)
    return tmp_path


def test_it_is_built_looked_at_and_searched(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(data)
    assert run("status", "--data", folder) == 1
    assert "is not there" in capsys.readouterr().err

    assert run("rebuild", "--data", folder, "--zone", "Asia/Kathmandu") == 0
    assert f"{len(EVENTS)} events" in capsys.readouterr().out
    (tmp_path / "whole").mkdir()
    whole = archived(tmp_path / "whole", EVENTS, zone="Asia/Kathmandu")
    assert content(data / "history" / schema.FILE) == content(whole)

    assert run("status", "--data", folder) == 0
    assert f"up to event {len(EVENTS)}" in (said := capsys.readouterr().out) and "days of Asia/Kathmandu" in said
    assert run("rebuild", "--data", folder) == 0, "and again, in the zone that it has"
    assert run("status", "--data", folder) == 0
    assert "days of Asia/Kathmandu" in capsys.readouterr().out

    assert run("search", "--data", folder, "--limit", "1", "ПРИВ") == 0
    found = capsys.readouterr().out.splitlines()
    assert len(found) == 1 and all("Привет! Сколько?" in line and "chat_" in line for line in found)
    assert run("search", "--data", folder, "nobodysaysthis") == 0
    assert "No line" in capsys.readouterr().out
    assert run("search", "--data", folder, "★") == 1
    assert "Give a word" in capsys.readouterr().err
    assert run("rebuild", "--data", str(tmp_path / "elsewhere")) == 1
    assert "holds no journal" in capsys.readouterr().err


def test_a_report_is_told_in_sentences_or_as_a_table(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rebuild", "--data", str(data)) == 0
    days = [datetime.fromtimestamp(event.ts / 1_000, UTC).date() for event in EVENTS]
    of = ("report", "--data", str(data), "--first-day", str(min(days)), "--last-day", str(max(days)))
    capsys.readouterr()

    assert run(*of) == 0
    said = capsys.readouterr().out
    created = sum(event.kind == "task.created" for event in EVENTS)
    assert f"created {created}, " in said and "fell through" in said and "reversed" in said and "Caused by hand" in said
    assert run(*of, "--table", "outcomes") == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["kind"] for row in table] == ["traded", "settled", "reversed", "fellThrough"]
    assert run("report", "--data", str(data), "--first-day", "yesterday") == 1
    assert "give a day such as" in capsys.readouterr().err


def test_a_system_that_runs_is_asked_to_build_it_anew_and_does(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = data / "history"
    folder.mkdir()
    lock = WriterLock(folder)
    assert lock.take()
    journal = Lines(EVENTS)
    one = writer(folder, journal)
    one.catch_up()
    before = content(one.path)
    follower = ArchiveFollower(one, LOG, batch_s=0.5, committed=lambda: len(journal.lines), wish=folder / WANTED)

    assert run("rebuild", "--data", str(data)) == 0
    assert "system that runs builds it anew" in capsys.readouterr().out
    follower._turn()

    assert (follower.rebuilds, one.cursor, (folder / WANTED).exists()) == (1, len(EVENTS), False)
    one.close()
    assert content(one.path) == before
    lock.release()
