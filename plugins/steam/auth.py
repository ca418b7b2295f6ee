"""Sign-in with name, password and mobile code as a state machine: answers and the time in, the next call out.

The way is Steam's own (Authentication service over the CM connection, before ClientLogon): ask for the account's RSA
key, begin with the encrypted password, give a code, poll until the tokens come. No socket, no clock, no secret in a
repr. Times are unix milliseconds of Steam's clock, for codes are made from them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from google.protobuf.message import Message

from plugins.steam import mafile
from plugins.steam.codes import SteamReason
from plugins.steam.errors import MaFileInvalid, SignInDeferred, SignInRejected
from plugins.steam.machine import WINDOWS_10, machine_id, machine_name
from plugins.steam.policy import MINUTE, SECOND, Context, Step, Verdict, judge
from plugins.steam.secrets import BotSecrets
from plugins.steam.steam_clock import CodeSteps, SteamClock
from plugins.steam_protocol import jwt, totp
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import FrameError, TokenMalformed
from plugins.steam_protocol.frames import Frame
from plugins.steam_protocol.services import (
    BEGIN_AUTH_SESSION_VIA_CREDENTIALS,
    GET_PASSWORD_RSA_PUBLIC_KEY,
    POLL_AUTH_SESSION_STATUS,
    UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE,
    Method,
)

MAX_CODES = 3  # codes that are tried before a person has to look
POLL_FOR = 30 * SECOND
MAX_PASSWORD = 64  # characters; Steam's own client cuts there
CLOCK_RETRY = 5 * MINUTE
_MARGIN = SECOND  # into a new window, so that Steam is in it too
_MAX_MODULUS = 2048  # hex digits

_NO_CONFIRMATION, _EMAIL_CODE, _DEVICE_CODE = 1, 2, 3  # EAuthSessionGuardType
_PERSISTENT = 1
_STEAM_CLIENT = 1  # EAuthTokenPlatformType
_DESKTOP = 1  # gaming_device_type


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """Call this service method, and give the answer to `SignIn.answered`."""

    method: Method[Any, Any]
    request: Message

    def __repr__(self) -> str:
        return f"Call({self.method.name})"


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until then, and go on with `SignIn.woken`."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class AskTime:
    """Ask Steam what time it is, and go on with `SignIn.woken` whatever comes of it."""


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """The end: what to keep for the next sign-ins, before anything else is done with it."""

    refresh_token: str
    guard_data: str | None
    steam_id64: int

    def __repr__(self) -> str:
        return f"Tokens(steam_id64={self.steam_id64}, …)"


@dataclass(frozen=True, slots=True, repr=False)
class WebCall:
    """Call this method over the web API through the bot's proxy, and give the answer to `answered`."""

    method: Method[Any, Any]
    request: Message
    access_token: str | None = None

    def __repr__(self) -> str:
        return f"WebCall({self.method.name})"


Action = Call | WebCall | AskTime | Wait | Tokens


def stored_token(secrets: BotSecrets, now_ms: int) -> jwt.Claims | None:
    """What the stored token says of itself, where a CM may take it; None where a sign-in with password is due."""
    if secrets.refresh_token is None:
        return None
    try:
        claims = jwt.claims(secrets.refresh_token)
    except TokenMalformed:
        return None
    foreign = secrets.steam_id64 is not None and claims.steam_id64 != secrets.steam_id64
    if foreign or not claims.is_client_refresh_token or claims.expired(now_ms / SECOND):
        return None
    return claims


def mobile_token(secrets: BotSecrets, now_ms: int) -> str | None:
    """The refresh token of the mobile app in the bot's maFile, where it still holds and is this account's."""
    try:
        token = mafile.parse(secrets.mafile).refresh_token
        if token is None:
            return None
        claims = jwt.claims(token)
    except (MaFileInvalid, TokenMalformed):
        return None
    foreign = secrets.steam_id64 is not None and claims.steam_id64 != secrets.steam_id64
    if foreign or not claims.is_mobile_refresh_token or claims.expired(now_ms / SECOND):
        return None
    return token


