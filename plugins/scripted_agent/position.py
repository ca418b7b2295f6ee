"""Where a dialogue stands, as the text that the chat keeps of it: `offer`, `confirm@11.00`, `offer:asks_program`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from plugins.scripted_agent.script import Answer

_FORM: Final = re.compile(r"([a-z][a-z0-9_]*)(?:@([0-9]{1,12}(?:\.[0-9]{1,12})?))?(?::([a-z_]+))?")


class ScriptPosition(NamedTuple):
    """A step, the price on the table, and the answer that was last met with a remark instead of the next step."""

    step: str
    price: Decimal | None = None
    mark: Answer | None = None

    def __str__(self) -> str:
        price = f"@{self.price:f}" if self.price is not None else ""
        return self.step + price + (f":{self.mark}" if self.mark is not None else "")

    @classmethod
    def parse(cls, text: str | None) -> ScriptPosition | None:
        """The position that `text` stands for; None when it is not in our form."""
        found = _FORM.fullmatch(text or "")
        if found is None or (found[3] is not None and found[3] not in set(Answer)):
            return None
        price = Decimal(found[2]) if found[2] is not None else None
        return cls(found[1], price, Answer(found[3]) if found[3] is not None else None)
