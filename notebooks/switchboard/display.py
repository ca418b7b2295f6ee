"""How rows show themselves in IPython: the kernel's rows know nothing of it, so their forms are registered here."""

from __future__ import annotations

import sys
from typing import Any, Final

from kernel.events import Envelope
from kernel.rows import Row
from switchboard import html, text
from switchboard.lines import Line

SHOWN: Final = (Envelope, Line)
"""What shows itself beside the rows of the state."""


def install(shell: Any = None) -> bool:
    """Teach the running IPython, or `shell`, the forms of rows. False where there is none, as in a plain script."""
    if shell is None:
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return False
    formatters = shell.display_formatter.formatters
    for shown in (*_rows(Row), *SHOWN):
        formatters["text/html"].for_type(shown, html.row)
        formatters["text/plain"].for_type(shown, _printed)
    return True


def _rows(root: type[Row]) -> list[type[Row]]:
    return [row for kind in root.__subclasses__() for row in (kind, *_rows(kind))]


def _printed(thing: object, printer: Any, cycle: bool) -> None:
    printer.text(text.row(thing))
