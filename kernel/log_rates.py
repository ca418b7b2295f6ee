"""How often lines of one kind are logged: what a stranger can cause as often as he likes must not fill a disk."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Final

SPAN_S: Final = 60.0
LINES: Final = 200
"""Of one kind in SPAN_S: a large fleet tells as much when its network is gone."""
TRACEBACKS: Final = 20
"""The same, for lines with a traceback."""
KINDS: Final = 1_000
"""Kinds that are counted; the one that was silent longest is forgotten first."""


class _Kind:
    __slots__ = ("began", "left_out", "lines")

    def __init__(self, began: float) -> None:
        self.began = began
        self.lines = self.left_out = 0


class RepeatsFilter(logging.Filter):
    """Leaves warnings and errors out once there were enough of their kind, and says how many with the next one.

    A kind is the logger, the text without its arguments, and the class of the error.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds: OrderedDict[tuple[object, ...], _Kind] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[0] if record.exc_info else None
        key = (record.name, record.levelno, record.msg if isinstance(record.msg, str) else "", error)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind(record.created)
            if len(self._kinds) > KINDS:
                self._kinds.popitem(last=False)
        self._kinds.move_to_end(key)
        if not 0 <= record.created - kind.began < SPAN_S:
            if kind.left_out:
                record.msg = f"{record.msg} ({kind.left_out} more like this were left out)"
            kind.began, kind.lines, kind.left_out = record.created, 0, 0
        kind.lines += 1
        if kind.lines <= (TRACEBACKS if error is not None else LINES):
            return True
        kind.left_out += 1
        return False
