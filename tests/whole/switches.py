"""Rules that the product does not keep yet: each by its name, with what it waits for. Empty is what it is to be."""

from __future__ import annotations

from typing import Final

SWITCHED_OFF: Final[dict[str, str]] = {
    "one_invite_a_minute": "an attempt that Steam answered with a refusal does not count yet",
    "the_fleets_hour": "the same",
    "steps.Clock": "a clock that goes back stops the fleet for as long",
    "open_tasks_say_why": "accepted tasks have no reason yet",
    "no_deadline_in_the_past": "reasons are not told anew",
}
