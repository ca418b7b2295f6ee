"""Short flaps: a session that breaks is resumed at once, and nobody is told where that works within seconds."""

from __future__ import annotations

from typing import Final

from kernel.clock import MINUTE, Millis
from plugins.steam.errors import Disconnected, SteamSilent, TransportError
from plugins.steam.policy import Step

AT_ONCE: Final = 10
"""Sessions that are resumed at once; when a whole CM goes down, the rest wait for their turn like everybody."""
STEADY: Final = Millis(MINUTE)
"""How long a session has to have held to be worth resuming: one that breaks again and again is shown."""


def is_short(reason: TransportError | None, lived: int) -> bool:
    """Whether a session that ended so is likely back in a moment, after having lived so many milliseconds."""
    if not isinstance(reason, Disconnected) or isinstance(reason, SteamSilent) or lived < STEADY:
        return False
    return reason.verdict is None or reason.verdict.step is Step.RECONNECT
