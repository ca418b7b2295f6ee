"""Who may come in: by a token, or by the cookie of a browser that is signed in, and who that is now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from kernel.clock import Clock
from kernel.events import ClockStepped
from kernel.machine_clock import SystemClock
from plugins.api.auth import operators
from plugins.api.auth.callers import Caller
from plugins.api.auth.lockouts import Lockouts
from plugins.api.auth.operators import Operator, Roster
from plugins.api.auth.sessions import Found, Session, Sessions
from plugins.api.auth.tokens import Token, Tokens
from plugins.api.disk import Kept
from plugins.api.errors import FileUnreadable


class Access:
    """Everything by which a caller can be known. What is known is asked anew each time: it may have been taken back."""

    def __init__(
        self, folder: Path, log: logging.Logger, wall: Clock, gone: Callable[[], str | None] = lambda: None
    ) -> None:
        """`gone` says that the folder was taken away, if it was."""
        self.wall = wall
        self.log = log
        self.tokens_path = folder / "tokens.json"
        self.tokens = Tokens(self.tokens_path, log, wall, gone)
        self.roster_path = folder / "operators.json"
        self.lockouts = Lockouts(folder / "blocks.json", log, wall, gone)
        self.sessions = Sessions(
            folder / "sessions.json", log, wall, lambda session: self.caller_of(session) is not None
        )
        self._roster: Kept[Roster] = Kept(
            self.roster_path,
            operators.read,
            Roster(),
            log,
            loss=operators.LOSS,
            cure="`switchboard operator add NAME` adds them anew.",
            gone=gone,
        )

    @property
    def roster(self) -> Roster:
        """The operators, as of now. Raises FileUnreadable."""
        return self._roster.content()

    def follow_clock(self, step: ClockStepped) -> None:
        """The clock has stepped: what is counted goes on. Where an end was set by the calendar, it stays there."""
        self.sessions.follow_clock(step)
        self.lockouts.follow_clock(step)

    def expect_usable(self) -> None:
        """Raises FileUnreadable where it cannot be known who may come in."""
        self._roster.content()
        self.tokens.all()

    def by_token(self, presented: str) -> Caller | None:
        """Whose token this is; None when it is nobody's. Raises FileUnreadable."""
        token = self.tokens.holder(presented)
        return token.caller if token is not None else None

    def by_cookie(self, cookie: str, address: str) -> tuple[Caller, Found] | None:
        """Whose browser this is; None when it is not signed in. Raises FileUnreadable where that is not known."""
        found = self.sessions.find(cookie, address) if cookie else None
        caller = self.caller_of(found.session) if found is not None else None
        return (caller, found) if found is not None and caller is not None else None

    def holds(self, caller: Caller) -> bool:
        """Whether the caller is still known by the same thing, and may as much as before."""
        try:
            session = self.session_of(caller)
            if session is not None:
                return self.caller_of(session) == caller
            return caller in self.tokens.callers()
        except FileUnreadable:
            return False

    def session_of(self, caller: Caller) -> Session | None:
        """The session by which the caller is known, if it is one."""
        kind, _, name = caller.via.partition(" ")
        return self.sessions.get(name) if kind == "session" else None

    def operator_of(self, caller: Caller) -> Operator | None:
        """The account whose password the caller has signed in with."""
        session = self.session_of(caller)
        kind, _, name = session.holder.partition(" ") if session is not None else ("", "", "")
        return self._roster.last_known().operator(name) if kind == "operator" else None

    def begin(self, holder: Operator | Token, address: str) -> Found:
        """Sign a browser in."""
        return self.sessions.begin(*known_as(holder), address)

    def sign_out_everywhere(self, session: Session) -> bool:
        """End every session of the same holder. False where that is not on disk."""
        return self.sessions.end(*(other.id for other in self.sessions.of(session.holder)))

    def caller_of(self, session: Session) -> Caller | None:
        """Who is signed in there now; None when nobody is any more. Raises FileUnreadable."""
        kind, _, name = session.holder.partition(" ")
        holder: Operator | Token | None
        if kind == "operator":
            holder = self._roster.last_known().operator(name)
            if holder is not None and holder.disabled:
                return None
        else:
            holder = self.tokens.get(name)
        if holder is None or known_as(holder) != (session.holder, session.generation):
            return None
        return Caller(holder.actor, holder.role, f"session {session.id}")


def known_as(holder: Operator | Token) -> tuple[str, int]:
    """What a session notes of its holder. A token that is made anew is another, whatever its name."""
    if isinstance(holder, Operator):
        return f"operator {holder.name}", holder.generation
    return f"token {holder.name}", holder.created_at


def wall_of(clock: Clock) -> Clock:
    """The clock itself, or the wall's: a demonstration's runs faster, and no sign-in must end the sooner for it."""
    return clock if clock.rate == 1 else SystemClock()
