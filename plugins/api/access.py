"""Who may come in: what was shown at the door, and who that is now."""

from __future__ import annotations

from kernel.clock import Clock, SystemClock
from plugins.api.callers import Caller
from plugins.api.tokens import Tokens


class Access:
    """Everything by which a caller can be known, asked in one place."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def by_token(self, presented: str) -> Caller | None:
        """Whose token this is; None when it is nobody's."""
        token = self._tokens.holder(presented)
        return token.caller if token is not None else None

    def holds(self, caller: Caller) -> bool:
        """Whether the caller is still known by the same thing, and may as much as before."""
        return caller in self._tokens.callers()


def wall_of(clock: Clock) -> Clock:
    """The clock itself, or the wall's: a demonstration's runs faster, and no sign-in must end the sooner for it."""
    return clock if clock.rate == 1 else SystemClock()
