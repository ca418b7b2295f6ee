"""What the command lines print: lines with the time of day, and how far things are, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def now_and_then(every_s: float = 5.0) -> Callable[[str], None]:
    """Something that says only the first of what it is told in so many seconds."""
    told = 0.0

    def tell(text: str) -> None:
        nonlocal told
        if time.monotonic() - told > every_s:
            told = time.monotonic()
            say(f"  {text}")

    return tell
