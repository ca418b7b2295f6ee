"""What can go wrong between a bot and Steam; the class says what to do about it.

TransportError
├── InputInvalid                  what was handed in cannot be used, and nothing was changed: correct it
│   ├── MaFileInvalid
│   └── ProxyInvalid
├── SecretsUnreadable             the store of secrets cannot be opened: a person repairs it
├── PersonNeeded                  stop this bot; trying again makes it worse
│   ├── ProxyRefusedCredentials
│   └── SignInRejected            Steam said no for good; `verdict` says why
├── Unavailable                   nothing is wrong with the account: try again, no sooner than `back_off_ms`
│   ├── ProxyUnreachable          the proxy is down, silent, or no proxy
│   ├── ProxyRefusedTarget        the proxy answers, but cannot or will not reach Steam: another CM may do
│   ├── DirectoryUnreachable      no list of CMs, neither from Steam nor from an earlier time
│   ├── WebApiUnreachable         the proxy carried us to Steam's web API, and that gave no answer of its own
│   ├── CmUnreachable             the proxy carried us there, and no CM answered as one: another CM
│   ├── SecretsOutOfReach         the data folder was taken away: a person brings it back
│   ├── SignInDeferred            Steam said not now; `verdict` says why and for whom
│   └── Disconnected              a connection that stood has ended
├── TokenRejected                 Steam no longer takes the stored token: drop it, sign in with the password
└── RequestFailed                 one request of a live session came to nothing
    ├── RequestRefused            Steam answered with a result; `verdict` says what to do
    ├── RequestNotSent            nothing left this process: the same request may be made again
    ├── MessageTooLong            nothing left this process, and nothing will: shorten it
    └── RequestInDoubt            it left and no answer came: settle it against Steam's own records first

Every error has a stable `code`, which is what programs compare. No message holds a secret.
"""

from __future__ import annotations

from plugins.steam.policy import SECOND, Verdict


class TransportError(Exception):
    """Everything that this package raises on purpose."""

    code = "steam.failed"


class InputInvalid(TransportError):
    """Something that a person handed in; the message names the part and what to do, never its value."""

    code = "input.invalid"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class MaFileInvalid(InputInvalid):
    """This maFile cannot be used; `field` names the key where one is to blame."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(code, message)
        self.field = field


class ProxyInvalid(InputInvalid):
    """This proxy URL cannot be used."""


class SecretsUnreadable(TransportError):
    """The store's key or one of its files is missing, foreign or damaged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PersonNeeded(TransportError):
    """Not to be tried again before a person has changed something."""

    code = "person.needed"


class ProxyRefusedCredentials(PersonNeeded):
    """The proxy wants another user name or password."""

    code = "proxy.credentialsRefused"


class SignInRejected(PersonNeeded):
    """Steam refused the sign-in in a way that repeating does not mend."""

    code = "signIn.rejected"

    def __init__(self, message: str, verdict: Verdict | None = None, code: str = "") -> None:
        super().__init__(message)
        self.verdict = verdict
        self.code = code or (verdict.code if verdict is not None else "") or self.code


class Unavailable(TransportError):
    """To be tried again by itself, with growing waits, the first no shorter than `back_off_ms`."""

    code = "steam.unavailable"
    back_off_ms = 5 * SECOND


class ProxyUnreachable(Unavailable):
    """No tunnel, and the reason is the proxy or the way to it."""

    code = "proxy.unreachable"


class ProxyRefusedTarget(Unavailable):
    """The proxy spoke with us and did not open a tunnel to this address."""

    code = "proxy.targetRefused"


class DirectoryUnreachable(Unavailable):
    """Nobody told us where the CMs are."""

    code = "directory.unreachable"


class WebApiUnreachable(Unavailable):
    """A sign-in without a password needs the web API, and it did not answer."""

    code = "webApi.unreachable"


class CmUnreachable(Unavailable):
    """The tunnel stood; TLS, the WebSocket handshake or the CM's first answers did not come."""

    code = "cm.unreachable"


class SecretsOutOfReach(Unavailable):
    """Nothing is known of the secrets, since their folder is not where it was. None of them is gone."""

    code = "secrets.outOfReach"
    back_off_ms = 60 * SECOND


class SignInDeferred(Unavailable):
    """Steam refused the sign-in for now."""

    code = "signIn.deferred"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.back_off_ms = verdict.back_off_ms
        self.code = verdict.code or self.code


class Disconnected(Unavailable):
    """The connection ended; `verdict` is there where Steam itself said why."""

    code = "cm.disconnected"

    def __init__(self, message: str, verdict: Verdict | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        if verdict is not None:
            self.back_off_ms = verdict.back_off_ms
            self.code = verdict.code or self.code


class SteamSilent(Disconnected):
    """The connection stood, and for some heartbeats nothing came over it."""

    code = "cm.silent"


class TokenRejected(TransportError):
    """A fresh connection and a sign-in with the password are needed; the old token is of no more use."""

    code = "token.rejected"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class RequestFailed(TransportError):
    """An invite, a message or another request that did not do what it was for."""

    code = "request.failed"


class RequestRefused(RequestFailed):
    """Steam answered, and not with OK."""

    code = "request.refused"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class RequestNotSent(RequestFailed):
    """No byte of it was given to the socket."""

    code = "request.notSent"


class MessageTooLong(RequestFailed):
    """Longer than Steam takes of this account; no part of it was sent."""

    code = "message.tooLong"


class RequestInDoubt(RequestFailed):
    """It may have been carried out or not."""

    code = "request.inDoubt"