class AuthSession:
    """What all ways to new tokens have in common: calls one after another, and polling at the end.

    `begin` gives the first action. Raises `SignInRejected` or `SignInDeferred` where it ends without tokens.
    """

    def __init__(self, secrets: BotSecrets) -> None:
        self._secrets = secrets
        self._next: Callable[[Any, int], Action] = self._polled
        self._steam_id64 = 0
        self._client_id = 0
        self._request_id = b""
        self._interval_ms = 5 * SECOND
        self._poll_until: int | None = None
        self._asked: Method[Any, Any] = POLL_AUTH_SESSION_STATUS

    def begin(self) -> Action:
        """The first action."""
        raise NotImplementedError

    def answered(self, result: int, answer: Frame, now_ms: int) -> Action:
        """Go on with the answer to the last call: what Steam says of it, and the message with the response."""
        verdict = judge(Context.SIGN_IN, result)
        if verdict.step is not Step.PROCEED:
            return self._refused(verdict, now_ms)
        try:
            return self._next(answer.parse(self._asked.response_class), now_ms)
        except (FrameError, TokenMalformed, ValueError) as error:
            raise SignInDeferred(judge(Context.SIGN_IN, EResult.BAD_RESPONSE)) from error

    def woken(self, now_ms: int) -> Action:
        """Go on after a `Wait`."""
        return self._poll()

    def _refused(self, verdict: Verdict, now_ms: int) -> Action:
        if verdict.step in (Step.STOP, Step.NEXT_CODE):
            raise SignInRejected(str(verdict), verdict)
        raise SignInDeferred(verdict)

    def _call(self, method: Method[Any, Any], request: Message, then: Callable[[Any, int], Action]) -> Call:
        self._asked, self._next = method, then
        return Call(method, request)

    def _device(self) -> m.CAuthentication_DeviceDetails:
        return m.CAuthentication_DeviceDetails(
            device_friendly_name=machine_name(self._secrets.account_name),
            platform_type=_STEAM_CLIENT,
            os_type=WINDOWS_10,
            gaming_device_type=_DESKTOP,
            machine_id=machine_id(self._secrets.account_name),
        )

    def _started(self, client_id: int, request_id: bytes, interval: float) -> None:
        self._client_id, self._request_id = client_id, request_id
        if 0.1 <= interval <= 10:
            self._interval_ms = int(interval * SECOND)

    def _poll(self) -> Call:
        return self._call(
            POLL_AUTH_SESSION_STATUS,
            m.CAuthentication_PollAuthSessionStatus_Request(client_id=self._client_id, request_id=self._request_id),
            self._polled,
        )

    def _polled(self, status: m.CAuthentication_PollAuthSessionStatus_Response, now_ms: int) -> Action:
        if status.new_client_id:
            self._client_id = status.new_client_id
        if not status.refresh_token:
            if self._poll_until is None:
                self._poll_until = now_ms + POLL_FOR
            if now_ms >= self._poll_until:
                raise SignInDeferred(judge(Context.SIGN_IN, EResult.TIMEOUT))
            return Wait(now_ms + self._interval_ms)
        claims = jwt.claims(status.refresh_token)
        if not claims.is_client_refresh_token or claims.steam_id64 != self._steam_id64:
            raise ValueError("a token for something or somebody else")
        return Tokens(
            status.refresh_token,
            status.new_guard_data or self._secrets.guard_data,
            claims.steam_id64,
        )


