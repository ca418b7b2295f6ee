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


def _words(text: str) -> re.Pattern[str]:
    return re.compile("|".join(text.split()))


def _topic(name: str) -> Topic:
    table = _TABLES["topics"][name]
    return Topic(name, table["fault"], _words(table["words"]), frozenset(table.get("foreign", "").split()))


NUMBERS: Final = _topic("number")
ASSENT: Final = _topic("assent")
"""Only where no price of ours stands beside it, which says what we agree to."""
TOPICS: Final = (NUMBERS, _topic("money"), _topic("promise"), _topic("self"))
ACROSS: Final = _words(_TABLES["across"]["words"])
ROMAN: Final = re.compile(r"\b[IVXLCDM]{2,}\b")
_YES: Final = _words(_TABLES["answers"]["yes"])
_NO: Final = _words(_TABLES["answers"]["no"])
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
    """The first of the words that belongs to the topic."""
    return next((word for word in words if topic.words.fullmatch(word) or word in topic.also), None)


def says_yes(words: list[str]) -> bool:
    """Is it a plain yes: a word for it, and none that takes it back or asks something?"""
    return any(map(_YES.fullmatch, words)) and not any(map(_NO.fullmatch, words))


def asks_what_we_are(words: list[str]) -> bool:
    """Does the player want to know whom they talk with? In doubt they do: being told costs a line."""
    return any(map(_ASKS.fullmatch, words)) or any(phrase <= set(words) for phrase in _ASKS_PHRASES)
