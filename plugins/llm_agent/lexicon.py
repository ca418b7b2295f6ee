"""What a draft may not speak of, and what players' answers mean: the words of `lexicon.toml`, looked for."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any, Final, NamedTuple

_TABLES: Final[dict[str, Any]] = tomllib.loads(files(__package__).joinpath("lexicon.toml").read_text("utf-8"))


class Topic(NamedTuple):
    """`fault` is told to the model, and its `name` counted."""

    name: str
    fault: str
    words: re.Pattern[str]
    also: frozenset[str]
    phrases: re.Pattern[str] | None
    """Looked for in the words with single spaces between them."""


def _words(text: str) -> re.Pattern[str]:
    return re.compile("|".join(text.split()))


def _topic(name: str) -> Topic:
    table = _TABLES["topics"][name]
    lines = "|".join(table.get("phrases", "").strip().split("\n"))
    phrases = re.compile(rf"(?<!\w)(?:{lines})(?!\w)") if lines else None
    return Topic(name, table["fault"], _words(table["words"]), frozenset(table.get("foreign", "").split()), phrases)


NUMBERS: Final = _topic("number")
ASSENT: Final = _topic("assent")
"""Only where no price of ours stands beside it, which says what we agree to."""
TOPICS: Final = (NUMBERS, *map(_topic, ("money", "promise", "self", "binding", "person")))
ACROSS: Final = _words(_TABLES["across"]["words"])
ROMAN: Final = re.compile(r"\b[IVXLCDM]{2,}\b")
_ANSWERS: Final = _TABLES["answers"]
_YES: Final = frozenset(tuple(phrase.split()) for phrase in _ANSWERS["yes"])
_COURTESY: Final = frozenset(tuple(phrase.split()) for phrase in _ANSWERS["courtesy"])
_DOUBT: Final = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in _ANSWERS["doubt"]))
_LONGEST: Final = max(map(len, _YES | _COURTESY))
_ASKS: Final = _words(_TABLES["answers"]["asks_what_we_are"])
_ASKS_PHRASES: Final = (
    {"who", "are", "you"},
    {"what", "are", "you"},
    {"who", "is", "this"},
    {"кто", "ты"},
    {"кто", "вы"},
    {"кто", "пишет"},
)


def mentions(topic: Topic, words: list[str]) -> str | None:
    """The first of the words, or phrases, that belongs to the topic."""
    word = next((word for word in words if topic.words.fullmatch(word) or word in topic.also), None)
    if word is not None or topic.phrases is None:
        return word
    found = topic.phrases.search(" ".join(words))
    return found[0] if found is not None else None


def says_yes(words: list[str]) -> bool:
    """Is it a plain yes: a phrase for it, and nothing else but courtesy? What else is said may take it back."""
    if _DOUBT.search(" ".join(words)):
        return False
    place, agreed = 0, False
    while place < len(words):
        for length in range(min(_LONGEST, len(words) - place), 0, -1):
            phrase = tuple(words[place : place + length])
            if phrase in _YES or phrase in _COURTESY:
                agreed = agreed or phrase in _YES
                place += length
                break
        else:
            return False
    return agreed


def asks_what_we_are(words: list[str]) -> bool:
    """Does the player want to know whom they talk with? In doubt they do: being told costs a line."""
    return any(map(_ASKS.fullmatch, words)) or any(phrase <= set(words) for phrase in _ASKS_PHRASES)
