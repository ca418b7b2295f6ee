"""Sessions: who is logged on, over which connection, as what."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple, Protocol

from google.protobuf.message import Message

from plugins.steam_protocol import frames
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.messages import (
    CMsgClientAccountInfo,
    CMsgClientIsLimitedAccount,
    CMsgProtoBufHeader,
    CMsgTrading_InitiateTradeResponse,
)

DISABLED, LIMITED_USER, EMAIL_VALIDATED, LOCKDOWN = 2_048, 4_096, 16_384, 8_388_608
"""EAccountFlags."""
VAC_APP = 730
NEW_DEVICE_COOLDOWN = 25
"""EEconTradeResponse: whoever asks has signed in on a new device."""
TRADE_HELD_DAYS = 7


class ClientChannel(Protocol):
    """The way to a client; none of these blocks or fails, whatever state the socket is in."""

    def send(self, data: bytes) -> None:
        """Have one message sent."""

    def hang_up(self) -> None:
        """Close when everything before is sent."""

    def cut(self) -> None:
        """Close the TCP connection at once, as a cable does."""


class ToldStanding(NamedTuple):
    """What Steam holds against an account, as a client of it is told."""

    limited: bool = False
    locked: bool = False
    banned: bool = False
    disabled: bool = False
    vac_banned: bool = False
    trade_held: bool = False

    def flags(self) -> int:
        """EAccountFlags."""
        marks = (LIMITED_USER, self.limited), (LOCKDOWN, self.locked), (DISABLED, self.disabled)
        return EMAIL_VALIDATED | sum(flag for flag, on in marks if on)

    def limits(self) -> CMsgClientIsLimitedAccount:
        return CMsgClientIsLimitedAccount(
            bis_limited_account=self.limited, bis_community_banned=self.banned, bis_locked_account=self.locked
        )

    def vac_bans(self) -> bytes:
        """ClientVACBanStatus: u32 count; of each u32 first app, u32 last app, u32 that nobody has a name for."""
        return struct.pack("<IIII", 1, VAC_APP, VAC_APP, 0) if self.vac_banned else struct.pack("<I", 0)


UNTOLD: Final = ToldStanding()


@dataclass(eq=False, slots=True)
class LogonSession:
    """One logon of an account. `login_id` is the obfuscated private address that tells a client's logons apart."""

    steam_id64: int
    session_id: int
    login_id: int
    address: str
    line: ClientChannel
    persona_state: int = 0
    standing: ToldStanding = UNTOLD
    """As the client was told last."""

    def header(self) -> CMsgProtoBufHeader:
        """The header of everything that this session is sent."""
        return CMsgProtoBufHeader(steamid=self.steam_id64, client_sessionid=self.session_id)

    def learn(self, standing: ToldStanding) -> None:
        """Tell the client how its account stands now, as far as it does not know."""
        known, self.standing = self.standing, standing
        if standing[:3] != known[:3]:
            self.send(EMsg.CLIENT_IS_LIMITED_ACCOUNT, standing.limits())
        if standing.flags() != known.flags():
            self.send(EMsg.CLIENT_ACCOUNT_INFO, CMsgClientAccountInfo(account_flags=standing.flags()))
        if standing.vac_banned != known.vac_banned:
            self.line.send(frames.encode_struct(EMsg.CLIENT_VAC_BAN_STATUS, standing.vac_bans(), self.header()))
        if standing.trade_held != known.trade_held:
            answer = CMsgTrading_InitiateTradeResponse(response=NEW_DEVICE_COOLDOWN if standing.trade_held else 0)
            answer.new_device_cooldown_days = TRADE_HELD_DAYS if standing.trade_held else 0
            self.send(EMsg.ECON_TRADING_INITIATE_TRADE_RESULT, answer)

    def send(self, emsg: int, body: Message | bytes) -> None:
        self.line.send(frames.encode(emsg, body, self.header()))


class LogonSessions:
    """Everybody who is logged on, by account."""

    def __init__(self) -> None:
        self._by_account: dict[int, list[LogonSession]] = {}
        self._session_ids = count(1)

    def next_id(self) -> int:
        """A session id that no other logon of this server has, as a positive int32."""
        return next(self._session_ids) % 0x7FFF_FFFF + 1

    def add(self, session: LogonSession) -> LogonSession | None:
        """Take a new session in; gives the one it replaces: same account, address and login id."""
        held = self._by_account.setdefault(session.steam_id64, [])
        replaced = next(
            (one for one in held if (one.address, one.login_id) == (session.address, session.login_id)), None
        )
        if replaced is not None:
            held.remove(replaced)
        held.append(session)
        return replaced

    def remove(self, session: LogonSession) -> None:
        """Forget a session, if it is still known."""
        held = self._by_account.get(session.steam_id64, [])
        if session in held:
            held.remove(session)
            if not held:
                del self._by_account[session.steam_id64]

    def of(self, account: int) -> tuple[LogonSession, ...]:
        """The account's sessions, oldest first."""
        return tuple(self._by_account.get(account, ()))

    def __contains__(self, session: object) -> bool:
        return isinstance(session, LogonSession) and session in self._by_account.get(session.steam_id64, ())

    def __iter__(self) -> Iterator[LogonSession]:
        return iter([session for held in self._by_account.values() for session in held])

    def __len__(self) -> int:
        return sum(map(len, self._by_account.values()))
