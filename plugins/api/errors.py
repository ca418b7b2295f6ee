"""Everything this plugin raises on purpose; the class says who has to act.

SwitchboardError
├── ApiError
│   ├── AddressUnusable     whoever runs the system mends [api] host or port, or stops what holds the port
│   ├── Exposed             they name an operator before others than this machine can reach the API
│   └── FileUnreadable      they mend or remove the file that is named; until then it lets nobody in (503)
│       └── OutOfReach      they bring the data folder back; who is signed in stays, as nobody can have changed it there
└── CommandError            the kernel's: what a client gets as its answer
    ├── Refused
    │   ├── Unauthorized    401  no token, or one that is not known; the answer does not say which
    │   ├── WrongMethod     405
    │   ├── TooSlow         408  the body does not arrive
    │   ├── TooLarge        413
    │   └── Misdirected     421  the name that was asked for is not ours
    └── Broken              500  a bug of ours or of a mounted application; the log has it
"""

from __future__ import annotations

from kernel.errors import CommandError, Refused, SwitchboardError, Unavailable
from plugins.api.codes import ApiRefusal


class ApiError(SwitchboardError):
    """The root of the errors of the API and of its command line."""


class AddressUnusable(ApiError):
    """The server cannot listen on the address."""


class Exposed(ApiError):
    """The server would listen beyond loopback while there is no operator and no token."""


class FileUnreadable(ApiError):
    """A file of operators, tokens or lockouts cannot be read or written, or was removed."""

    code = ApiRefusal.FILE_UNREADABLE

    def __init__(self, message: str, told: str) -> None:
        """`message` is for the log and the command line; `told` is for HTTP clients, and has no path in it."""
        super().__init__(message)
        self.told = told

    @property
    def refusal(self) -> Unavailable:
        """The answer to a request that needs the file."""
        return Unavailable(self.code, self.told, retry_after=5_000)


class OutOfReach(FileUnreadable):
    """The file's folder, or its disk, is not there."""

    code = ApiRefusal.DATA_FOLDER_GONE


class Unauthorized(Refused):
    """The request has no credentials, or none that are valid."""

    status = 401


class WrongMethod(Refused):
    """The path does not support the method."""

    status = 405

    def __init__(self, method: str, path: str, allowed: str) -> None:
        super().__init__(ApiRefusal.METHOD_NOT_ALLOWED, f"{path} does not take {method}; it takes {allowed}.")
        self.allowed = allowed


class TooSlow(Refused):
    """The body does not arrive in time."""

    status = 408


class TooLarge(Refused):
    """The body is too large."""

    status = 413


class Misdirected(Refused):
    """The Host is not a name of this server: a misconfigured proxy, or DNS rebinding."""

    status = 421


class Broken(CommandError):
    """An internal error."""

    status = 500
