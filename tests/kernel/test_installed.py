"""What is installed is read once, and read again as soon as anything about it has changed."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, DistributionFinder, EntryPoint
from pathlib import Path
from typing import Any

import pytest

from kernel import installed
from kernel.installed import entry_points

GROUP = "tests.of.installed"
Declare = Callable[[str, str], Path]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Install a distribution that declares this one entry point, or change what it declares."""

    def write(distribution: str, entry: str) -> Path:
        facts = tmp_path / f"{distribution}-1.0.dist-info"
        facts.mkdir(exist_ok=True)
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n")
        return facts

    monkeypatch.syspath_prepend(tmp_path)
    return write


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that all distributions are read."""
    done: list[str] = []
    read = importlib.metadata.entry_points

    def counted(*, group: str) -> Any:
        done.append(group)
        return read(group=group)

    monkeypatch.setattr(importlib.metadata, "entry_points", counted)
    return done


def found(name: str | None = None) -> dict[str, str]:
    return {entry.name: entry.value for entry in entry_points(group=GROUP, name=name)}


def test_what_comes_changes_and_goes_is_seen_at_once(declare: Declare, tmp_path: Path) -> None:
    assert found() == {}

    declare("first", "one = first:One")
    assert found() == {"one": "first:One"}
    second = declare("second", "two = second:Two")
    assert found() == {"one": "first:One", "two": "second:Two"}
    assert found("two") == {"two": "second:Two"}
    declare("first", "one = first.moved:One")
    assert found() == {"one": "first.moved:One", "two": "second:Two"}

    second.rename(tmp_path / "second")
    assert found() == {"one": "first.moved:One"}


def test_a_path_that_is_added_and_taken_away_counts(
    declare: Declare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("first", "one = first:One")
    assert found() == {"one": "first:One"}

    with monkeypatch.context() as without:
        without.setattr(sys, "path", [place for place in sys.path if place != str(tmp_path)])
        assert found() == {}
    assert found() == {"one": "first:One"}


def test_nothing_is_read_twice_while_nothing_changes(declare: Declare, reads: list[str]) -> None:
    declare("first", "one = first:One")

    for _ in range(5):
        assert found() == {"one": "first:One"}

    assert reads == [GROUP]


def test_a_finder_that_looks_elsewhere_is_asked_each_time(
    declare: Declare, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Elsewhere(Distribution):
        def read_text(self, filename: str) -> str | None:
            return f"[{GROUP}]\nmade = up{len(reads)}:It\n" if filename == "entry_points.txt" else "Name: elsewhere\n"

        def locate_file(self, path: Any) -> Any:
            raise NotImplementedError

    class Finder(DistributionFinder):
        def find_spec(self, *_: object) -> None: ...

        def find_distributions(self, *_: object) -> Iterator[Distribution]:
            yield Elsewhere()

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert found() == {"made": "up1:It"}
    assert found() == {"made": "up2:It"}


def test_the_plugins_of_this_environment_are_those_that_the_standard_library_finds() -> None:
    def all_of(entries: Any) -> list[tuple[str, str]]:
        return sorted((entry.name, entry.value) for entry in entries)

    theirs: list[EntryPoint] = list(importlib.metadata.entry_points(group="switchboard.plugins"))
    assert all_of(installed.entry_points(group="switchboard.plugins")) == all_of(theirs)
