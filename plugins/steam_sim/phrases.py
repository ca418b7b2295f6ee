"""The words of simulated players, English and Russian, and the prices that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal, TypeAlias

from plugins.steam_sim.temperament import Meaning

Language: TypeAlias = Literal["en", "ru"]

_WORDS: dict[Meaning, dict[Language, tuple[str, ...]]] = {
    Meaning.YES: {
        "en": ("yes", "Yes, sure", "ok", "yeah, deal", "sure"),
        "ru": ("да", "Да, давай", "ок", "ага, согласен", "хорошо"),
    },
    Meaning.NO: {
        "en": ("no", "no thanks", "not for sale"),
        "ru": ("нет", "нет, спасибо", "не продаю"),
    },
    Meaning.HOW_MUCH: {
        "en": ("how much?", "what price?", "how much do you give?"),
        "ru": ("сколько?", "какая цена?", "сколько дашь?"),
    },
    Meaning.PRICE_WITHIN: {
        "en": ("{price}", "{price} is fine", "let's say {price}"),
        "ru": ("{price}", "давай за {price}", "{price} пойдёт"),
    },
    Meaning.PRICE_ABOVE: {
        "en": ("{price}", "I want {price}", "not less than {price}"),
        "ru": ("{price}", "хочу {price}", "не меньше {price}"),
    },
    Meaning.ARE_YOU_A_BOT: {
        "en": ("are you a bot?", "is this a bot?", "am I talking to a bot?"),
        "ru": ("ты бот?", "это бот?", "я с ботом говорю?"),
    },
    Meaning.CHATTER: {
        "en": ("hi!", "oh hey", "nice, I was just playing"),
        "ru": ("привет!", "о, здарова", "я как раз играл"),
    },
    Meaning.STOP: {
        "en": ("stop", "Stop", "STOP please"),
        "ru": ("стоп", "Стоп", "стоп, пожалуйста"),
    },
}

_PRICE = re.compile(r"(?<!\d)\d+[.,]\d{2}\b")
_CENT = Decimal("0.01")
_UNHEARD_OF = (Decimal("11.00"), Decimal("12.00"))


def phrase(meaning: Meaning, language: Language, heard: Iterable[str], random: Random) -> str:
    """Words for `meaning`; a price in them goes by the prices in the texts that the player has heard."""
    words = random.choice(_WORDS[meaning][language])
    if "{price}" not in words:
        return words
    low, high = _price_range(heard)
    price = high * Decimal("1.3") if meaning is Meaning.PRICE_ABOVE else (low + high) / 2
    return words.format(price=price.quantize(_CENT, ROUND_HALF_UP))


def _price_range(heard: Iterable[str]) -> tuple[Decimal, Decimal]:
    """The last two prices of the first text that names two; else the last one named; else something plausible."""
    single = None
    for text in heard:
        prices = [Decimal(found.replace(",", ".")) for found in _PRICE.findall(text)]
        if len(prices) > 1:
            return min(prices), max(prices)
        single = prices[-1] if prices else single
    return (single, single) if single is not None else _UNHEARD_OF
