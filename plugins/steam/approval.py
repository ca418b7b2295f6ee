"""Sign-in without a password: the bot begins one as a QR code would, and approves it itself with its maFile.

For that it needs the mobile app's refresh token, which SDA and others keep in the maFile's session, and the
shared_secret. The sign-in goes over the CM connection, its approval over the web API, both through the bot's proxy.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable
from typing import Any

from plugins.steam.auth import Action, AuthSession, Call, WebCall
from plugins.steam.codes import SteamReason
from plugins.steam.errors import SignInRejected
from plugins.steam.policy import Step, Verdict
from plugins.steam.secrets import BotSecrets
from plugins.steam_protocol import jwt
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.services import (
    BEGIN_AUTH_SESSION_VIA_QR,
    GENERATE_ACCESS_TOKEN_FOR_APP,
    UPDATE_AUTH_SESSION_WITH_MOBILE_CONFIRMATION,
)

_PERSISTENT = 1
_DEAD = frozenset(
    {
        EResult.INVALID_PASSWORD,
        EResult.ACCESS_DENIED,
        EResult.REVOKED,
        EResult.EXPIRED,
        EResult.CACHED_CREDENTIAL_INVALID,
    }
)


class Approval(AuthSession):
    """One sign-in of one account by its own approval."""

    def __init__(self, secrets: BotSecrets, token: str) -> None:
        """`token`: a live refresh token of the mobile app; raises `TokenMalformed` where it is none."""
        super().__init__(secrets)
        self._token = token
        self._steam_id64 = jwt.claims(token).steam_id64
        self._access_token = ""

    def begin(self) -> Action:
        """A mobile access token first: where the maFile's session is dead nothing is begun in vain."""
        request = m.CAuthentication_AccessToken_GenerateForApp_Request(
            refresh_token=self._token, steamid=self._steam_id64
        )
        return self._web_call(WebCall(GENERATE_ACCESS_TOKEN_FOR_APP, request), self._derived)

    def _refused(self, verdict: Verdict, now_ms: int) -> Action:
        asked = self._asked
        if asked is UPDATE_AUTH_SESSION_WITH_MOBILE_CONFIRMATION and verdict.result == EResult.DUPLICATE_REQUEST:
            return self._poll()
        own = asked in (GENERATE_ACCESS_TOKEN_FOR_APP, UPDATE_AUTH_SESSION_WITH_MOBILE_CONFIRMATION)
        if own and (verdict.result in _DEAD or verdict.step in (Step.STOP, Step.NEXT_CODE)):
            what = (
                "takes the mobile token in the bot's maFile no more"
                if asked is GENERATE_ACCESS_TOKEN_FOR_APP
                else "does not let the maFile approve a sign-in"
            )
            raise SignInRejected(
                f"Steam {what} ({verdict.name}), and without it a sign-in needs the password; "
                "remove the bot and add it again with its password",
                code=SteamReason.PASSWORD_NEEDED,
            )
        return super()._refused(verdict, now_ms)

    def _web_call(self, call: WebCall, then: Callable[[Any, int], Action]) -> WebCall:
        self._call(call.method, call.request, then)
        return call

    def _derived(self, tokens: m.CAuthentication_AccessToken_GenerateForApp_Response, now_ms: int) -> Call:
        if not tokens.access_token:
            raise ValueError("no access token")
        self._access_token = tokens.access_token
        request = m.CAuthentication_BeginAuthSessionViaQR_Request(device_details=self._device(), website_id="Client")
        return self._call(BEGIN_AUTH_SESSION_VIA_QR, request, self._begun)

    def _begun(self, session: m.CAuthentication_BeginAuthSessionViaQR_Response, now_ms: int) -> WebCall:
        if not session.client_id:
            raise ValueError("no sign-in")
        self._started(session.client_id, session.request_id, session.interval)
        request = m.CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request(
            version=session.version,
            client_id=session.client_id,
            steamid=self._steam_id64,
            signature=signature(self._secrets.shared_secret, session.version, session.client_id, self._steam_id64),
            confirm=True,
            persistence=_PERSISTENT,
        )
        call = WebCall(UPDATE_AUTH_SESSION_WITH_MOBILE_CONFIRMATION, request, self._access_token)
        return self._web_call(call, self._approved)

    def _approved(self, _: object, now_ms: int) -> Call:
        return self._poll()


def signature(shared_secret: bytes, version: int, client_id: int, steam_id64: int) -> bytes:
    """What the app signs an approval with: HMAC-SHA256 of u16 version, u64 client id, u64 SteamID, little-endian."""
    return hmac.new(
        shared_secret, struct.pack("<HQQ", version & 0xFFFF, client_id, steam_id64), hashlib.sha256
    ).digest()
