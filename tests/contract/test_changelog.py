"""The changelog: releases are dated, an entry of theirs is a line, and the journal of each is kept."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
UNRELEASED, *RELEASES = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)[1:]


def test_what_is_not_released_stands_before_releases_with_their_dates_newest_first() -> None:
    heads = [release.splitlines()[0].split(" - ") for release in RELEASES]
    dates = [date.fromisoformat(day) for _, day in heads]

    assert UNRELEASED.startswith("Unreleased\n")
    assert dates == sorted(dates, reverse=True)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version, _ in heads)


def test_an_entry_of_a_release_is_a_line() -> None:
    for release in RELEASES:
        entries = release.partition("### ")[2].splitlines()[1:]
        assert [line for line in entries if line and not line.startswith(("- ", "### "))] == []
        assert [line for line in entries if len(line) > 240] == []


def test_the_journal_of_each_release_is_kept() -> None:
    kept = {path.name for path in (ROOT / "tests/fixtures/journals").iterdir() if path.is_dir()}

    assert {release.partition(" ")[0] for release in RELEASES} == kept
