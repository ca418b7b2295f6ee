"""What people type to find words, as a query of FTS5: each part is quoted by us and never passed on raw."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from kernel.errors import Malformed
from plugins.history.codes import HistoryRefusal
from plugins.history.store import spoken

LONGEST: Final = 200
"""Characters of a query."""
PARTS_MOST: Final = 20
PREFIX_LEAST: Final = 3
"""A beginning of a word has so many letters at least: the index of beginnings has that many, and 2 take 600 ms."""
_PARTS: Final = re.compile(r'"([^"]*)"?|(\S+)')


def query(text: str) -> str:
    """All of its words in any order; what stands in quotation marks together. The last word may be the beginning of
    one, from PREFIX_LEAST letters on, unless a blank or a quotation mark follows it.

    Raises Malformed where there is no letter and no digit to look for.
    """
    text = unicodedata.normalize("NFC", text)
    if len(text) > LONGEST:
        raise Malformed(HistoryRefusal.TOO_MANY_WORDS, f"Give at most {LONGEST} characters.", field="words")
    text = spoken("".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in text))
    parts = [match[1] if match[1] is not None else match[2] for match in _PARTS.finditer(text)]
    kept = [part for part in parts if any(_is_word(sign) for sign in part)]
    if not kept:
        raise Malformed(HistoryRefusal.NO_WORDS, "Give a word: signs alone are in no index.", field="words")
    quoted = ['"' + part.replace('"', '""') + '"' for part in kept[:PARTS_MOST]]
    if text[-1:] == text[-1:].strip() and not text.endswith('"') and kept[-1] == parts[-1] and _ending(kept[-1]):
        quoted[-1] += "*"
    return " ".join(quoted)


def _ending(part: str) -> bool:
    """Whether the last word of that part is long enough to be looked for as a beginning."""
    length = 0
    for sign in reversed(part):
        if not _is_word(sign):
            break
        length += not unicodedata.combining(sign)
    return length >= PREFIX_LEAST


def _is_word(sign: str) -> bool:
    """As `unicode61` takes it: letters, digits and private use are of words, and marks are left out of them."""
    return unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "Co"
