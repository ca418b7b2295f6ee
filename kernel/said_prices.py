"""The price that a player says in free text, for agents: a number is one only where it is said as one.

`float 1.5`, `my level is 1`, `2 days`, `x2` and a phone number name no price; several numbers or a range name none that
could be relied on. Whoever gets None asks again. Markup of Steam's chat is no text of a person's, and is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from kernel.rows import Task

_TAGS: Final = (
    "sticker|tradeoffer|emoticon|invite|gameinvite|lobbyinvite|img|url|og|random|flip|spoiler|code|quote|video|roomeffect"
    "|steamstore|store|profile|h1|h2|h3|b|i|u|s|strike|list|table|hr|pre|mention|dota2|dynamiclink|previewyoutube|broadcast"
)
_WHOLE: Final = re.compile(
    r"\[(sticker|tradeoffer|emoticon|img|url|og|random|flip|gameinvite|lobbyinvite|invite|roomeffect|video)\b[^\[\]]{0,2000}\]"
    r"(?:[^\[\]]{0,2000}\[/\1\])?",
    re.IGNORECASE,
)
"""A tag whose content no person has written."""
_TAG: Final = re.compile(rf"\[/?(?:{_TAGS})\b[^\[\]]{{0,2000}}\]", re.IGNORECASE)
_SHOWN: Final = re.compile(
    r"\((?:sticker|emoticon|trade offer|game invite|image|link|link preview|dice roll|coin flip|effect|video)"
    r"(?:: [^()]{0,200})?\)"
)
"""What the transport shows in place of such a tag."""
_EMOTICON: Final = re.compile(r"(?<![\w:]):[A-Za-z][A-Za-z0-9_]{1,40}:(?![\w:])|ː[A-Za-z0-9_]{1,40}ː")
_LINK: Final = re.compile(
    r"\b(?:https?://|www\.|steam://)\S+"
    r"|\b[a-z0-9-]{2,63}\.(?:com|net|org|ru|gg|io|me)\b(?:/\S*)?",
    re.IGNORECASE,
)

_LETTER: Final = r"[^\W\d_]"
_SIGN: Final = "[$€£₽₴₸¥]"
_NUMBER: Final = re.compile(
    rf"(?<![\w.,:/#№+-])(?P<before>{_SIGN}\s?)?"  # not within a word, a name (AK-47), a time, a date
    r"(?P<number>[0-9]{1,3}(?:[ \u00a0\u202f'][0-9]{3})+(?:[.,][0-9]{1,8})?|[0-9]{1,30}(?:[.,][0-9]{1,30})*)"
    rf"(?![0-9]|[:%/][0-9]|\s?%|-{_LETTER})"
    rf"(?P<unit>\s?{_SIGN}|{_LETTER}*)(?:\s+(?P<next>{_LETTER}+))?"
)
_CURRENCY: Final = frozenset(
    {"usd", "dollar", "dollars", "dolar", "buck", "bucks", "eur", "euro", "euros", "gbp", "pln", "uah", "kzt", "cny"}
    | {"rub", "ruble", "rubles", "rouble", "roubles", "р", "руб", "рубль", "рубля", "рублей", "евро", "грн", "тенге"}
    | {"долл", "доллар", "доллара", "долларов", "бакс", "бакса", "баксов", "usdt", "rur", "рублями", "гривен", "zl"}
)
"""What may be written on to a number. Anything else makes it part of a word: `2nd`, `5шт`."""
_RANGE: Final = re.compile(
    r"[0-9]\s*(?:-|–|—|\.\.\.?|…|to|till|until|до|или|or|and|и|/)\s*[$€£₽₴₸¥]?\s*[0-9]|[0-9]\s*\+(?![\w])",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[\r\n;!?()]+|[,.](?![0-9])|(?<![0-9]),|:(?!\w)")
_WORD: Final = re.compile(r"[^\W_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BESIDE_A_PRICE: Final = _words(
    "for ok okay yes yep yeah yea sure fine deal is its it s i ill will would like want wanna need sell selling "
    "take say says lets let my price yours go get the a an of course just only no nope not less than minimum least "
    "give me you pay please pls thanks thx bro man dude and but then good great works hi hello hey asking ask offer "
    "do make how about your this that to from im if bot more max could can may be d ve all so now final last nah "
    "too low high enough agree agreed accept за да ок окей ага давай давайте хорошо ладно норм нормально пойдет "
    "пойдёт устроит устраивает подходит отдам продам продаю хочу хотел хотела бы буду готов готова цена моя мне нет "
    "не меньше менее минимум самое малое только просто ну тогда это твой твоя твое ваш ваша ваше его ее её столько "
    "скажем пусть будет по и но если бот прошу возьму беру заберу забирай забирайте надо нужно итого согласен "
    "согласна договорились спасибо пожалуйста бро привет я вот а больше так уж тебе вам могу можно "
)
"""Words beside which a bare number is a price."""
_ANOTHER_SUM: Final = _words(
    "paid bought cost costs worth market balance have has had owe got wallet saved steamprice fee tax yesterday "
    "stickers sticker float market's заплатил заплатила купил купила стоил стоила стоит маркет маркете балансе "
    "баланс есть комиссия вчера "
)
"""Words beside which a sum of money is not what the player asks for."""
_DOUBT: Final = _words(
    "maybe perhaps probably around approximately approx roughly может наверное возможно примерно около где-то типа "
)
LONGEST_BARE: Final = 6
"""Digits before the decimals of a number without a currency: what has more is a phone number, or an id."""


class SaidNumber(NamedTuple):
    """A number that may be a price, as the values that it may have, the likelier first."""

    values: tuple[Decimal, ...]
    is_money: bool


def without_markup(text: str) -> str:
    """What of a message a person has written: no tags of Steam's, emoticons or links."""
    for pattern in (_WHOLE, _TAG, _SHOWN, _EMOTICON, _LINK):
        text = pattern.sub(" ", text)
    return text


