"""What people type, folded into plain words: the one form in which phrases are written and looked for.

Folded text is small words with single spaces between them; where a clause ends (a full stop, a comma, a new line)
a comma stands between two spaces: `Don't! STOP…` becomes `dont , stop`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘ʼ`´"))
_INVISIBLE: Final = frozenset({"Mn", "Me", "Cf"})
"""What is drawn over a letter or not drawn at all; й is a letter of its own, since NFKC composes it."""
KEPT: Final = 4_096
"""Characters of which a table keeps what becomes of them: all that people of a few countries write."""
_FILLERS: Final = dict.fromkeys((0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0))
"""Letters by their category that are drawn as nothing."""
_EMBLEMS: Final = {first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
"""Letters in black circles and squares and those of flags, which NFKC leaves as they are."""
_SPELLED_OUT: Final = re.compile(r"(?<![^\W_])[^\W\d_]([\W_]+)[^\W\d_](?:\1[^\W\d_]){2,}(?![^\W_])")
"""Four or more letters, each by itself, with the same between them: `s t o p`, `s.t.o.p`; but not `r u a` bot."""
DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")
"""A letter three times or more, as in `stoooop`: no word of ours has that."""
_CLAUSE_END: Final = re.compile(r"[\r\n.,!?;:…()\[\]{}<>|/\\\"«»„“”]+|\s[-–—]+\s|[–—]")
_GAP: Final = re.compile(r"[\W_]+")


class Letters(dict[int, str]):
    """A table for `str.translate` that is made as letters come: to look each up by itself took most of the time."""

    def __init__(self, become: Callable[[str], str]) -> None:
        super().__init__()
        self._become = become

    def __missing__(self, code: int) -> str:
        become = self._become(chr(code))
        if len(self) < KEPT:
            self[code] = become
        return become


_VISIBLE: Final = Letters(lambda letter: "" if unicodedata.category(letter) in _INVISIBLE else letter)


def fold(text: str) -> str:
    """The words of `text`, whatever their case, width, accents, punctuation and stretching; no links, no emoji."""
    if not text.isascii():
        text = text.translate(_EMBLEMS)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES).replace("ё", "е")
    if not text.isascii():
        text = text.translate(_FILLERS).translate(_VISIBLE)
    text = DRAWN_OUT.sub(r"\1", _LINK.sub(" , ", text))
    text = DRAWN_OUT.sub(r"\1", _SPELLED_OUT.sub(lambda found: _GAP.sub("", found[0]), text))
    clauses = (_GAP.sub(" ", clause).strip() for clause in _CLAUSE_END.split(text))
    return " , ".join(clause for clause in clauses if clause)


def phrases(*alternatives: str) -> re.Pattern[str]:
    """A pattern that finds any of these in folded text, as whole words; a space may be a break between clauses."""
    return _words(r"(?: , | )", alternatives)


def unbroken(*alternatives: str) -> re.Pattern[str]:
    """The same for what must stand within one clause."""
    return _words(" ", alternatives)


def _words(gap: str, alternatives: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(alternatives).replace(" ", gap)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")
