"""Where a dialogue stands, as the text that the chat keeps of it: `llm:3:2310@11.00`, `llm:5:4100@11.00=agreed`.

Replies and tokens until then, the price that we have named last, whether the player was reminded, and how it ended.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from kernel.hookspecs import Trigger, Turn
from kernel.rows import Delivery, Message, Sender

_FORM: Final = re.compile(
    r"llm:(?P<turns>[0-9]{1,6}):(?P<tokens>[0-9]{1,12})(?:@(?P<price>[0-9]{1,15}(?:\.[0-9]{1,12})?))?"
    r"(?P<reminded>:reminded)?(?:=(?P<end>agreed|declined|too_far|no_answer))?"
)


class Position(NamedTuple):
    """`end` is one of `agreed`, `declined`, `too_far`, `no_answer`."""

    turns: int = 0
    tokens: int = 0
    price: Decimal | None = None
    reminded: bool = False
    end: str | None = None

    def __str__(self) -> str:
        price = f"@{self.price:f}" if self.price is not None else ""
        reminded = ":reminded" if self.reminded else ""
        return f"llm:{self.turns}:{self.tokens}{price}{reminded}" + (f"={self.end}" if self.end else "")

    @classmethod
    def parse(cls, text: str | None) -> Position | None:
        """The position that `text` stands for; None when another agent wrote it."""
        found = _FORM.fullmatch(text or "")
        if found is None:
            return None
        price = Decimal(found["price"]) if found["price"] is not None else None
        return cls(int(found["turns"]), int(found["tokens"]), price, found["reminded"] is not None, found["end"])


class TurnStanding(NamedTuple):
    """A dialogue as this turn finds it. `on_table`: the player's last word from us is that price, and ours alone."""

    position: Position
    price: Decimal | None
    on_table: bool
    spoken: bool


def standing(turn: Turn, agent: str) -> TurnStanding:
    """Read from the chat: it remembers what is ours, over restarts, take-overs and other agents in the seat."""
    chat = turn.chat
    mine = [p for m in chat.messages if m.author == agent and (p := Position.parse(m.step)) is not None]
    now = Position.parse(chat.script_step)
    known = [*mine, *((now,) if now is not None else ())]
    reached = [m for m in chat.messages if _reached(m)]
    priced = [p.price for m in reached if m.author == agent and (p := Position.parse(m.step)) is not None]
    price = next((price for price in reversed(priced) if price is not None), None)
    if price is not None and not turn.task.price_min <= price <= turn.task.price_max:
        price = None
    position = Position(
        turns=max((p.turns for p in known), default=0),
        tokens=max((p.tokens for p in known), default=0),
        price=price,
        reminded=now is not None and now.reminded and turn.trigger is Trigger.SILENCE,
        end=now.end if now is not None else None,
    )
    on_table = price is not None and reached[-1].author == agent
    return TurnStanding(position, price, on_table, spoken=any(m.author == agent for m in reached))


def _reached(message: Message) -> bool:
    return message.sender is Sender.BOT and message.delivery is Delivery.SENT
