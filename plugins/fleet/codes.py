"""The codes that the fleet gives."""

from __future__ import annotations

from kernel.codes import BotReason, RefusalCode


class FleetRefusal(RefusalCode):
    """What a command about who is online is refused for."""

    BOT_ONLINE = "botOnline"


class TurnReason(BotReason):
    """Why a bot is off, as the one who gives the turns tells it."""

    AWAITING_TURN = "awaitingTurn"
    PROXY_HOST_BUSY = "proxyHostBusy"
    ROTATED = "rotated"
    ROTATED_OUT = "rotatedOut"
    REMOVED = "removed"
    SIGN_IN_FAILED = "signInFailed"
    SIGN_IN_TIMEOUT = "signInTimeout"
