"""Whether a player's line says that they want to be left alone.

In doubt the player is right: a word that might be meant so, is. The price of one mistake is a deal, and an operator
can take the player off the list again; the price of the other is a person who said stop and is written to. Doubt is
weighed by what else is said: a word that is mostly used for something else (`спам`, `не надо`, `enough`) counts in a
line that says nothing beside it, one that has hardly another use counts anywhere.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from plugins.contact_policy.folding import DRAWN_OUT
from plugins.contact_policy.readings import SHORT, plain, readings, short_readings
from plugins.contact_policy.stop_phrases import ALONE, HARMLESS, POLITE, QUESTION_ONLY, STOP, TORN_MAY_BE_WORDS, WORDS
from plugins.contact_policy.word_lists import SHIPPED_WORDS, WordList, word_list
from plugins.contact_policy.word_lists import stop_word as stop_word

HEAD: Final = 6_000
TAIL: Final = 2_000
"""Characters of one message that are looked at: of a longer one, which Steam carries for nobody, its two ends."""
LINES: Final = 40
"""Lines of one message that are looked at each by itself, half of them its last."""
TORN_PARTS: Final = 14
TORN_LETTERS: Final = max(map(len, WORDS))
_SIGNS: Final = re.compile(r"\s*(?:[🛑⛔🚫]\ufe0f?\s*+)++[!.]*+\s*")
_DOUBLED: Final = re.compile(r"([^\W\d_])\1+")
_ONCE: Final = frozenset(_DOUBLED.sub(r"\1", word) for word in WORDS)
_POLITE: Final = re.compile(POLITE)
_NO_DOUBT: Final = re.compile(r"\d|\?")
"""In a line with a number or a question letters that stand apart or are doubled are rather something else."""


def says_stop(text: str, own_words: tuple[str, ...] = (), team: WordList | None = None) -> bool:
    """Does whoever wrote `text` want to be left alone?

    `own_words`: those that operators added, as `stop_word` gives them; `team`: those of the config.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    own = word_list(own_words) if own_words else None
    found = list(readings(text))
    if any(_is_heard(reading, own, team) for reading in found):
        return not _asks_only(text)
    if "\n" not in text:
        return _is_heard_in_line(text, found, one_of_many=False, own=own, team=team)
    lines = [line for line in text.splitlines() if line.strip()]
    return any(
        _is_heard_in_line(line, list(readings(line)), one_of_many=len(lines) > 1, own=own, team=team)
        for line in islice(dict.fromkeys((*lines[: LINES // 2], *lines[-LINES // 2 :])), LINES)
    )


def _is_heard(reading: str, own: WordList | None, team: WordList | None) -> bool:
    if own is not None and own.heard(reading):
        return True
    if ALONE.search(reading) or STOP.search(HARMLESS.sub(",", reading)):
        return True
    bare = plain(reading)
    return SHIPPED_WORDS.heard(bare) or (team is not None and team.heard(bare))


def _is_heard_alone(line: str, own: WordList | None, team: WordList | None) -> bool:
    """Of one of many lines, all of which were looked through for what is heard anywhere."""
    if ALONE.search(line) or (own is not None and own.alone.search(line)):
        return True
    bare = plain(line)
    return any(words.alone.search(bare) for words in (SHIPPED_WORDS, team) if words is not None)


def _is_heard_in_line(
    line: str, found: list[str], *, one_of_many: bool, own: WordList | None, team: WordList | None
) -> bool:
    """`found`: its readings."""
    if _SIGNS.fullmatch(line):
        return True
    if one_of_many and any(_is_heard_alone(reading, own, team) for reading in found):
        return not _asks_only(line)
    typed = short_readings(line)
    return any(_is_heard(reading, own, team) for reading in typed) or any(
        _is_torn(HARMLESS.sub(",", reading)) for reading in found
    )


def _asks_only(text: str) -> bool:
    return "?" in text and any(QUESTION_ONLY.search(reading) for reading in readings(text))


def _is_torn(folded: str) -> bool:
    """Is a word of stopping in it whose letters stand apart, or are doubled? Only in a short line without a number."""
    parts = [part for part in folded.split(" ") if part != ","]
    if len(parts) > 2 * SHORT or _NO_DOUBT.search(folded):
        return False
    short = len(parts) <= SHORT // 2
    for first, start in enumerate(parts):
        if short and start not in WORDS and _DOUBLED.sub(r"\1", start) in _ONCE:
            return True
        joined = start
        for last in range(first + 1, min(first + TORN_PARTS, len(parts))):
            joined += parts[last]
            if len(joined) > 2 * TORN_LETTERS:
                break
            if _DOUBLED.sub(r"\1", DRAWN_OUT.sub(r"\1", joined)) not in _ONCE:
                continue
            if " ".join(parts[first : last + 1]) not in TORN_MAY_BE_WORDS or _is_all(parts, first, last):
                return True
    return False


def _is_all(parts: list[str], first: int, last: int) -> bool:
    """Is nothing but courtesy around these parts?"""
    return all(map(_POLITE.fullmatch, (*parts[:first], *parts[last + 1 :])))
