"""The codes that the live shell gives."""

from __future__ import annotations

from kernel.codes import Code, RefusalCode


class ShellRefusal(RefusalCode):
    """What opening or closing the shell is refused for."""

    ALREADY_OPEN = "alreadyOpen"
    NOT_OPEN = "notOpen"
    NOT_INSTALLED = "notInstalled"
    DOES_NOT_START = "doesNotStart"


class ShellEnd(Code):
    """By what a shell was closed."""

    CLOSED = "closed"
    LEFT = "left"
    EXPIRED = "expired"
    STOPPED = "stopped"
    LEFT_BEHIND = "leftBehind"
