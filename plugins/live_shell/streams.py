"""What a cell prints goes to whoever runs it; what the rest of the process prints goes where it always went."""

from __future__ import annotations

import sys
import threading
from typing import Any, TextIO


class Divided:
    """Stands where `sys.stdout` stood. Lines written by one thread go to one stream, all others to the other."""

    def __init__(self, theirs: TextIO, ours: Any, thread: int) -> None:
        self._theirs = theirs
        self._ours = ours
        self._thread = thread

    def _stream(self) -> Any:
        return self._ours if threading.get_ident() == self._thread else self._theirs

    def write(self, text: str) -> int:
        written: int = self._stream().write(text)
        return written

    def flush(self) -> None:
        self._stream().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream(), name)


class Divider:
    """Divides both streams, and puts back what stood there."""

    def __init__(self) -> None:
        self._before: tuple[TextIO, TextIO] | None = None

    def divide(self, stdout: Any, stderr: Any, thread: int) -> None:
        self._before = sys.stdout, sys.stderr
        sys.stdout = Divided(sys.stdout, stdout, thread)
        sys.stderr = Divided(sys.stderr, stderr, thread)

    def put_back(self) -> None:
        if self._before is not None:
            sys.stdout, sys.stderr = self._before
            self._before = None
