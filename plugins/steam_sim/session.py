"""Sessions: who is logged on, over which connection, as what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from google.protobuf.message import Message

from plugins.steam_protocol import frames
from plugins.steam_protocol.messages import CMsgClientIsLimitedAccount, CMsgProtoBufHeader


class ClientChannel(Protocol):
    """The way to a client; none of these blocks or fails, whatever state the socket is in."""

    def send(self, data: bytes) -> None:
        """Have one message sent."""

    def hang_up(self) -> None:
        """Close when everything before is sent."""

    def cut(self) -> None:
        """Close the TCP connection at once, as a cable does."""


@dataclass(eq=False, slots=True)
class LogonSession:
    """One logon of an account. `login_id` is the obfuscated private address that tells a client's logons apart."""

    steam_id64: int
    session_id: int
    login_id: int
    address: str
    line: ClientChannel
    persona_state: int = 0
    standing: tuple[bool, bool, bool] = (False, False, False)
    """Whether the account is limited, locked, banned from the community, as the client was told last."""

    def header(self) -> CMsgProtoBufHeader:
        """The header of everything that this session is sent."""
        return CMsgProtoBufHeader(steamid=self.steam_id64, client_sessionid=self.session_id)

    def limits(self) -> CMsgClientIsLimitedAccount:
        """What the client is told of the account's standing."""
        limited, locked, banned = self.standing
        return CMsgClientIsLimitedAccount(
            bis_limited_account=limited, bis_community_banned=banned, bis_locked_account=locked
        )

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
