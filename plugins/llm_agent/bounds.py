"""What may be said: every draft is held to the task here, before a word of it leaves, whatever the model was told.

The rule behind the rules: the model writes around what binds us, and never that itself. Prices, what we are and how a
dialogue ends are said in words of `phrases`; its own words may hold no number and speak of no money, promise or self.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from kernel.hookspecs import Turn
from kernel.said_prices import without_markup
from plugins.llm_agent import lexicon
from plugins.llm_agent.decision import PROSE_LENGTH, Decision
from plugins.llm_agent.position import TurnStanding
from plugins.llm_agent.prices import asked, money, named, places
from plugins.llm_agent.speech import ALLOWED, mixes_alphabets, run_together, words_of
from plugins.llm_agent.terms import Terms

ITEM: Final = "{item}"
NAME_LETTERS: Final = 4
YES_LENGTH: Final = 7
"""Words of a plain yes. Whoever writes more says more than that, and is asked back."""
_ASSENT: Final = re.compile("[👍👌🤝✅☑✔💯][\U0001f3fb-\U0001f3ff\ufe0f]*|(?<!\\w)\\+(?:1|(?!\\w))")
"""A sign for a yes. Whatever else stands in its line is read as ever: `+` before a number is no yes."""
_SPOKEN: Final = re.compile(r"[\w\s.,!:;()=*'’$€£₽₴₸¥🙂😊😀😃😄😉☺🙏❤🔥🎉\ufe0f\U0001f3fb-\U0001f3ff–—-]*")
"""What a plain yes is written with: no question, no quotes, no face that laughs at it."""
_CAPITAL: Final = re.compile(r"(?<=[a-zа-яё,;:] )[A-ZА-ЯЁ][a-zа-яё]+")
_SIGNED: Final = re.compile(
    r"(?:^|[.!?]\s+|\n)[A-ZА-ЯЁ][a-zа-яё]+ (?:here|speaking|тут|здесь|на связи)(?=\s*(?:[.,!]|$))"
)
_ADDRESS: Final = re.compile(r"\w[.:]\w")


class Violation(NamedTuple):
    """`name` is counted, `text` told to the model."""

    name: str
    text: str


def faults_of(decision: Decision, turn: Turn, here: TurnStanding, terms: Terms) -> list[Violation]:
    """Everything that keeps the decision from being carried out; nothing, where it may be."""
    match decision.action:
        case "agreed":
            return [*_deal(decision, turn, here)]
        case "declined" | "too_far":
            return [*_end(decision, turn)]
        case "hand_over":
            return []
        case "say":
            return [*_offer(decision.price, turn, terms), *_prose(decision, turn)]


def _deal(decision: Decision, turn: Turn, here: TurnStanding) -> Iterator[Violation]:
    """No deal without a yes of the player's to a price of ours, the last thing that they have heard from us."""
    if not here.on_table or here.price is None:
        yield Violation("consent", "There is no price of ours on the table to agree to; `say` one with `offer` first.")
        return
    if decision.price is not None and decision.price != here.price:
        yield Violation("consent", f"The price on the table is {here.price}, not {decision.price}; `say` yours first.")
    others = [number for number in named(turn.text, turn.task) if number != here.price]
    if others or not consents(turn.text):
        yield Violation(
            "consent", "The player has not plainly said yes to the price on the table; ask them by `offer`."
        )


def consents(text: str) -> bool:
    """Is that a plain yes, and nothing else? A thumb up, a plus sign and a price named again count with the words."""
    plain = _ASSENT.sub(" yes ", without_markup(text))
    words = words_of(plain)
    return _SPOKEN.fullmatch(plain) is not None and len(words) <= YES_LENGTH and lexicon.says_yes(words)


def _end(decision: Decision, turn: Turn) -> Iterator[Violation]:
    if not turn.text.strip():
        yield Violation(
            "consent", f"The player has not said anything yet, so this is not the time for {decision.action}."
        )


def _offer(price: Decimal | None, turn: Turn, terms: Terms) -> Iterator[Violation]:
    task = turn.task
    if price is None:
        if asked([turn.text], task) is not None:
            yield Violation(
                "unanswered", "The player has named a price: answer it with `offer`, a price that you may say."
            )
        return
    exact = price == round(price, places(task))
    if not (exact and task.price_min <= price <= task.price_max and terms.allow(price)):
        what = money(terms.first, task) if terms.first == terms.last else f"{terms.first} to {terms.last}"
        also = f", or exactly {terms.ask}" if terms.acceptable else ""
        yield Violation("price", f"`offer` may be {what}{also} in this turn, not {price}.")


def _prose(decision: Decision, turn: Turn) -> Iterator[Violation]:
    text = decision.text.strip()
    if not text and decision.price is None and not lexicon.asks_what_we_are(words_of(turn.text)):
        yield Violation("empty", "`text` is empty, and there is no `offer` either.")
    if len(text) > PROSE_LENGTH:
        yield Violation("length", f"`text` has {len(text)} characters; {PROSE_LENGTH} is the most.")
        return
    own = _without_item(text, turn.task.item)
    if own.count(ITEM) > 2:
        yield Violation("length", f"`text` names {ITEM} more than twice.")
    own = own.replace(ITEM, ", ")
    if not ALLOWED.fullmatch(own):
        yield Violation(
            "characters", "`text` may have English and Russian letters and plain punctuation only, no digits."
        )
        return
    if mixes_alphabets(own):
        yield Violation("characters", "`text` has a word of Latin and Cyrillic letters at once.")
    yield from _topics(own, turn.task.item, offers=decision.price is not None)


def _without_item(text: str, item: str) -> str:
    """The text with the item's name, written out as the task has it, counted as the placeholder.

    Not where the name is hardly more than a number: then it could be meant as one.
    """
    letters = sum(character.isalpha() for character in item)
    return text.replace(item, ITEM) if letters >= NAME_LETTERS else text


def _topics(own: str, item: str, *, offers: bool) -> Iterator[Violation]:
    words = words_of(own)
    for topic in (*lexicon.TOPICS, *(() if offers else (lexicon.ASSENT,))):
        word = lexicon.mentions(topic, words)
        if word is not None:
            yield Violation(topic.name, f"`text` may not speak of {topic.fault}: {word!r}.")
    hidden = lexicon.ACROSS.search(run_together(own)) or lexicon.ROMAN.search(own)
    if hidden is not None:
        yield Violation("number", f"`text` may not speak of {lexicon.NUMBERS.fault}: {hidden[0]!r}.")
    name = next((name for name in _CAPITAL.findall(own) if name not in item), None) or _SIGNED.search(own)
    if name is not None:
        yield Violation(
            "person", "`text` may have no names: no word with a capital letter but the first of a sentence."
        )
    if _ADDRESS.search(own):
        yield Violation("promise", "`text` may have no addresses; a full stop is followed by a space.")
