"""Codes as labels: few, short, and none that a stranger could choose."""

from __future__ import annotations

import re
from typing import Final

NONE: Final = "none"
OTHER: Final = "other"
MOST: Final = 60
"""Different codes of one kind that get a label of their own: what the plugins of this house use, with room to spare."""
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,39}")


class Codes:
    """Remembers which codes have a label, so that a plugin that makes up a new code each time fills nothing."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: set[str] = set()

    def label(self, code: str | None) -> str:
        """The code itself, `none` where there is none, or `other`."""
        if not code:
            return NONE
        if code not in self._known:
            if len(self._known) >= self._most or not _CODE.fullmatch(code):
                return OTHER
            self._known.add(code)
        return code
