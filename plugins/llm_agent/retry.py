"""When an endpoint may be asked again."""

from __future__ import annotations

import re
from typing import Final

LONGEST_MS: Final = 10 * 60_000
"""An endpoint cannot have itself left alone for longer."""


def retry_after(header: str | None) -> int | None:
    """Milliseconds that a Retry-After names in seconds; None where it has none, or a date, which needs equal clocks."""
    if header is None or not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", header.strip()):
        return None
    return min(int(float(header) * 1_000), LONGEST_MS)


def rest_after(wanted: int | None, usual: int) -> int:
    return min(max(wanted or 0, usual), LONGEST_MS)
