"""What goes wrong on a connection while faults are on: asked before a message is taken, and as one is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from weakref import WeakKeyDictionary

from plugins.steam_protocol import frames
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import CMsgClientLoggedOff
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.clock import Delays
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.session import ClientChannel, LogonSession
from plugins.steam_sim.world import TokensRevoked


class Mishaps:
    """Does to a connection what the faults of its account say."""

    def __init__(self, faults: Faults, backend: Backend, delays: Delays) -> None:
        self._faults = faults
        self._backend = backend
        self._delays = delays
        self._held: WeakKeyDictionary[ClientChannel, bytes] = WeakKeyDictionary()
        self._endings: tuple[tuple[FaultKind, Callable[[LogonSession, int], None]], ...] = (
            (FaultKind.LOGGED_OFF, self._log_off),
            (FaultKind.LOGGED_OFF_STRUCT, _log_off_by_struct),
            (FaultKind.SERVER_UNAVAILABLE, _say_unavailable),
            (FaultKind.TOKEN_REVOKED, self._revoke),
        )

    def befalls(self, line: ClientChannel, session: LogonSession | None) -> bool:
        """Whether a message that has come is to be passed over, because something has gone wrong."""
        account = session.steam_id64 if session else None
        if self._faults.active(FaultKind.STALL, account):
            return True
        if self._faults.take(FaultKind.DROP_SOCKET, account):
            line.cut()
            return True
        if session is not None:
            standing = self._faults.standing(session.steam_id64)
            if standing != session.standing:
                session.learn(standing)
            for kind, end in self._endings:
                if (fault := self._faults.take(kind, account)) is not None:
                    end(session, fault.eresult)
                    line.hang_up()
                    return True
        return False

    def answer(self, line: ClientChannel, session: LogonSession | None, data: bytes) -> None:
        """Send an answer, late or behind the next one where a fault wants it so."""
        account = session.steam_id64 if session else None
        if (late := self._faults.take(FaultKind.LATE_ANSWERS, account)) is not None:
            self._delays.after(late.delay_ms, partial(line.send, data))
            return
        if line not in self._held and (held := self._faults.take(FaultKind.REORDERED_ANSWERS, account)) is not None:
            self._held[line] = data
            self._delays.after(held.delay_ms, partial(self._release, line))
            return
        line.send(data)
        self._release(line)

    def _release(self, line: ClientChannel) -> None:
        if (data := self._held.pop(line, None)) is not None:
            line.send(data)

    def _log_off(self, session: LogonSession, eresult: int) -> None:
        session.send(EMsg.CLIENT_LOGGED_OFF, CMsgClientLoggedOff(eresult=eresult))

    def _revoke(self, session: LogonSession, _: int) -> None:
        self._backend.commit(TokensRevoked(session.steam_id64))
        self._log_off(session, EResult.REVOKED)


def _log_off_by_struct(session: LogonSession, eresult: int) -> None:
    body = eresult.to_bytes(4, "little") + bytes(8)
    session.line.send(frames.encode_struct(EMsg.CLIENT_LOGGED_OFF, body, session.header()))


def _say_unavailable(session: LogonSession, _: int) -> None:
    """u64 job, u32 message, i32 kind of server."""
    session.line.send(frames.encode_struct(EMsg.CLIENT_SERVER_UNAVAILABLE, bytes(16), session.header()))
