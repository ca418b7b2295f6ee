"""Which CMs one sign-in has tried, and whether another one is worth trying before the sign-in counts as failed."""

from __future__ import annotations

from typing import Final

from plugins.steam.errors import CmUnreachable, Disconnected, ProxyRefusedTarget, SignInDeferred, TransportError
from plugins.steam.policy import Context, Step

MOST: Final = 3
"""CMs that one sign-in tries. Where three do not serve it, the proxy is likelier to blame than the fourth."""


class Attempts:
    """The CMs that have failed one sign-in. Times are seconds of any one clock."""

    def __init__(self, until: float) -> None:
        """`until`: no further CM is tried from then on, so that slow failures do not add up."""
        self._until = until
        self._failed: set[str] = set()

    def had(self, endpoint: str) -> bool:
        return endpoint in self._failed

    def another_may_do(self, endpoint: str, error: TransportError, now: float) -> bool:
        """Note the failure of a CM. Whether it was the CM's own, so that another one may serve this sign-in."""
        self._failed.add(endpoint)
        verdict = getattr(error, "verdict", None)
        own = verdict is None or verdict.context is Context.LOGON  # Steam's sign-ins are the same behind every CM
        return is_the_cms_fault(error) and own and len(self._failed) < MOST and now < self._until

    def outcome(self, error: TransportError) -> TransportError:
        """The last failure, or the same with whom to look at where others came before it."""
        others = len(self._failed) - 1
        if others and isinstance(error, CmUnreachable | ProxyRefusedTarget):
            return type(error)(f"{error}; {others} more CMs failed just before, so look at the bot's proxy first")
        return error


def is_the_cms_fault(error: TransportError) -> bool:
    """Whether the CM is to be passed over for a while."""
    if isinstance(error, SignInDeferred):
        return error.verdict.step is Step.RECONNECT
    if isinstance(error, Disconnected) and error.verdict is not None and error.verdict.step is Step.STOP:
        return False  # it is about the account
    return isinstance(error, CmUnreachable | Disconnected | ProxyRefusedTarget)
