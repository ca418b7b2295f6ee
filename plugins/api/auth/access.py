"""Authentication: the caller of a bearer token or a session cookie, looked up anew for each request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Raw

from kernel.clock import Clock
from kernel.errors import Forbidden
from kernel.events import ClockStepped
from kernel.machine_clock import SystemClock
from plugins.api.auth import operators, second_factor, security_keys
from plugins.api.auth.callers import Caller
from plugins.api.auth.lockouts import Lockouts
from plugins.api.auth.operators import OperatorAccount, OperatorRoster
from plugins.api.auth.proofs import Proofs
from plugins.api.auth.sealing import FactorSealing
from plugins.api.auth.second_factor import FactorPolicy
from plugins.api.auth.security_keys import Challenge, Site
from plugins.api.auth.sessions import BrowserSession, BrowserSessions, SessionMatch
from plugins.api.auth.tokens import BearerToken, BearerTokens
from plugins.api.codes import ApiRefusal
from plugins.api.disk import WatchedFile
from plugins.api.errors import FileUnreadable

TOKENS: Final = "tokens.json"
OPERATORS: Final = "operators.json"
"""The files of the plugin's folder that say who may come in."""
FIRST_LINK: Final = "first-admin-link"
"""The file with the first admin's one-time link, until it is used or the run ends."""


