"""How a Steam account stands with Steam; part of `kernel.rows`."""

from __future__ import annotations

from enum import StrEnum


class AccountStanding(StrEnum):
    """What Steam holds against an account."""

    LIMITED = "limited"
    """It has spent less than 5 USD: it may be invited, accept and write, and invites nobody."""
    LOCKED = "locked"
    DISABLED = "disabled"
    COMMUNITY_BANNED = "communityBanned"
    VAC_BANNED = "vacBanned"
    """Banned by Valve's Anti-Cheat from some games; inviting and writing go on."""
    TRADE_HELD = "tradeHeld"
    """It may not trade for now; inviting and writing go on."""
