"""A row that has changed has a raised number of its table, or a start would read old snapshots as if they were new.

`python -m tests.kernel.test_lifts` writes down the shapes of today. A number whose shape is in the file is never given
another: raise it in kernel/lifts.py, and add a lift where the old rows do not fit.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from kernel import lifts
from kernel.lifts import LIFTS, VERSIONS, lifted
from kernel.state import State

SHAPES: Final = Path(__file__).parents[1] / "fixtures" / "shapes.json"
LOCK: Final = (Path(__file__).parents[2] / "requirements-dev.lock").read_text("utf-8")
LOCKED: Final = LOCK.partition("\nmsgspec==")[2].partition(" ")[0]
TABLES: Final = {table.name: table.row_type for table in State().tables}


def fingerprint(row: type[Any]) -> str:
    """Of the fields and their types; a docstring may be mended without a number."""
    schema = msgspec.json.schema(row)
    return hashlib.sha256(msgspec.json.encode(_without_texts(schema), order="sorted")).hexdigest()[:16]


def _without_texts(schema: Any) -> Any:
    if isinstance(schema, dict):
        kept = {k: v for k, v in schema.items() if not (k in {"description", "title"} and isinstance(v, str))}
        return {key: _without_texts(value) for key, value in kept.items()}
    return [_without_texts(item) for item in schema] if isinstance(schema, list) else schema


def test_every_table_has_a_version() -> None:
    assert VERSIONS.keys() == TABLES.keys()
    assert all(version < VERSIONS[table] for table, version in LIFTS)


@pytest.mark.skipif(msgspec.__version__ != LOCKED, reason="the shapes are as the locked msgspec describes types")
@pytest.mark.parametrize("table", TABLES)
def test_a_table_whose_rows_have_changed_has_another_number(table: str) -> None:
    known = json.loads(SHAPES.read_text("utf-8"))[table]

    assert known.get(str(VERSIONS[table])) == fingerprint(TABLES[table]), (
        f"the rows of {table} are not those of version {VERSIONS[table]}: raise it in kernel/lifts.py, write a lift if "
        "old rows do not fit, and run python -m tests.kernel.test_lifts"
    )


def test_a_row_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifts, "VERSIONS", {"bots": 4})
    steps = {
        ("bots", 1): lambda row: {"label": row["name"]},
        ("bots", 3): lambda row: {**row, "tags": []},
    }
    monkeypatch.setattr(lifts, "LIFTS", steps)

    assert lifted("bots", 1, {"name": "a"}) == {"label": "a", "tags": []}
    assert lifted("bots", 2, {"label": "a"}) == {"label": "a", "tags": []}
    assert lifted("bots", 4, {"label": "a", "tags": [1]}) == {"label": "a", "tags": [1]}


if __name__ == "__main__":
    shapes = json.loads(SHAPES.read_text("utf-8")) if SHAPES.exists() else {}
    for name, row in TABLES.items():
        shapes.setdefault(name, {}).setdefault(str(VERSIONS[name]), fingerprint(row))
    SHAPES.write_text(json.dumps(shapes, indent=2) + "\n", "utf-8")