class Access:
    """Tokens, operators, sessions and lockouts. Nothing is cached: each may be revoked at any time."""

    def __init__(
        self,
        folder: Path,
        log: logging.Logger,
        wall: Clock,
        gone: Callable[[], str | None],
        policy: FactorPolicy,
        proof_minutes: int,
    ) -> None:
        """`gone` says why the data folder is missing, if it is; `wall` is the time of day."""
        self.wall = wall
        self.policy = policy
        self.proofs = Proofs(wall, proof_minutes)
        self.sealing = FactorSealing(folder)
        self.log = log
        self.tokens_path = folder / TOKENS
        self.tokens = BearerTokens(self.tokens_path, log, wall, gone)
        self.roster_path = folder / OPERATORS
        self.first_link = folder / FIRST_LINK
        self.lockouts = Lockouts(folder / "blocks.json", log, wall, gone)
        self.sessions = BrowserSessions(
            folder / "sessions.json", log, wall, lambda session: self.caller_of(session) is not None
        )
        self._roster: WatchedFile[OperatorRoster] = WatchedFile(
            self.roster_path,
            operators.read,
            OperatorRoster(),
            log,
            loss=operators.LOSS,
            cure="`switchboard operator add NAME` adds them anew.",
            gone=gone,
        )

    @property
    def roster(self) -> OperatorRoster:
        """The present content of `operators.json`. Raises FileUnreadable."""
        return self._roster.content()

    def names(self) -> frozenset[str]:
        """Of all operators and tokens. Raises FileUnreadable."""
        return frozenset(one.name for one in self.roster.operators) | {one.name for one in self.tokens.all()}

    def follow_clock(self, step: ClockStepped) -> None:
        """Shift the times of sessions and lockouts by a step of the clock; tokens and links end by the calendar."""
        self.sessions.follow_clock(step)
        self.lockouts.follow_clock(step)

    def expect_usable(self) -> None:
        """Raises FileUnreadable where the file of operators or of tokens cannot be read."""
        self._roster.content()
        self.tokens.all()

    def by_token(self, presented: str) -> Caller | None:
        """The caller who holds this token; None for an unknown token. Raises FileUnreadable."""
        token = self.tokens.holder(presented)
        return token.caller if token is not None else None

    def by_cookie(self, cookie: str, address: str) -> tuple[Caller, SessionMatch] | None:
        """The caller and session of this cookie; None where there is no such session. Raises FileUnreadable."""
        found = self.sessions.find(cookie, address) if cookie else None
        caller = self.caller_of(found.session) if found is not None else None
        return (caller, found) if found is not None and caller is not None else None

    def holds(self, caller: Caller) -> bool:
        """Whether the caller's token or session is still valid, with the same role."""
        try:
            session = self.session_of(caller)
            if session is not None:
                return self.caller_of(session) == caller
            return caller in self.tokens.callers()
        except FileUnreadable:
            return False

    def session_of(self, caller: Caller) -> BrowserSession | None:
        """The caller's session; None for one with a bearer token."""
        kind, _, name = caller.via.partition(" ")
        return self.sessions.get(name) if kind == "session" else None

    def operator_of(self, caller: Caller) -> OperatorAccount | None:
        """The operator who has signed in by password; None for any other caller."""
        session = self.session_of(caller)
        kind, _, name = session.holder.partition(" ") if session is not None else ("", "", "")
        return self._roster.last_known().operator(name) if kind == "operator" else None

    def asks_second(self, operator: OperatorAccount) -> bool:
        """Whether this person proves a second factor."""
        return self.policy.asked(operator.second_factor)

    def must_enrol(self, operator: OperatorAccount) -> bool:
        """Whether this person has to set up a second factor before anything else."""
        return self.policy.is_required_of(operator.role) and not self.asks_second(operator)

    def use_code(self, name: str, code: str) -> bool:
        """Use a code of this person's, which is on disk then. Returns whether it was a recovery code.

        Raises Forbidden, NotFound or FileUnreadable.
        """
        recovered = False

        def used(operator: OperatorAccount) -> OperatorAccount:
            nonlocal recovered
            factor = operator.second_factor
            if factor is None:
                raise Forbidden(ApiRefusal.NO_SECOND_FACTOR, "There is no second factor any more. Sign in again.")
            after = second_factor.with_code_used(factor, lambda: self._opened(operator), code, self.wall.now())
            recovered = after.recovery != factor.recovery
            return operators.replace(operator, second_factor=after)

        operators.alter(self.roster_path, name, used)
        return recovered

    def use_key(self, name: str, site: Site, challenge: Challenge, credential: Raw) -> None:
        """Take what a key of this person's has signed; its new count is on disk then. Raises Forbidden, NotFound."""

        def used(operator: OperatorAccount) -> OperatorAccount:
            factor = operator.second_factor
            if factor is None:
                raise Forbidden(ApiRefusal.NO_SECOND_FACTOR, "There is no second factor any more. Sign in again.")
            key = security_keys.signed(site, challenge, credential, factor.keys)
            key = operators.replace(key, used_at=self.wall.now())
            keys = tuple(key if one.id == key.id else one for one in factor.keys)
            return operators.replace(operator, second_factor=operators.replace(factor, keys=keys))

        operators.alter(self.roster_path, name, used)

    def _opened(self, operator: OperatorAccount) -> bytes | None:
        sealed = operator.second_factor.secret if operator.second_factor is not None else None
        return self.sealing.open(sealed, operator.sealed_for) if sealed is not None else None

    def begin(self, holder: OperatorAccount | BearerToken, address: str) -> SessionMatch:
        """Create a session for a browser, whose person has just shown who they are."""
        begun = self.sessions.begin(*holder_of(holder), address)
        self.proofs.note(begun.session.id)
        return begun

    def sign_out_everywhere(self, session: BrowserSession) -> bool:
        """End every session of the same holder. False where that is not on disk."""
        return self.sessions.end(*(other.id for other in self.sessions.of(session.holder)))

    def caller_of(self, session: BrowserSession) -> Caller | None:
        """The caller of a session; None where its holder was removed, disabled or signed out. Raises FileUnreadable."""
        kind, _, name = session.holder.partition(" ")
        holder: OperatorAccount | BearerToken | None
        if kind == "operator":
            holder = self._roster.last_known().operator(name)
            if holder is not None and (holder.disabled or self.must_enrol(holder)):
                return None
        else:
            holder = self.tokens.get(name)
        if holder is None or holder_of(holder) != (session.holder, session.generation):
            return None
        return Caller(holder.actor, holder.role, f"session {session.id}")


def holder_of(holder: OperatorAccount | BearerToken) -> tuple[str, int]:
    """The holder and generation that a session records. A token that is created anew has another generation."""
    if isinstance(holder, OperatorAccount):
        return f"operator {holder.name}", holder.generation
    return f"token {holder.name}", int(holder.issue, 16)


def real_time_clock(clock: Clock) -> Clock:
    """The clock itself, or the machine's where it runs faster (a demo): sessions must not expire sooner for that."""
    return clock if clock.rate == 1 else SystemClock()
