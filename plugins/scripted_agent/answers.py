"""Understanding an answer: which of a script's branches the player's words mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from kernel.rows import Task
from kernel.said_prices import without_markup
from plugins.scripted_agent.prices import is_within, named_price
from plugins.scripted_agent.script import Answer, Words

_WORD: Final = re.compile(r"[^\W_]+|[+👍👎👌🤝]")
_APOSTROPHE: Final = re.compile(r"['’‘ʼ`´]")
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")
_SPOKEN: Final = re.compile(
    r"[\w\s.,!:;()=*+$€£₽₴₸¥'’‘ʼ`´👍👎👌🤝✅💯🙂😊😀😃😄😉☺🙏❤🔥🎉\ufe0f\U0001f3fb-\U0001f3ff–—-]*"
)
"""What a plain yes is written with: no question, no quotes, no slash, no face that laughs at it."""
_ASKED_BACK: Final = re.compile(r"\b(?:why not|почему (?:бы и )?нет)\s*\?")
"""A question that is a yes."""
_MEANINGS: Final = ("yes", "no", "unsure", "asks_price", "asks_program")


class Understood(NamedTuple):
    """An answer; with `price` where it names one."""

    answer: Answer
    price: Decimal | None = None


def words_of(text: str) -> list[str]:
    """The words of a text in one spelling: small letters, no accents of ё, no apostrophes, `yesss` as `yes`."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return _WORD.findall(_DRAWN_OUT.sub(r"\1", _APOSTROPHE.sub("", folded)))


COURTESY: Final = frozenset(
    words_of(
        "please pls plz thanks thank you thx ty bro man mate dude sir friend buddy so now then hi hello hey and it is "
        "its that thats this the a for with at to me my i ill id im we will would can do price sell trade very lot "
        "much пожалуйста плиз пж спасибо спс благодарю бро брат друг дружище чувак тогда ну так уже и я мы это на за "
        "по эту этой такую такой столько цену цене цена его ее вам тебе мне меня очень большое привет здравствуйте "
        "добрый день "
    )
)
"""Words that may stand beside a yes and take nothing of it back, whatever the script's language."""


def phrases_of(words: Words) -> Mapping[str, tuple[str, ...]]:
    """The phrases by what they mean; words that only keep numbers from being prices are none."""
    return {meaning: getattr(words, meaning) for meaning in _MEANINGS}


class Ear:
    """Understands one language, by the words of its script."""

    def __init__(self, words: Words) -> None:
        self._whole_lines: dict[tuple[str, ...], str] = {}
        self._phrases: dict[str, list[tuple[list[str], str]]] = {}
        for meaning, phrases in phrases_of(words).items():
            for phrase in phrases:
                folded = words_of(phrase)
                if phrase.startswith("="):
                    self._whole_lines[tuple(folded)] = meaning
                else:
                    self._phrases.setdefault(folded[0], []).append((folded, meaning))
        for candidates in self._phrases.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))
        self._not_a_price = frozenset(word for unit in words.not_a_price for word in words_of(unit))

    def understand(self, text: str, task: Task) -> Understood:
        """What the player means. Whoever asks what we are is answered first; a price says more than a yes or a no."""
        text = without_markup(text)
        meanings: set[str] = set().union(*(self._meanings(words_of(line)) for line in text.splitlines()))
        if "asks_program" in meanings:
            return Understood(Answer.ASKS_PROGRAM)
        price = named_price(text, task, self._not_a_price)
        if price is not None:
            return Understood(_compare(price, task), price)
        if "asks_price" in meanings:
            return Understood(Answer.ASKS_PRICE)
        if meanings == {"yes"} and self._says_nothing_else(text):
            return Understood(Answer.YES)
        if meanings == {"no"}:
            return Understood(Answer.NO)
        return Understood(Answer.OTHER)  # also a yes and a no at once, or a yes with more than courtesy: asked again

    def _meanings(self, words: list[str]) -> set[str]:
        """What the phrases in it mean, the longest at each place first, none within another."""
        if tuple(words) in self._whole_lines:
            return {self._whole_lines[tuple(words)]}
        return {meaning for _, meaning in self._parts(words) if meaning is not None}

    def _says_nothing_else(self, text: str) -> bool:
        """Is there nothing in the text but what has a meaning, and courtesy? "ok, scammer" is no yes."""
        if not _SPOKEN.fullmatch(_ASKED_BACK.sub("", unicodedata.normalize("NFKC", text).casefold())):
            return False
        lines = [words for words in map(words_of, text.splitlines()) if tuple(words) not in self._whole_lines]
        return all(meaning or word in COURTESY for words in lines for word, meaning in self._parts(words))

    def _parts(self, words: list[str]) -> Iterator[tuple[str, str | None]]:
        """The phrases, each by its first word and with its meaning, and the words that stand in none."""
        place = 0
        while place < len(words):
            for phrase, meaning in self._phrases.get(words[place], ()):
                if words[place : place + len(phrase)] == phrase:
                    yield words[place], meaning
                    place += len(phrase)
                    break
            else:
                yield words[place], None
                place += 1


def _compare(price: Decimal, task: Task) -> Answer:
    if is_within(price, task):
        return Answer.PRICE_WITHIN
    return Answer.PRICE_BELOW if price < task.price_min else Answer.PRICE_ABOVE
