"""What is shown and saved of an import: lines for a terminal, a table for a spreadsheet, JSON for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from plugins.steam.importing.forms import ImportRow, ImportState

COLUMNS: Final = ("file", "standing", "account", "steamId64", "botId", "proxy", "code", "message", "notes")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def line(row: ImportRow) -> str:
    """One account for a terminal."""
    why = "; ".join((*([row.message] if row.message else []), *(note.message for note in row.notes)))
    told = " ".join(part for part in (row.bot_id if row.standing == "added" else "", row.proxy, why) if part)
    return f"{row.standing:<15} {_printable(row.file)}  {_printable(row.account)}  {_printable(told)}".rstrip()


def counted(counts: Mapping[str, int]) -> str:
    """Such as `3 added, 1 refused`."""
    return ", ".join(f"{count} {standing}" for standing, count in counts.items()) or "nothing"


def lists(state: ImportState) -> list[str]:
    """What is to be said of the lists and of the files that are none."""
    said = [problem.message for problem in state.problems]
    if state.passed_over_count:
        names = ", ".join(_printable(name) for name in state.passed_over[:5])
        more = f" and {state.passed_over_count - 5} more" if state.passed_over_count > 5 else ""
        said.append(f"{state.passed_over_count} files are no maFiles and are passed over: {names}{more}")
    taken, left = f"{state.proxies_taken} of them bots' already", f"{state.proxies_left} left over"
    said.append(f"proxies: {state.proxies} in the list, {taken}, {left}")
    return said


def as_json(state: ImportState, rows: Sequence[ImportRow]) -> bytes:
    """The whole of it for programs."""
    told = msgspec.to_builtins(state) | {"rows": msgspec.to_builtins(rows)}
    for key in ("ok", "importId"):
        told.pop(key, None)
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def as_csv(rows: Iterable[ImportRow]) -> str:
    """A table; no cell of it is taken for a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for row in rows:
        notes = "; ".join(note.message for note in row.notes)
        whose = (row.account, row.steam_id64, row.bot_id, row.proxy)
        cells = (row.file, row.standing, *whose, row.code, row.message, notes)
        table.writerow(_cell(cell or "") for cell in cells)
    return text.getvalue()


def save(path: Path, state: ImportState, rows: Sequence[ImportRow]) -> None:
    """JSON where the name ends so, else a table. Raises OSError."""
    if path.suffix.casefold() == ".json":
        path.write_bytes(as_json(state, rows))
    else:
        path.write_text(as_csv(rows), "utf-8-sig", newline="")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _printable(text: str) -> str:
    """Without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
