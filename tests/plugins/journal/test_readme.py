"""The table of faults in the journal's README: each row has a test, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

import plugins.journal

README = Path(plugins.journal.__file__).with_name("README.md")
HERE = Path(__file__).parent


def rows() -> list[list[str]]:
    """The cells of each row of the tables of faults."""
    section = README.read_text("utf-8").partition("\n## Faults\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines if not line.startswith(("| ---", "| what "))]


def test_each_fault_has_what_happens_and_a_test_that_is_there() -> None:
    there = set(re.findall(r"def (test_\w+)", "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))))
    table = rows()

    assert len(table) > 40
    for row in table:
        assert len(row) == 4, row
        assert re.fullmatch(r"`test_\w+`", row[-1]), row
        assert row[-1].strip("`") in there, row[-1]


def test_no_fault_stands_there_twice() -> None:
    tests = [row[-1] for row in rows()]
    assert len(tests) == len(set(tests))
