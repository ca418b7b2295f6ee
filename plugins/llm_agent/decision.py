"""What the model decides in a turn: its form, for the endpoint and for us."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from plugins.llm_agent.errors import AnswerUnusable

ACTIONS: Final = ("say", "agreed", "declined", "too_far", "hand_over")
PROSE_LENGTH: Final = 400
"""Characters of the model's own words in one message."""
_OFFER: Final = r"\A[0-9]{1,12}(\.[0-9]{1,8})?\Z"


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text` is the model's own words; `offer` a price that it wants said, without its currency."""

    action: Literal["say", "agreed", "declined", "too_far", "hand_over"]
    text: str = ""
    offer: Annotated[str, msgspec.Meta(pattern=_OFFER)] | None = None

    @property
    def price(self) -> Decimal | None:
        return Decimal(self.offer) if self.offer is not None else None


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": list(ACTIONS)},
        "text": {"type": "string"},
        "offer": {"type": ["string", "null"]},
    },
    "required": ["action", "text", "offer"],
    "additionalProperties": False,
}
_DECODER: Final = msgspec.json.Decoder(Decision)


def decode(answer: str) -> Decision:
    """Raises AnswerUnusable, with a sentence that the model can go by."""
    try:
        return _DECODER.decode(answer.strip())
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        text = f"It is not one JSON object with action, text and offer: {str(error)[:200]}"
        raise AnswerUnusable("nonsense", text) from error
