"""How far a plugin's failure reaches: what is caught where plugins are called, and how it is put into words."""

from __future__ import annotations

import asyncio
from typing import Final

CONTAINED: Final = (Exception, SystemExit, asyncio.CancelledError)
"""What is caught around a plain function of a plugin. Nobody cancels a plain function: a CancelledError that comes
out of one is a failure of its own (the result of a cancelled future, for one)."""


class Hung(TimeoutError):
    """A plugin did not come back within its deadline; for `blocked_ms` of it the event loop stood still."""

    blocked_ms = 0


def being_cancelled() -> bool:
    """Was the running task itself called off? Else a CancelledError that came from an `await` is the failure of what
    was awaited, and no reason for the caller to end."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def wording(error: BaseException) -> str:
    """What an error says: never empty, and fit to be written down, whatever a plugin has put into it."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - contained: an error that cannot even be told is still an error
        text = ""
    return (text or type(error).__name__).encode("utf-8", "backslashreplace").decode("utf-8")