class SignIn(AuthSession):
    """One sign-in of one account by password and code."""

    def __init__(self, secrets: BotSecrets, time: SteamClock | None = None, steps: CodeSteps | None = None) -> None:
        """`time`: what codes are made by; left out, the times that are handed in are Steam's for sure."""
        password = (secrets.password or "").encode("ascii", "ignore")[:MAX_PASSWORD]
        if not password:
            raise SignInRejected(
                "the bot has no token that Steam still takes and no password to get one; "
                "remove the bot and add it again with its password",
                code=SteamReason.PASSWORD_NEEDED,
            )
        super().__init__(secrets)
        self._password = password
        self._time = time
        self._steps = steps or CodeSteps()
        self._codes = 0
        self._asked_time = False

    def begin(self) -> Call:
        """The first call."""
        return self._call(
            GET_PASSWORD_RSA_PUBLIC_KEY,
            m.CAuthentication_GetPasswordRSAPublicKey_Request(account_name=self._secrets.account_name),
            self._key_came,
        )

    def woken(self, now_ms: int) -> Action:
        if self._asked in (BEGIN_AUTH_SESSION_VIA_CREDENTIALS, UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE):
            return self._next_code(now_ms)
        return self._poll()

    def _refused(self, verdict: Verdict, now_ms: int) -> Action:
        if verdict.step is Step.NEXT_CODE and self._asked is UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE:
            return self._code_refused(verdict, now_ms)
        return super()._refused(verdict, now_ms)

    def _code_refused(self, verdict: Verdict, now_ms: int) -> Action:
        """The clock or the maFile: Steam is asked for its time before the one is blamed for the other."""
        time = self._time
        if time is not None and not self._asked_time and not time.exact:
            self._asked_time = True
            return AskTime()
        if time is not None and not time.known:
            self._steps.doubt(self._secrets.account_name, time)
            raise SignInDeferred(clock_in_doubt(verdict))
        if self._codes >= MAX_CODES:
            raise SignInRejected(str(verdict), verdict)
        return self._next_code(now_ms)

    def _key_came(self, key: m.CAuthentication_GetPasswordRSAPublicKey_Response, now_ms: int) -> Action:
        request = m.CAuthentication_BeginAuthSessionViaCredentials_Request(
            account_name=self._secrets.account_name,
            encrypted_password=_encrypt(self._password, key.publickey_mod, key.publickey_exp),
            encryption_timestamp=key.timestamp,
            remember_login=True,
            persistence=_PERSISTENT,
            website_id="Client",
            device_details=self._device(),
        )
        if self._secrets.guard_data is not None:
            request.guard_data = self._secrets.guard_data
        return self._call(BEGIN_AUTH_SESSION_VIA_CREDENTIALS, request, self._begun)

    def _begun(self, session: m.CAuthentication_BeginAuthSessionViaCredentials_Response, now_ms: int) -> Action:
        if not session.client_id:  # how Steam puts some wrong passwords
            text = "Steam refused the account name or the password; remove the bot and add it again with the right ones"
            raise SignInRejected(text, code=SteamReason.PASSWORD_WRONG)
        if self._secrets.steam_id64 not in (None, session.steamid):
            raise SignInRejected(
                f"the login name {self._secrets.account_name!r} is of the account {session.steamid}, and the maFile "
                f"of {self._secrets.steam_id64}; remove the bot and add it again with the maFile of its own account",
                code=SteamReason.OTHER_ACCOUNT,
            )
        self._started(session.client_id, session.request_id, session.interval)
        self._steam_id64 = session.steamid
        offered = {confirmation.confirmation_type for confirmation in session.allowed_confirmations}
        if _DEVICE_CODE in offered:
            if self._time is not None and not self._time.sure and not self._time.exact:
                self._asked_time = True
                return AskTime()
            return self._next_code(now_ms)
        if not offered or _NO_CONFIRMATION in offered:
            return self._poll()
        by_mail = _EMAIL_CODE in offered
        wanted = "a code from the account's e-mail" if by_mail else "a tap in the mobile app"
        raise SignInRejected(
            f"Steam wants {wanted}, which only a person can give; put a mobile authenticator on the account, remove "
            "the bot and add it again with its maFile",
            code=SteamReason.EMAIL_CODE if by_mail else SteamReason.PERSON_ASKED,
        )

    def _next_code(self, now_ms: int) -> Action:
        """A code of a step that has given none yet: one that was refused, or taken, is refused for ever."""
        due = self._steps.due(self._secrets.account_name, now_ms)
        if due > now_ms:
            return Wait(due + _MARGIN)
        self._codes += 1
        self._steps.give(self._secrets.account_name, now_ms)
        return self._call(
            UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE,
            m.CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request(
                client_id=self._client_id,
                steamid=self._steam_id64,
                code=totp.code(self._secrets.shared_secret, now_ms // SECOND),
                code_type=_DEVICE_CODE,
            ),
            self._code_taken,
        )

    def _code_taken(self, _: Message, now_ms: int) -> Call:
        self._steps.settle(self._secrets.account_name)
        return self._poll()


def clock_in_doubt(verdict: Verdict | None = None) -> Verdict:
    """Codes are refused, and nobody has told Steam's time. The bot asks for that again, and gives no code before."""
    refused = verdict or judge(Context.SIGN_IN, EResult.TWO_FACTOR_CODE_MISMATCH)
    return replace(
        refused,
        step=Step.RETRY,
        back_off_ms=CLOCK_RETRY,
        advice="the mobile code is wrong, and Steam did not say what time it is, so this machine's clock may be off: "
        "set it, or let the bot's proxy through to Steam's web API, and the bot goes on by itself; where the clock is "
        "right, the maFile is of another account or of a removed authenticator",
        code=SteamReason.CLOCK_WRONG,
    )


def _encrypt(password: bytes, modulus: str, exponent: str) -> str:
    """RSA with PKCS#1 v1.5, as Steam wants it; base64. ValueError for a key that is none."""
    if len(modulus) > _MAX_MODULUS or len(exponent) > _MAX_MODULUS:
        raise ValueError("an RSA key beyond all measure")
    key = RSAPublicNumbers(int(exponent, 16), int(modulus, 16)).public_key()
    return base64.b64encode(key.encrypt(password, PKCS1v15())).decode()
