"""What a text for a player, or about one, may be made of: something visible, no controls; foreign names cleaned."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NOT_DRAWN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"})
"""Categories of what is not drawn, or only over a letter that has to be there."""
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs by their category that are drawn as nothing."""
_LINES: Final = frozenset("\n\r\t")
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates: they turn round what stands behind them. Arabic and Hebrew need none of them."""
_JOINERS: Final = frozenset("\u200c\u200d")
_FIRST_JOINED: Final = 0x0590
"""Letters of Hebrew, Arabic and beyond, and pictures: what stands before them needs no joiner."""
_LOOSE_JOINERS: Final = re.compile("[\u200c\u200d](?![\u0590-\U0010ffff])")
_MARKS: Final = frozenset({"Mn", "Me"})
_MARKS_MOST: Final = 3
"""Over one letter: more than any language has, and what is stacked higher covers the lines around it."""
_READ_MOST: Final = 1_000
_STEAM_ID: Final = re.compile(r"7656119\d{10}", re.ASCII)


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


def cleaned_name(text: str, most: int) -> str | None:
    """A name that somebody else has chosen, fit to be kept and shown in one line: at most so many code points.

    Controls, marks of direction and what is not drawn are left out, joiners kept where a script or a picture needs
    them, every gap is one blank, and no letter bears more marks than a language has. None where nothing is left to be
    seen, or it would be taken for a SteamID64.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[:_READ_MOST]):
        category = unicodedata.category(character)
        if character.isspace() or category in {"Zs", "Zl", "Zp"} or character in _BLANK:
            character = " "
        elif character in _JOINERS:
            if not kept or ord(kept[-1]) < _FIRST_JOINED or kept[-1] in _JOINERS:
                continue
        elif category in _MARKS:
            marks += 1
            if not kept or kept[-1] == " " or marks > _MARKS_MOST:
                continue
        elif category in _NOT_DRAWN:
            continue
        if category not in _MARKS:
            marks = 0
        if character != " " or (kept and kept[-1] != " "):
            kept.append(character)
    name = _LOOSE_JOINERS.sub("", "".join(kept)).strip()
    if len(name) > most:
        name = _LOOSE_JOINERS.sub("", name[: most - 1]) + "…"
    return name if any(is_drawn(character) for character in name) and not _is_steam_id(name) else None


def _is_steam_id(name: str) -> bool:
    """Would it be read as one, whatever digits it is written with and whatever stands between them?"""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", name) if letter.isalnum())
    digits = [unicodedata.decimal(letter, None) for letter in letters]
    return None not in digits and _STEAM_ID.fullmatch("".join(map(str, digits))) is not None
