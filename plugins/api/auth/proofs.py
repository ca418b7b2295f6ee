"""Fresh proofs: when the person of a session has last shown who they are, for what cannot be taken back (step-up).

Kept in memory: after a restart everybody is asked anew.
"""

from __future__ import annotations

from typing import Final

from kernel.clock import MINUTE, Clock
from kernel.errors import Forbidden
from plugins.api.auth.callers import Caller
from plugins.api.codes import ApiRefusal

KEPT: Final = 10_000
"""Sessions whose proof is remembered; the oldest are forgotten first."""


class Proofs:
    """The moments of proofs, by the id of the session."""

    def __init__(self, wall: Clock, minutes: int) -> None:
        self._clock = wall
        self._lasts = minutes * MINUTE
        self._at: dict[str, int] = {}

    def note(self, session_id: str) -> None:
        """The person of this session has just shown who they are."""
        self._at.pop(session_id, None)
        self._at[session_id] = self._clock.elapsed()
        while len(self._at) > KEPT:
            self._at.pop(next(iter(self._at)))

    def is_fresh(self, session_id: str) -> bool:
        at = self._at.get(session_id)
        return at is not None and self._clock.elapsed() - at <= self._lasts

    def expect(self, caller: Caller) -> None:
        """Raises Forbidden where the person has to show once more who they are. A bearer token is no person."""
        kind, _, name = caller.via.partition(" ")
        if kind == "session" and not self.is_fresh(name):
            text = (
                "Show once more who you are, then ask again: this cannot be taken back. For programs: POST /api/proof "
                "with a code of the second factor, or the password where there is none."
            )
            raise Forbidden(ApiRefusal.PROOF_NEEDED, text)
