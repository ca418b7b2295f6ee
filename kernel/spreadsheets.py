"""Tables as CSV for people's spreadsheets, in which no text of a stranger's is run as a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

BLANKS: Final = " \t\r\n\v\f\x00\u200b\u2060\ufeff'\""
"""What a spreadsheet leaves out before a formula."""


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table as CSV (RFC 4180, UTF-8). None is an empty field."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(header)
    for row in rows:
        table.writerow([without_formula(value) for value in row])
    return text.getvalue().encode()


def without_formula(value: object) -> object:
    """Quote what a spreadsheet would run as a formula (CSV injection)."""
    if not isinstance(value, str):
        return value
    seen = unicodedata.normalize("NFKC", value).lstrip(BLANKS)  # a full-width sign is one, and blanks are passed over
    return f"'{value}" if seen.startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n")) else value
