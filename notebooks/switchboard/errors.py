"""Everything this package raises on purpose, beside the kernel's own `CommandError`; the class says who has to act.

SwitchboardError                (the kernel's root)
├── CommandError and its kinds  the answer to a command: a code, a sentence, the field, when to ask again
│   ├── Refused and its kinds   it was not carried out, and nothing changed
│   ├── Unconfirmed             it is not known whether it holds: give it again with the same id
│   └── Unfinished, HandlerFailed
└── ClientError
    ├── Unreachable             nobody answers at the address; start the system, or mend the address or the environment
    ├── SignInRefused           the token is not known there, or no longer; make a new one
    ├── Incompatible            the server speaks of what this version does not know; install the same version
    ├── Missed                  events were lost between two of yours; look at the state and go on
    ├── TimedOut                what was waited for did not come in time
    ├── Closed                  this connection was closed by its owner
    ├── JournalUnreadable       a journal has a line that is no event
    ├── NothingToAsk            there is no command without an answer to ask again about
    └── NotInstalled            an optional package is needed for this; the message says which

KeyboardInterrupt
└── Interrupted                 you interrupted a command: it was called off, or it is not known; ask_again tells
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final

from kernel.codes import KernelRefusal, Undeclared
from kernel.errors import (
    CommandError,
    Conflict,
    Forbidden,
    HandlerFailed,
    Malformed,
    NotDurable,
    NotFound,
    Rejected,
    SwitchboardError,
    Unavailable,
    Unconfirmed,
    Unfinished,
)


class ClientError(SwitchboardError):
    """The root of what goes wrong on this side of the connection."""


class Unreachable(ClientError):
    """Nobody answers, or not as a Switchboard would."""


class Interrupted(KeyboardInterrupt):
    """You interrupted a command before it was answered. The message says whether it was called off.

    `sb.ask_again(error.command_id)` tells what came of it, and so does the same call once more: it is carried out once.
    """

    def __init__(self, message: str, command_id: str) -> None:
        super().__init__(message)
        self.command_id = command_id


class NothingToAsk(ClientError):
    """No command is without an answer, or it was given too long ago."""


class SignInRefused(ClientError):
    """The server does not know the token."""


class Incompatible(ClientError):
    """What the server sends cannot be understood, or does not fit together."""


class Missed(ClientError):
    """Events happened that an iteration was not given: after `after`, up to and including `until`."""

    def __init__(self, message: str, after: int, until: int) -> None:
        super().__init__(message)
        self.after = after
        self.until = until


class TimedOut(ClientError, TimeoutError):
    """What was waited for did not come in time."""


class Closed(ClientError):
    """The connection was closed."""


class JournalUnreadable(ClientError):
    """A journal cannot be read; the message says which line."""


class NotInstalled(ClientError):
    """An optional package is missing."""


_BY_STATUS: Final[dict[int, type[CommandError]]] = {
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: Rejected,
    500: HandlerFailed,
    503: Unavailable,
    504: Unconfirmed,
}
_BY_CODE: Final[dict[str, type[CommandError]]] = {
    KernelRefusal.NOT_DURABLE: NotDurable,
    KernelRefusal.MESSAGE_UNDER_WAY: Unfinished,
    KernelRefusal.STILL_UNDER_WAY: Unfinished,
}


def refused(status: int, code: str, message: str, field: str | None, retry_after: int | None) -> CommandError:
    """The error of an answer, of the class that the server raised."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, Malformed)
    return kind(Undeclared(code), message, field=field, retry_after=retry_after)


def need(package: str, what: str, extra: str) -> ModuleType:
    """An optional package, imported now. Raises NotInstalled with what to type."""
    try:
        return import_module(package)
    except ImportError as error:
        how = f"in Switchboard's own folder: pip install './notebooks[{extra}]'"
        text = f"{what} needs {package}, which is not installed here; {how}"
        raise NotInstalled(text) from error
