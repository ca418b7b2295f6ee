"""The authentication service: password, Steam Guard code, tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from plugins.steam_protocol import services, totp
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CAuthentication_AccessToken_GenerateForApp_Request,
    CAuthentication_AccessToken_GenerateForApp_Response,
    CAuthentication_AllowedConfirmation,
    CAuthentication_BeginAuthSessionViaCredentials_Request,
    CAuthentication_BeginAuthSessionViaCredentials_Response,
    CAuthentication_BeginAuthSessionViaQR_Request,
    CAuthentication_BeginAuthSessionViaQR_Response,
    CAuthentication_GetPasswordRSAPublicKey_Request,
    CAuthentication_GetPasswordRSAPublicKey_Response,
    CAuthentication_PollAuthSessionStatus_Request,
    CAuthentication_PollAuthSessionStatus_Response,
    CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request,
    CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response,
    CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request,
    CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response,
)
from plugins.steam_sim import tokens
from plugins.steam_sim.accounts import Accounts, BotAccount
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.certificate import PasswordKey
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.service_table import ServiceCaller, ServiceTable
from plugins.steam_sim.world import CodeUsed, TokenIssued

EMAIL_CODE, DEVICE_CODE, DEVICE_CONFIRMATION = 2, 3, 4
"""What an account with a mobile authenticator offers: its code, or a tap in its app; without one, a code by e-mail."""

APPROVAL_VERSION = 1
MOBILE = "mobile"

SESSION_LIFETIME = 300
"""Seconds in which a begun sign-in must be finished."""

MAX_SESSIONS = 50_000
"""Sign-ins under way; the oldest is forgotten for a newer one."""

Wall = Callable[[], float]
"""Unix seconds of the real world: what codes and tokens go by, whatever the simulation's own clock shows."""


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """A Steam Guard code that came in for an account, and what Steam answered."""

    account: int
    code: str
    eresult: int


@dataclass(slots=True)
class _SignIn:
    account: BotAccount | None
    """None: begun for whoever approves it."""
    request_id: bytes
    audience: tuple[str, ...]
    begun: float
    approved: bool = False
    tokens: CAuthentication_PollAuthSessionStatus_Response | None = None
    """Its tokens, once a poll has had them."""


