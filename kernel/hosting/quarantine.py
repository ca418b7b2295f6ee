"""What plugins do wrong: logged and told, counted against their budgets, and the end of one that has spent them."""

from __future__ import annotations

import logging
from typing import Final, Protocol

from kernel.clock import Clock
from kernel.config import KernelConfig
from kernel.containment import Hung, wording
from kernel.errors import PluginFailed
from kernel.events import ErrorLogged, Event
from kernel.hosting.budgets import Budgets
from kernel.hosting.watchdog import Place

DETAIL_LENGTH: Final = 500
log = logging.getLogger("kernel")


class Announce(Protocol):
    """Publishes an event of the kernel's."""

    def __call__(self, event: Event) -> object: ...


class SwitchOff(Protocol):
    """Ends a plugin, if it is running. `needed_too`: also one that nothing runs without."""

    def __call__(self, name: str, why: str, *, needed_too: bool) -> object: ...


class Quarantine:
    """Built before the bus and the host, which report to it; it reaches them by the two functions that it is given."""

    def __init__(self, config: KernelConfig, clock: Clock, announce: Announce, switch_off: SwitchOff) -> None:
        self._budgets = Budgets(config, clock)
        self._announce = announce
        self._switch_off = switch_off

    def contain(self, owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
        """Log what a plugin raised, as text and as an event, and switch it off when it does not end.

        Where in the code is of use for a bug alone: a PluginFailed is a sentence for whoever runs the system.
        """
        said = wording(error)
        log.error("%s: %s: %s", owner, where, said, exc_info=None if isinstance(error, PluginFailed) else error)
        if announce:
            detail = f"{type(error).__name__}: {said}"
            self._announce(ErrorLogged(source=owner, message=where, detail=detail[:DETAIL_LENGTH]))
        why = self._spent(owner, error)
        if why is not None:
            self._switch_off(owner, why, needed_too=True)

    def blocked_loop(self, place: Place, span: int) -> None:
        """Its code kept everything else from running for `span` milliseconds, without raising anything."""
        text = f"blocked the event loop for {span / 1_000:.1f} s, and nothing else ran"
        log.error("%s: %s: %s", place.plugin, text, place.line)
        self._announce(ErrorLogged(source=place.plugin, message=text, detail=place.line))
        why = self._budgets.blocked_loop(place.plugin, span)
        if why is not None:  # slow is better than not at all, where nothing runs without it
            self._switch_off(place.plugin, why, needed_too=False)

    def forget(self, name: str) -> None:
        """It begins anew."""
        self._budgets.forget(name)

    def _spent(self, owner: str, error: BaseException) -> str | None:
        """Why it has to go, if it has to."""
        spent = None
        if isinstance(error, Hung):
            blocked = error.blocked_ms
            spent = self._budgets.blocked_loop(owner, blocked) if blocked else self._budgets.hung(owner)
        return spent or self._budgets.failed(owner)
