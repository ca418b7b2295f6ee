"""The words that bind us, said by code: prices, what we are, how a dialogue ends."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Phrases(NamedTuple):
    """In one language. `{item}`, and `{price}` where there is one."""

    opening: str
    offer: str
    confirm: str
    program: str
    reminder: str
    agreed: str
    declined: str
    too_far: str


_EN_ENDS: Final = {
    "program": "I am an automated assistant, a program. People of ours can step in here at any time.",
    "agreed": "Thank you! {item} for {price} it is. One of our people will write to you about the trade itself.",
    "declined": "All right, thank you for telling us. Have a good day!",
    "too_far": "Then we do not come together this time. Thank you, and have a good day!",
}
_RU_ENDS: Final = {
    "program": "Я автоматический помощник, программа. Наши люди в любой момент могут подключиться к этому чату.",
    "agreed": "Спасибо! Договорились: {item} за {price}. О самом обмене вам напишет наш сотрудник.",
    "declined": "Хорошо, спасибо, что ответили. Всего доброго!",
    "too_far": "Значит, в этот раз не сойдёмся. Спасибо и всего доброго!",
}
PHRASES: Final[Mapping[tuple[str, str], Phrases]] = MappingProxyType(
    {
        ("en", "buy"): Phrases(
            opening="We would like to buy your {item} and can pay {price}. Would you sell it for that?",
            offer="We can pay {price} for your {item}. Would you sell it for that?",
            confirm="So that is {price} for your {item}. Is it a deal?",
            reminder="In case you missed it: would you sell your {item}?",
            **_EN_ENDS,
        ),
        ("en", "sell"): Phrases(
            opening="We would like to sell you our {item} for {price}. Would you buy it for that?",
            offer="You can have our {item} for {price}. Would you buy it for that?",
            confirm="So that is {price} for our {item}. Is it a deal?",
            reminder="In case you missed it: would you buy our {item}?",
            **_EN_ENDS,
        ),
        ("ru", "buy"): Phrases(
            opening="Мы хотели бы купить у вас {item} и можем заплатить {price}. Продадите за столько?",
            offer="Мы можем заплатить {price} за {item}. Продадите за столько?",
            confirm="Значит, {price} за {item}. Договорились?",
            reminder="На случай, если вы не заметили: продадите {item}?",
            **_RU_ENDS,
        ),
        ("ru", "sell"): Phrases(
            opening="Мы хотели бы продать вам {item} за {price}. Купите за столько?",
            offer="Можем продать вам {item} за {price}. Купите за столько?",
            confirm="Значит, {price} за {item}. Договорились?",
            reminder="На случай, если вы не заметили: купите {item}?",
            **_RU_ENDS,
        ),
    }
)


def fill(phrase: str, *, item: str, price: str = "") -> str:
    """What stands in the values is not looked into."""
    return phrase.format_map({"item": item, "price": price})
