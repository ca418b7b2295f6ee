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


class ApiError(SwitchboardError):
    """The root of what keeps the API, or its command line, from working."""


class AddressUnusable(ApiError):
    """The address cannot be listened on."""


class Exposed(ApiError):
    """The address can be reached from elsewhere, and there is nobody yet who could sign in."""


class FileUnreadable(ApiError):
    """A file of who may come in is not one, or was removed, or cannot be written."""

    code = "fileUnreadable"

    def __init__(self, message: str, told: str) -> None:
        """`message` is for the log and the command line; `told` for whoever asks over HTTP, and names no path."""
        super().__init__(message)
        self.told = told

    @property
    def refusal(self) -> Unavailable:
        """What whoever asks is answered."""
        return Unavailable(self.code, self.told, retry_after=5_000)


class OutOfReach(FileUnreadable):
    """The file cannot be looked at, since its folder was taken away, or its disk."""

    code = "dataFolderGone"


class Unauthorized(Refused):
    """Whoever asks has not said who they are, or is not known."""

    status = 401


class WrongMethod(Refused):
    """The path is there, and does something else than was asked."""

    status = 405

    def __init__(self, method: str, path: str, allowed: str) -> None:
        super().__init__("methodNotAllowed", f"{path} does not take {method}; it takes {allowed}.")
        self.allowed = allowed


class TooSlow(Refused):
    """The rest of the request does not come."""

    status = 408


class TooLarge(Refused):
    """The body is longer than any command."""

    status = 413


class Misdirected(Refused):
    """It was meant for another server, or somebody's page pretends so."""

    status = 421


class Broken(CommandError):
    """Something failed that was not the client's doing."""

    status = 500
