"""Stop words by language: the shipped lists, and those of the config, as one pattern over folded text."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from plugins.contact_policy.folding import fold, phrases
from plugins.contact_policy.readings import plain
from plugins.contact_policy.stop_phrases import POLITE

ALONE: Final = "="
"""What a phrase begins with that is heard only where nothing else is said in its line."""
NEVER: Final = "(?!)"
"""A pattern that matches nothing."""
_FIRST_UNSPACED: Final = "\u0e00"
"""No letter of these scripts comes before it."""
_UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts that write words together, by the names of their letters: a phrase is found within a run of them."""


class WordList(NamedTuple):
    """Phrases that are heard anywhere in a text, and those that are heard `alone` in one line."""

    spaced: Mapping[str, tuple[tuple[str, ...], ...]]
    """Each by its first word, as words."""
    unspaced: re.Pattern[str]
    alone: re.Pattern[str]

    def heard(self, text: str) -> bool:
        """Is one of them in folded text?"""
        words = [word for word in text.split(" ") if word != ","]
        for at, word in enumerate(words):
            for phrase in self.spaced.get(word, ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    return True
        if text and max(text) >= _FIRST_UNSPACED and self.unspaced.search(text):
            return True
        return self.alone.search(text) is not None


def stop_word(text: str) -> str:
    """The form in which a word or phrase is kept; empty when there is no letter or digit in it."""
    return fold(text).replace(" , ", " ")


@lru_cache(maxsize=8)
def word_list(words: tuple[str, ...]) -> WordList:
    """Of words as `stop_word` gives them, those that are heard alone with their `=` before them."""
    anywhere = [word for word in words if not word.startswith(ALONE)]
    alone = [word.removeprefix(ALONE) for word in words if word.startswith(ALONE)]
    return WordList(
        _by_first(word for word in anywhere if not _is_unspaced(word)),
        _within(word for word in anywhere if _is_unspaced(word)),
        phrases(rf"^(?:{POLITE} )*(?:{'|'.join(map(_escaped, alone)) or NEVER})(?: {POLITE})*$"),
    )


def kept(word: str) -> str:
    """A word of a list in the form that `word_list` takes. Empty when there is no letter or digit in it."""
    folded = plain(stop_word(word.removeprefix(ALONE)))
    return ALONE + folded if folded and word.startswith(ALONE) else folded


def _by_first(words: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for word in words:
        phrase = tuple(part for part in word.split() if part != ",")
        if phrase:
            found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


def _within(words: Iterable[str]) -> re.Pattern[str]:
    """Found within a run of letters, where a break may stand in place of a blank."""
    return re.compile("|".join(_escaped(word).replace(" ", "(?: , | )?") for word in words) or NEVER)


def _escaped(word: str) -> str:
    return " ".join(map(re.escape, word.split()))


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(_UNSPACED) for letter in (word[0], word[-1]))


def _shipped() -> dict[str, tuple[str, ...]]:
    lists = tomllib.loads(files(__package__).joinpath("stop_words.toml").read_text("utf-8"))
    return {language: tuple(map(kept, words)) for language, words in lists.items()}


SHIPPED: Final = _shipped()
SHIPPED_WORDS: Final = word_list(tuple(dict.fromkeys(word for words in SHIPPED.values() for word in words)))
