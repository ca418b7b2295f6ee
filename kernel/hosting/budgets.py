"""How much a plugin may do wrong before it is switched off: errors, answers that never come, blocking the loop."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

from kernel.clock import MINUTE, Clock
from kernel.config import KernelConfig

HANG_WINDOW: Final = 10 * MINUTE
"""An answer that never comes takes a deadline each, so few fit into a minute."""


class _Window:
    """Amounts within a span of the clock's milliseconds."""

    def __init__(self, span: int) -> None:
        self._span = span
        self._amounts: deque[tuple[int, int]] = deque()
        self._sum = 0

    def add(self, now: int, amount: int) -> int:
        """The sum with this one, older ones forgotten."""
        self._amounts.append((now, amount))
        self._sum += amount
        while self._amounts[0][0] <= now - self._span:
            self._sum -= self._amounts.popleft()[1]
        return self._sum


class _Account:
    def __init__(self) -> None:
        self.errors = _Window(MINUTE)
        self.hangs = _Window(HANG_WINDOW)
        self.blocked = _Window(MINUTE)


class Budgets:
    """One account a plugin. Each method answers with why the plugin has to go, once it has spent too much."""

    def __init__(self, config: KernelConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._accounts: defaultdict[str, _Account] = defaultdict(_Account)

    def failed(self, name: str) -> str | None:
        """It raised something."""
        most = self._config.error_budget
        failures = self._accounts[name].errors.add(self._clock.elapsed(), 1)
        return f"failed {most} times within a minute" if failures >= most else None

    def hung(self, name: str) -> str | None:
        """It did not come back within a deadline."""
        most = self._config.hang_budget
        hangs = self._accounts[name].hangs.add(self._clock.elapsed(), 1)
        return f"did not come back {most} times within {HANG_WINDOW // MINUTE} minutes" if hangs >= most else None

    def blocked_loop(self, name: str, span: int) -> str | None:
        """It blocked the event loop for `span` milliseconds on end, and nothing else ran."""
        most = self._config.hold_budget_ms
        total = self._accounts[name].blocked.add(self._clock.elapsed(), span)
        return f"blocked the event loop for {total / 1_000:.1f} s within a minute" if total >= most else None

    def forget(self, name: str) -> None:
        """It begins anew."""
        self._accounts.pop(name, None)
