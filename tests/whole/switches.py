"""Rules that the product does not keep yet: each by its name, with what it waits for. Empty is what it is to be."""

from __future__ import annotations

from typing import Final

SWITCHED_OFF: Final[dict[str, str]] = {
    "one_invite_a_minute": "an attempt that Steam answered with a refusal does not count yet",
    "the_fleets_hour": "the same",
    "each_line_once": "a history that lags decides at once about a line in doubt",
    "one_bot_per_person (invited by)": "a removed bot that is off leaves its invite with the player",
}
