"""Who reads events reads them by `kernel.segments`: a file is sealed, renamed and compressed while it is read."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
WRITES_IT: Final = ROOT / "plugins" / "journal"
NAMES_IT: Final = frozenset({"kernel/segments.py"})
"""Where the file's name stands; `switchboard.Journal` takes it from there, to look whether there is one."""


def test_nobody_but_the_journal_opens_the_file_of_events() -> None:
    found = []
    for folder in ("kernel", "plugins", "notebooks/switchboard"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if WRITES_IT not in path.parents and name not in NAMES_IT and _names_it(path):
                found.append(name)

    assert not found, "events are read by ctx.hooks.events_after, recall, or kernel.segments.Segments"


def _names_it(path: Path) -> bool:
    texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and text.rpartition("/")[2] == "events.ndjson" for text in texts)