class Authentication:
    """Answers the methods of Steam's Authentication service, and says whose a refresh token is."""

    def __init__(
        self,
        accounts: Accounts,
        backend: Backend,
        key: PasswordKey,
        faults: Faults,
        wall: Wall,
        poll_interval: float,
    ) -> None:
        self._accounts = accounts
        self._backend = backend
        self._key = key
        self._faults = faults
        self._wall = wall
        self._poll_interval = poll_interval
        self._sign_ins: dict[int, _SignIn] = {}
        self.codes: deque[CodeGiven] = deque(maxlen=MAX_SESSIONS)
        """The codes that came in, oldest first."""
        self._mobile: dict[str, TokenIssued] = {}  # by the digest of an access token, the refresh token behind it

    def serve(self, table: ServiceTable) -> None:
        """Put this service's methods into the table."""
        table.answer(services.GET_PASSWORD_RSA_PUBLIC_KEY, self._public_key)
        table.answer(services.BEGIN_AUTH_SESSION_VIA_CREDENTIALS, self._begin)
        table.answer(services.UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE, self._take_code)
        table.answer(services.POLL_AUTH_SESSION_STATUS, self._poll)
        table.answer(services.GENERATE_ACCESS_TOKEN_FOR_APP, self._renew)
        table.answer(services.BEGIN_AUTH_SESSION_VIA_QR, self._begin_for_anybody)

    def owner(self, token: str) -> BotAccount | None:
        """Whose refresh token this is, if a CM takes it: known, not over, and for a client."""
        held = self._backend.world.token(tokens.digest(token))
        if held is None or held.expires_at <= self._wall() or "client" not in held.audience:
            return None
        return self._accounts.bot(held.owner)

    def _public_key(
        self, _: ServiceCaller, request: CAuthentication_GetPasswordRSAPublicKey_Request
    ) -> CAuthentication_GetPasswordRSAPublicKey_Response:
        """Steam gives a key for any name, so that nobody learns here which accounts exist."""
        account = self._accounts.by_login(request.account_name)
        self._faults.refuse(FaultKind.KEY_RESULT, account.steam_id64 if account else None)
        key = self._key.public
        return CAuthentication_GetPasswordRSAPublicKey_Response(
            publickey_mod=key.modulus, publickey_exp=key.exponent, timestamp=key.timestamp
        )

    def _begin(
        self, _: ServiceCaller, request: CAuthentication_BeginAuthSessionViaCredentials_Request
    ) -> CAuthentication_BeginAuthSessionViaCredentials_Response:
        account = self._accounts.by_login(request.account_name)
        self._faults.refuse(FaultKind.BEGIN_RESULT, account.steam_id64 if account else None)
        # Since 2023-03 Steam wants to know the platform, of old in `platform_type`, today in `device_details`.
        audience = tokens.AUDIENCES.get(request.device_details.platform_type or request.platform_type)
        if audience is None:
            raise SteamRefused(EResult.INVALID_PARAM, "device_details.platform_type is missing or unknown")
        if request.encryption_timestamp != self._key.public.timestamp:
            raise SteamRefused(EResult.INVALID_PARAM, "encryption_timestamp belongs to no key")
        password = self._key.decrypt(request.encrypted_password)
        if account is None or password is None or not _same(password, account.password):
            raise SteamRefused(EResult.INVALID_PASSWORD, "no account has this name and password")
        client_id, sign_in = self._open(account, audience)
        by_mail = self._faults.active(FaultKind.EMAIL_GUARD, account.steam_id64) is not None
        return CAuthentication_BeginAuthSessionViaCredentials_Response(
            client_id=client_id,
            request_id=sign_in.request_id,
            interval=self._poll_interval,
            allowed_confirmations=[
                CAuthentication_AllowedConfirmation(confirmation_type=kind)
                for kind in ((EMAIL_CODE,) if by_mail else (DEVICE_CODE, DEVICE_CONFIRMATION))
            ],
            steamid=account.steam_id64,
        )

    def _begin_for_anybody(
        self, _: ServiceCaller, request: CAuthentication_BeginAuthSessionViaQR_Request
    ) -> CAuthentication_BeginAuthSessionViaQR_Response:
        self._faults.refuse(FaultKind.BEGIN_RESULT, None)
        audience = tokens.AUDIENCES.get(request.device_details.platform_type or request.platform_type)
        if audience is None:
            raise SteamRefused(EResult.INVALID_PARAM, "device_details.platform_type is missing or unknown")
        client_id, sign_in = self._open(None, audience)
        return CAuthentication_BeginAuthSessionViaQR_Response(
            client_id=client_id,
            challenge_url=f"https://s.team/q/{APPROVAL_VERSION}/{client_id}",
            request_id=sign_in.request_id,
            interval=self._poll_interval,
            allowed_confirmations=[CAuthentication_AllowedConfirmation(confirmation_type=DEVICE_CONFIRMATION)],
            version=APPROVAL_VERSION,
        )

    def derive(
        self, request: CAuthentication_AccessToken_GenerateForApp_Request
    ) -> CAuthentication_AccessToken_GenerateForApp_Response:
        """Over the web API, where the mobile app's tokens alone are taken: an access token of its own."""
        held = self._backend.world.token(tokens.digest(request.refresh_token))
        if held is None or held.expires_at <= self._wall() or held.owner != request.steamid:
            raise SteamRefused(EResult.ACCESS_DENIED, "not a refresh token of this account")
        if MOBILE not in held.audience:
            raise SteamRefused(EResult.ACCESS_DENIED, "a client's token is renewed over its own session only")
        self._faults.refuse(FaultKind.RENEW_RESULT, held.owner)
        token = tokens.access_token(held, int(self._wall()))
        if len(self._mobile) >= MAX_SESSIONS:
            del self._mobile[next(iter(self._mobile))]
        self._mobile[token.digest] = held
        return CAuthentication_AccessToken_GenerateForApp_Response(access_token=token.text)

    def approve(
        self, access_token: str, request: CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request
    ) -> CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response:
        """Over the web API: the app, which signs with the authenticator's secret, lets a sign-in in or denies it."""
        held = self._mobile.get(tokens.digest(access_token))
        account = self._accounts.bot(held.owner) if held is not None else None
        alive = held is not None and self._backend.world.token(held.digest) is not None
        if account is None or not alive or account.steam_id64 != request.steamid:
            raise SteamRefused(EResult.ACCESS_DENIED, "not an access token of this account's mobile app")
        self._faults.refuse(FaultKind.APPROVAL_RESULT, account.steam_id64)
        signed = struct.pack("<HQQ", request.version & 0xFFFF, request.client_id, request.steamid)
        own = hmac.new(account.shared_secret, signed, hashlib.sha256).digest()
        if request.version != APPROVAL_VERSION or not hmac.compare_digest(own, request.signature):
            raise SteamRefused(EResult.INVALID_PARAM, "the approval is not signed with this account's shared_secret")
        sign_in = self._sign_in(request.client_id)
        if sign_in.approved:
            raise SteamRefused(EResult.DUPLICATE_REQUEST, "this sign-in is approved already")
        if sign_in.account not in (None, account):
            raise SteamRefused(EResult.FILE_NOT_FOUND, "no such sign-in of this account")
        if request.confirm:
            sign_in.account, sign_in.approved = account, True
        else:
            del self._sign_ins[request.client_id]
        return CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response()

    def mobile_token(self, account: BotAccount) -> str:
        """A live refresh token as the account's mobile app has it, and a maFile with it."""
        return self._issue(account, tokens.AUDIENCES[3])[0].text

    def _take_code(
        self, _: ServiceCaller, request: CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request
    ) -> CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response:
        sign_in = self._sign_in(request.client_id)
        if sign_in.account is None:
            raise SteamRefused(EResult.INVALID_PARAM, "this sign-in is approved in the app")
        try:
            response = self._judge_code(sign_in, sign_in.account, request)
        except SteamRefused as refused:
            self.codes.append(CodeGiven(sign_in.account.steam_id64, request.code, refused.eresult))
            raise
        self.codes.append(CodeGiven(sign_in.account.steam_id64, request.code, EResult.OK))
        return response

    def _judge_code(
        self,
        sign_in: _SignIn,
        account: BotAccount,
        request: CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request,
    ) -> CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response:
        self._faults.refuse(FaultKind.CODE_RESULT, account.steam_id64)
        if account.steam_id64 != request.steamid:
            raise SteamRefused(EResult.FILE_NOT_FOUND, "no such sign-in of this account")
        if request.code_type != DEVICE_CODE:
            raise SteamRefused(EResult.INVALID_PARAM, "only the authenticator's code is offered")
        if sign_in.approved:
            raise SteamRefused(EResult.DUPLICATE_REQUEST, "this sign-in is approved already")
        step = self._step_of(account, request.code)
        if step is None:
            raise SteamRefused(EResult.TWO_FACTOR_CODE_MISMATCH, "the code is wrong, too old, or was used before")
        self._backend.commit(CodeUsed(account.steam_id64, step))
        sign_in.approved = True
        return CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response()

    def _poll(
        self, _: ServiceCaller, request: CAuthentication_PollAuthSessionStatus_Request
    ) -> CAuthentication_PollAuthSessionStatus_Response:
        sign_in = self._sign_in(request.client_id)
        self._faults.refuse(FaultKind.POLL_RESULT, sign_in.account.steam_id64 if sign_in.account else None)
        if not hmac.compare_digest(sign_in.request_id, request.request_id):
            raise SteamRefused(EResult.FILE_NOT_FOUND, "no such sign-in")
        if sign_in.tokens is not None:  # steamio polls twice side by side, and signs in to Steam so
            return sign_in.tokens
        account = sign_in.account
        if account is None or not sign_in.approved or self._faults.take(FaultKind.POLL_PENDING, account.steam_id64):
            return CAuthentication_PollAuthSessionStatus_Response(had_remote_interaction=False)
        refresh, issued = self._issue(account, sign_in.audience)
        sign_in.tokens = CAuthentication_PollAuthSessionStatus_Response(
            refresh_token=refresh.text,
            access_token=tokens.access_token(issued, int(self._wall())).text,
            had_remote_interaction=False,
            account_name=account.login,
        )
        return sign_in.tokens

    def _renew(
        self, caller: ServiceCaller, request: CAuthentication_AccessToken_GenerateForApp_Request
    ) -> CAuthentication_AccessToken_GenerateForApp_Response:
        """Only over a session that is logged on, since 2025-04-30; a renewed token kills the old one at once."""
        if caller.session is None:
            raise SteamRefused(EResult.ACCESS_DENIED, "a client's token is renewed over its own session only")
        self._faults.refuse(FaultKind.RENEW_RESULT, caller.session.steam_id64)
        held = self._backend.world.token(tokens.digest(request.refresh_token))
        now = int(self._wall())
        if held is None or held.expires_at <= now or held.owner != caller.session.steam_id64:
            raise SteamRefused(EResult.ACCESS_DENIED, "not a refresh token of this account")
        response = CAuthentication_AccessToken_GenerateForApp_Response()
        if request.renewal_type == 1 and held.expires_at - now < tokens.RENEWAL_WINDOW:
            account = self._accounts.bot(held.owner)
            assert account is not None
            refresh, held = self._issue(account, held.audience, replaces=held.digest)
            response.refresh_token = refresh.text
        response.access_token = tokens.access_token(held, now).text
        return response

    def _open(self, account: BotAccount | None, audience: tuple[str, ...]) -> tuple[int, _SignIn]:
        client_id = secrets.randbits(63) | 1
        while self._sign_ins:
            oldest = next(iter(self._sign_ins))
            over = self._wall() - self._sign_ins[oldest].begun > SESSION_LIFETIME
            if not over and len(self._sign_ins) < MAX_SESSIONS:
                break
            del self._sign_ins[oldest]
        sign_in = self._sign_ins[client_id] = _SignIn(account, secrets.token_bytes(16), audience, self._wall())
        return client_id, sign_in

    def _issue(
        self, account: BotAccount, audience: tuple[str, ...], replaces: str = ""
    ) -> tuple[tokens.Token, TokenIssued]:
        token = tokens.refresh_token(account.steam_id64, audience, int(self._wall()))
        issued = TokenIssued(token.digest, token.identity, account.steam_id64, audience, token.expires_at, replaces)
        self._backend.commit(issued)
        return token, issued

    def _sign_in(self, client_id: int) -> _SignIn:
        sign_in = self._sign_ins.get(client_id)
        if sign_in is None:
            raise SteamRefused(EResult.FILE_NOT_FOUND, "no such sign-in")
        if self._wall() - sign_in.begun > SESSION_LIFETIME:
            del self._sign_ins[client_id]
            raise SteamRefused(EResult.EXPIRED, "this sign-in took too long")
        return sign_in

    def _step_of(self, account: BotAccount, code: str) -> int | None:
        """The 30-second step, this or the last one, whose unused code this is."""
        now = int(self._wall()) // totp.STEP_SECONDS
        used = self._backend.world.last_code_step(account.steam_id64)
        for step in (now, now - 1):
            if step > used and _same(totp.code(account.shared_secret, step * totp.STEP_SECONDS), code):
                return step
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