def said_price(text: str, task: Task, not_a_price: frozenset[str] = frozenset()) -> tuple[Decimal, ...] | None:
    """The one price that is said in `text`, as the values that it may have; None where there is none or it is in doubt.

    `not_a_price`: words after which a number is none, beside those that a number is never a price with.
    """
    plain = without_markup(unicodedata.normalize("NFKC", text))
    if _RANGE.search(plain):
        return None
    found: list[SaidNumber] = []
    for clause in _CLAUSE.split(plain):
        found += _in_clause(clause, task, not_a_price)
    distinct = {number.values for number in found}
    return (found[0].values or None) if len(distinct) == 1 else None


def _in_clause(clause: str, task: Task, not_a_price: frozenset[str]) -> Iterator[SaidNumber]:
    in_name = set(re.findall("[0-9]+", task.item))
    item_words = set(_WORD.findall(task.item.casefold()))
    for number in _NUMBER.finditer(clause):
        written_on, following = number["unit"].strip().casefold(), (number["next"] or "").casefold()
        if written_on[:1].isalpha() and written_on not in _CURRENCY:
            continue
        preceding = _WORD.findall(clause[: number.start()].casefold())
        is_money = (
            bool(number["before"] or written_on) or following in _CURRENCY or preceding[-1:] in ([w] for w in _CURRENCY)
        )
        values = _readings(number["number"])
        within = any(task.price_min <= value <= task.price_max for value in values)
        rest = set(_WORD.findall(f"{clause[: number.start()]} {clause[number.end('unit') :]}".casefold()))
        if following in not_a_price and not is_money:
            continue
        if number["number"] in in_name and not is_money and not within:
            continue  # the item's own number
        if rest & _DOUBT or (is_money and rest & _ANOTHER_SUM):
            yield SaidNumber((), is_money)
            continue
        if not is_money and not _is_bare_price(number["number"], rest - item_words, within):
            continue
        yield SaidNumber(values, is_money)


def _is_bare_price(number: str, rest: set[str], within: bool) -> bool:
    digits = re.split("[.,]", re.sub(r"[ \u00a0\u202f']", "", number))[0]
    year = len(number) == 4 and number[:2] in {"19", "20"}
    return rest <= _BESIDE_A_PRICE and len(digits) <= LONGEST_BARE and (within or not year)


def _readings(number: str) -> tuple[Decimal, ...]:
    """`12,50` is one number; `1.200` may be two, by where it was written."""
    digits = re.sub(r"[ \u00a0\u202f']", "", number)
    marks = re.findall("[.,]", digits)
    if len(marks) > 1 and marks[-1] == marks[0]:
        return (Decimal(re.sub("[.,]", "", digits)),)
    if not marks:
        return (Decimal(digits),)
    whole, _, fraction = digits.rpartition(marks[-1])
    whole = re.sub("[.,]", "", whole)
    with_fraction = Decimal(f"{whole}.{fraction}")
    if len(marks) == 1 and len(fraction) == 3 and whole != "0":
        return (Decimal(whole + fraction), with_fraction)
    return (with_fraction,)
