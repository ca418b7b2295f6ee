"""Browser sessions with rotating cookies, stored as hashes in `sessions.json`.

Each cookie is good until its successor has been used once, so that an answer that gets lost signs nobody out. One that
comes again long after is in somebody else's hands: then the whole session ends, for the thief and for the owner.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kernel.clock import DAY, HOUR, MINUTE, SURE, Clock
from kernel.events import ClockStepped
from plugins.api import disk
from plugins.api.auth.operators import digest_of
from plugins.api.errors import FileUnreadable
from plugins.api.http.cookies import COOKIE_LASTS

PREFIX: Final = "sws_"
LASTS: Final = COOKIE_LASTS
"""From signing in, at most."""
IDLE: Final = 7 * DAY
"""Without any request, at most."""
ROTATED: Final = HOUR
"""How old a cookie gets before it is changed."""
GRACE: Final = MINUTE
"""How long a cookie is still good beside its successor: requests cross each other."""
EACH: Final = 20
"""Sessions of one holder; the one longest unused makes room."""


class BrowserSession(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """The session of one browser. Times are UTC milliseconds."""

    id: str
    """What it is called: no secret."""
    holder: str
    """`operator NAME`, or `token NAME` for one that came by a token's link."""
    generation: int
    sha256: str
    before: str | None = None
    """The hash of the cookie before this one."""
    confirmed: bool = True
    """Whether the present cookie has been used: until then the one before is good too."""
    began_at: int
    rotated_at: int
    seen_at: int
    address: str

    def __repr__(self) -> str:
        return f"BrowserSession({self.id}, {self.holder})"


class SessionMatch(Struct, frozen=True):
    """The session of a cookie, and the cookie to set where it was rotated."""

    session: BrowserSession
    cookie: str | None = None


class BrowserSessions:
    """All sessions. `is_good` says of a session whether its holder still exists, enabled and not signed out."""

    def __init__(self, path: Path, log: logging.Logger, wall: Clock, is_good: Callable[[BrowserSession], bool]) -> None:
        self._path = path
        self._log = log
        self._wall = wall
        self._is_good = is_good
        self._sessions: dict[str, BrowserSession] = {}

    def load(self) -> None:
        """Restore the sessions of an earlier run; where the file cannot be read, everybody has to sign in again."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=tuple[BrowserSession, ...])
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self._log.warning("%s cannot be used, so everybody has to sign in again: %s", self._path, error)
            return
        now = self._wall.now()  # an earlier run's clock may have been ahead: what is still to come is from just now
        self._sessions = {session.id: _moved(session, lambda at: min(at, now)) for session in kept}

    def follow_clock(self, step: ClockStepped) -> None:
        """Shift all times by a step of the clock, so that ages and idle times stay the same."""
        self._sessions = {key: _moved(session, step.moved) for key, session in self._sessions.items()}
        self._save()

    def begin(self, holder: str, generation: int, address: str) -> SessionMatch:
        """Create a session. Returns it with its cookie."""
        cookie, now = PREFIX + secrets.token_urlsafe(32), self._wall.now()
        theirs = sorted((s for s in self._sessions.values() if s.holder == holder), key=lambda s: s.seen_at)
        while len(theirs) >= EACH:
            del self._sessions[theirs.pop(0).id]
        session = BrowserSession(
            id=secrets.token_hex(4),
            holder=holder,
            generation=generation,
            sha256=digest_of(cookie),
            began_at=now,
            rotated_at=now,
            seen_at=now,
            address=address,
        )
        self._sessions[session.id] = session
        self._save()
        return SessionMatch(session, cookie)

    def find(self, cookie: str, address: str) -> SessionMatch | None:
        """The session of a cookie, with a new cookie where rotation is due; None if invalid. Raises FileUnreadable."""
        digest, now = digest_of(cookie), self._wall.now()
        session = next((s for s in self._sessions.values() if digest in (s.sha256, s.before)), None)
        if session is None or not self.is_alive(session):
            return None
        if digest == session.before and now - session.rotated_at <= GRACE:
            return SessionMatch(session)
        if digest == session.before and session.confirmed:
            self._log.warning(
                "a superseded cookie of %s was used from %s (stolen?); session %s is ended",
                session.holder,
                address,
                session.id,
            )
            self.end(session.id)
            return None
        seen = replace(session, seen_at=now, address=address)
        if digest == session.sha256 and not session.confirmed:
            seen = replace(seen, confirmed=True, rotated_at=now)
            self._keep(seen, session)
            return SessionMatch(seen)
        if now - session.rotated_at < ROTATED and session.confirmed:
            self._keep(seen, session)
            return SessionMatch(seen)
        successor = PREFIX + secrets.token_urlsafe(32)
        seen = replace(seen, before=digest, sha256=digest_of(successor), confirmed=False, rotated_at=now)
        self._keep(seen, session)
        return SessionMatch(seen, successor)

    def get(self, session_id: str) -> BrowserSession | None:
        """The session of that id, if it is still valid."""
        session = self._sessions.get(session_id)
        return session if session is not None and self.is_alive(session) else None

    def of(self, holder: str) -> list[BrowserSession]:
        """The valid sessions of this holder. Raises FileUnreadable."""
        return [session for session in self._sessions.values() if session.holder == holder and self.is_alive(session)]

    def end(self, *ids: str) -> bool:
        """End these sessions at once. False where that is not on disk, so that a restart would restore them."""
        for session_id in ids:
            self._sessions.pop(session_id, None)
        return self._save()

    def is_alive(self, session: BrowserSession) -> bool:
        """Whether the session is valid. Raises FileUnreadable where its holder cannot be looked up."""
        now = self._wall.now()
        young = now - session.began_at < LASTS and now - session.seen_at < IDLE
        return young and self._is_good(session)

    def _keep(self, session: BrowserSession, before: BrowserSession) -> None:
        self._sessions[session.id] = session
        if (session.sha256, session.confirmed) != (before.sha256, before.confirmed):
            self._save()  # and else not: a file for every request would be too much

    def _may_be_alive(self, session: BrowserSession) -> bool:
        """Whether to keep the session: also one that only looks expired while the clock may still be corrected."""
        try:
            return self.is_alive(session) if self._wall.steady() >= SURE else self._is_good(session)
        except FileUnreadable:
            return True

    def _save(self) -> bool:
        """Write the file. Returns whether it is on disk; sessions stay valid in memory either way."""
        self._sessions = {key: session for key, session in self._sessions.items() if self._may_be_alive(session)}
        try:
            disk.replace(self._path, msgspec.json.encode(tuple(self._sessions.values())))
        except FileUnreadable as error:
            self._log.error("%s", error)
            return False
        return True


def _moved(session: BrowserSession, move: Callable[[int], int]) -> BrowserSession:
    began_at, rotated_at, seen_at = map(move, (session.began_at, session.rotated_at, session.seen_at))
    return replace(session, began_at=began_at, rotated_at=rotated_at, seen_at=seen_at)
