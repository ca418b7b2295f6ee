"""The logon: whom a CM lets in, and the burst of messages that greets them."""

from __future__ import annotations

import ipaddress

from google.protobuf.message import Message

from plugins.steam_protocol import frames
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CMsgClientAccountInfo,
    CMsgClientCMList,
    CMsgClientEmailAddrInfo,
    CMsgClientLoggedOff,
    CMsgClientLogon,
    CMsgClientLogonResponse,
    CMsgClientServersAvailable,
    CMsgIPAddress,
    CMsgProtoBufHeader,
)
from plugins.steam_sim import greeting
from plugins.steam_sim.auth import Authentication, Wall
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.persona import Personas
from plugins.steam_sim.session import ClientChannel, LogonSession, LogonSessions
from plugins.steam_sim.social import Social

LIMITED_USER, EMAIL_VALIDATED, LOCKDOWN = 4096, 16384, 8388608
"""EAccountFlags."""
CELL_ID = 5


class Logon:
    """Admits accounts by their refresh token."""

    def __init__(
        self,
        authentication: Authentication,
        sessions: LogonSessions,
        social: Social,
        personas: Personas,
        faults: Faults,
        wall: Wall,
        heartbeat_seconds: int,
    ) -> None:
        self._authentication = authentication
        self._sessions = sessions
        self._social = social
        self._personas = personas
        self._faults = faults
        self._wall = wall
        self._heartbeat_seconds = heartbeat_seconds

    def account(self, request: CMsgClientLogon) -> int | None:
        """Who wants in, as far as the token tells."""
        owner = self._authentication.owner(request.access_token)
        return owner.steam_id64 if owner else None

    def admit(
        self, request: CMsgClientLogon, header: CMsgProtoBufHeader, line: ClientChannel, address: str
    ) -> LogonSession:
        """A new session, in the place of the one that the same client had; `SteamRefused` with InvalidPassword for
        a token that is dead, made for something else, or another account's than the message says."""
        account = self._authentication.owner(request.access_token)
        self._faults.refuse(FaultKind.LOGON_RESULT, account.steam_id64 if account else None)
        if account is None:
            raise SteamRefused(EResult.INVALID_PASSWORD, "no client refresh token")
        if request.account_name and request.account_name.lower() != account.login:
            raise SteamRefused(EResult.INVALID_PASSWORD, "a token of another account")
        # SteamKit sends the SteamID of account 0 and the account's name instead.
        if header.steamid & 0xFFFF_FFFF and header.steamid != account.steam_id64:
            raise SteamRefused(EResult.INVALID_PASSWORD, "a token of another account")
        session = LogonSession(
            steam_id64=account.steam_id64,
            session_id=self._sessions.next_id(),
            login_id=request.obfuscated_private_ip.v4,
            address=address,
            line=line,
            # of a trade hold Steam says nothing at the logon
            standing=self._faults.standing(account.steam_id64)._replace(trade_held=False),
        )
        if (replaced := self._sessions.add(session)) is not None:
            replaced.send(EMsg.CLIENT_LOGGED_OFF, CMsgClientLoggedOff(eresult=EResult.LOGON_SESSION_REPLACED))
            replaced.line.hang_up()
        return session

    def welcome(self, session: LogonSession) -> bytes:
        """Everything that Steam sends after a logon, in one gzip Multi, in the order of its servers."""
        account = session.steam_id64
        name = self._personas.name(account)
        burst: list[tuple[int, Message | bytes]] = [
            (EMsg.CLIENT_SERVERS_AVAILABLE, CMsgClientServersAvailable()),
            (EMsg.CLIENT_LOG_ON_RESPONSE, self._response(session)),
            (
                EMsg.CLIENT_ACCOUNT_INFO,
                CMsgClientAccountInfo(persona_name=name, ip_country="XX", account_flags=session.standing.flags()),
            ),
            (
                EMsg.CLIENT_EMAIL_ADDR_INFO,
                CMsgClientEmailAddrInfo(email_address="bot@example.invalid", email_is_validated=True),
            ),
            (EMsg.CLIENT_FRIENDS_LIST, self._social.friends_list(account)),
            *greeting.messages(session, int(self._wall())),
            (EMsg.CLIENT_PERSONA_STATE, self._personas.states([account])),
        ]
        if self._faults.take(FaultKind.CM_LIST_SENT, account):
            cms = CMsgClientCMList(
                cm_addresses=[0x7F000001], cm_ports=[1], cm_websocket_addresses=["127.0.0.1:1", "cm.invalid:443"]
            )
            burst.insert(2, (EMsg.CLIENT_CM_LIST, cms))
        return frames.pack_multi([greeting.frame(session, emsg, body) for emsg, body in burst])

    def now_ms(self) -> int:
        """What time it is at Steam."""
        return int(self._wall() * 1_000)

    def _response(self, session: LogonSession) -> CMsgClientLogonResponse:
        return CMsgClientLogonResponse(
            eresult=EResult.OK,
            legacy_out_of_game_heartbeat_seconds=self._heartbeat_seconds,
            heartbeat_seconds=self._heartbeat_seconds,
            rtime32_server_time=int(self._wall()),
            account_flags=session.standing.flags(),
            cell_id=CELL_ID,
            client_supplied_steamid=session.steam_id64,
            public_ip=_public_ip(session.address),
            ip_country_code="XX",
            user_country="XX",
        )


def _public_ip(address: str) -> CMsgIPAddress:
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return CMsgIPAddress(v4=int(parsed))
    return CMsgIPAddress(v6=parsed.packed)
