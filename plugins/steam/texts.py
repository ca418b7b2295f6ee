"""The text of a file that a person hands in, whatever program has written it."""

from __future__ import annotations

import codecs
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 4_096  # bytes


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 and UTF-32 with a mark, UTF-16 without one, else cp1251; never fails, as cp1251 takes any byte.

    What is no text at all comes out as what no list or maFile is.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if (unmarked := _without_mark(data)) is not None:
        return data.decode(unmarked, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")


def _without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text and digits has a zero in every second byte."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    pairs = len(sample) // 2
    if not pairs or b"\0" not in sample:
        return None
    if sample[1::2].count(0) * 2 > pairs and sample[::2].count(0) * 4 < pairs:
        return "utf-16-le"
    if sample[::2].count(0) * 2 > pairs and sample[1::2].count(0) * 4 < pairs:
        return "utf-16-be"
    return None
