"""How far a plugin's failure reaches: what is caught where plugins are called, and how it is put into words."""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import Final

from kernel.errors import PluginFailed
from kernel.redaction import cleaned

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
    """What an error says: never empty, and fit to be kept and shown, whatever a plugin has put into it."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - contained: an error that cannot even be told is still an error
        text = ""
    return cleaned(text or type(error).__name__)


def describe(error: BaseException) -> str:
    """What went wrong while code was loaded or started, and in which line of whose file, without the whole path."""
    if isinstance(error, PluginFailed):
        return wording(error)
    text = wording(error)
    if isinstance(error, SyntaxError):  # says the place itself
        return f"{type(error).__name__}: {text}"
    frames = traceback.extract_tb(error.__traceback__)
    kernel = Path(__file__).parent
    ours = [f for f in frames if "importlib" not in f.filename and kernel not in Path(f.filename).parents]
    place = f" ({'/'.join(Path(ours[-1].filename).parts[-2:])}, line {ours[-1].lineno})" if ours else ""
    named = text if text == type(error).__name__ else f"{type(error).__name__}: {text}"
    return named + place
