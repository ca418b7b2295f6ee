"""What a text for a player, or about one, may be made of: something visible, and no controls."""

from __future__ import annotations

import unicodedata
from typing import Final

_NOT_DRAWN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"})
"""Categories of what is not drawn, or only over a letter that has to be there."""
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs by their category that are drawn as nothing."""
_LINES: Final = frozenset("\n\r\t")
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates: they turn round what stands behind them. Arabic and Hebrew need none of them."""


def check_text(field: str, text: str, most: int, *, one_line: bool = False) -> None:
    """Raises ValueError with what is wrong with what somebody wrote in that field; see `fault_of_text`."""
    fault = fault_of_text(text, most, one_line=one_line)
    if fault is not None:
        raise ValueError(f"{field}: {fault}")


def fault_of_text(text: str, most: int, *, one_line: bool = False) -> str | None:
    """What is wrong with a text that somebody wrote; None where it may be used.

    Its length is counted in code points, as the page does. A name is `one_line`: no line breaks or tabs within it.
    """
    if not text.strip() or len(text.strip()) > most:
        return f"give 1 to {most} characters"
    if not any(is_drawn(character) for character in text):
        return "has nothing that can be seen; write something visible"
    for character in text:
        if is_control(character) or (one_line and character in _LINES and character in text.strip()):
            return f"has the control character U+{ord(character):04X}, which must not be in it"
    return None


def is_drawn(character: str) -> bool:
    """Is anything seen of it when it stands by itself?"""
    return unicodedata.category(character) not in _NOT_DRAWN and character not in _BLANK


def is_control(character: str) -> bool:
    """A control other than a line break or tab, half a surrogate pair, or what turns the order of letters round."""
    category = unicodedata.category(character)
    return category == "Cs" or character in _REORDERING or (category == "Cc" and character not in _LINES)
