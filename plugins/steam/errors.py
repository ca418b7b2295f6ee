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

from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.steam.policy import SECOND, Verdict


class TransportError(Exception):
    """Everything that this package raises on purpose."""

    code: SteamReason | SteamRefusal = SteamReason.STEAM_FAILED


class InputInvalid(TransportError):
    """Something that a person handed in; the message names the part and what to do, never its value."""

    code: SteamRefusal

    def __init__(self, code: SteamRefusal, message: str) -> None:
        super().__init__(message)
        self.code = code


class MaFileInvalid(InputInvalid):
    """This maFile cannot be used; `field` names the key where one is to blame."""

    def __init__(self, code: SteamRefusal, message: str, field: str | None = None) -> None:
        super().__init__(code, message)
        self.field = field


class ProxyInvalid(InputInvalid):
    """This proxy URL cannot be used."""


class SecretsUnreadable(TransportError):
    """The store's key or one of its files is missing, foreign or damaged."""

    def __init__(self, code: SteamReason, message: str) -> None:
        super().__init__(message)
        self.code = code


class PersonNeeded(TransportError):
    """Not to be tried again before a person has changed something."""


class ProxyRefusedCredentials(PersonNeeded):
    """The proxy wants another user name or password."""

    code = SteamReason.PROXY_CREDENTIALS_REFUSED


class SignInRejected(PersonNeeded):
    """Steam refused the sign-in in a way that repeating does not mend."""

    code = SteamReason.SIGN_IN_REJECTED

    def __init__(self, message: str, verdict: Verdict | None = None, code: SteamReason | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.code = code or (verdict.reason if verdict is not None else None) or self.code


class Unavailable(TransportError):
    """To be tried again by itself, with growing waits, the first no shorter than `back_off_ms`."""

    code = SteamReason.STEAM_UNAVAILABLE
    back_off_ms = 5 * SECOND


class ProxyUnreachable(Unavailable):
    """No tunnel, and the reason is the proxy or the way to it."""

    code = SteamReason.PROXY_UNREACHABLE


class ProxyRefusedTarget(Unavailable):
    """The proxy spoke with us and did not open a tunnel to this address."""

    code = SteamReason.PROXY_TARGET_REFUSED


class DirectoryUnreachable(Unavailable):
    """Nobody told us where the CMs are."""

    code = SteamReason.DIRECTORY_UNREACHABLE


class WebApiUnreachable(Unavailable):
    """A sign-in without a password needs the web API, and it did not answer."""

    code = SteamReason.WEB_API_UNREACHABLE


class CmUnreachable(Unavailable):
    """The tunnel stood; TLS, the WebSocket handshake or the CM's first answers did not come."""

    code = SteamReason.CM_UNREACHABLE


class SecretsOutOfReach(Unavailable):
    """Nothing is known of the secrets, since their folder is not where it was. None of them is gone."""

    code = SteamReason.SECRETS_OUT_OF_REACH
    back_off_ms = 60 * SECOND


class SignInDeferred(Unavailable):
    """Steam refused the sign-in for now."""

    code = SteamReason.SIGN_IN_DEFERRED

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.back_off_ms = verdict.back_off_ms
        self.code = verdict.reason or self.code


class Disconnected(Unavailable):
    """The connection ended; `verdict` is there where Steam itself said why."""

    code = SteamReason.CM_DISCONNECTED

    def __init__(self, message: str, verdict: Verdict | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        if verdict is not None:
            self.back_off_ms = verdict.back_off_ms
            self.code = verdict.reason or self.code


class SteamSilent(Disconnected):
    """The connection stood, and for some heartbeats nothing came over it."""

    code = SteamReason.CM_SILENT


class TokenRejected(TransportError):
    """A fresh connection and a sign-in with the password are needed; the old token is of no more use."""

    code = SteamReason.TOKEN_REJECTED

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class RequestFailed(TransportError):
    """An invite, a message or another request that did not do what it was for."""


class RequestRefused(RequestFailed):
    """Steam answered, and not with OK."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class RequestNotSent(RequestFailed):
    """No byte of it was given to the socket."""


class MessageTooLong(RequestFailed):
    """Longer than Steam takes of this account; no part of it was sent."""


class RequestInDoubt(RequestFailed):
    """It may have been carried out or not."""
