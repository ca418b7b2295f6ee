"""What becomes of a task after its price is agreed (SPEC.md section 9): its trade, which Steam can reverse for days."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kernel.clock import Millis
from kernel.codes import Open, TaskReason


class DealStage(StrEnum):
    """How far a deal has come since its price was agreed; a task without one is agreed, and its trade is to be done."""

    TRADED = "traded"
    """The trade was done; Steam can still reverse it."""
    SETTLED = "settled"
    """The time in which it can be reversed is over."""
    REVERSED = "reversed"
    FELL_THROUGH = "fellThrough"
    """Agreed, and never traded."""


DEAL_MOVES: Final[Mapping[DealStage | None, frozenset[DealStage]]] = {
    None: frozenset({DealStage.TRADED, DealStage.FELL_THROUGH}),
    DealStage.TRADED: frozenset({DealStage.SETTLED, DealStage.REVERSED}),
    # Steam may tell of a reversal late
    DealStage.SETTLED: frozenset({DealStage.REVERSED}),
    DealStage.REVERSED: frozenset(),
    DealStage.FELL_THROUGH: frozenset(),
}
"""None is agreed."""


class FailureReason(TaskReason):
    """Why a person says that nothing comes of a talk."""

    PRICE_NOT_MET = "priceNotMet"
    STOPPED_ANSWERING = "stoppedAnswering"
    NOT_INTERESTED = "notInterested"
    ITEM_GONE = "itemGone"
    NOT_TRUSTED = "notTrusted"
    OTHER = "other"


class FallThroughReason(TaskReason):
    """Why an agreed deal was never traded."""

    PLAYER_CHANGED_MIND = "playerChangedMind"
    PLAYER_VANISHED = "playerVanished"
    OFFER_DECLINED = "offerDeclined"
    TRADE_HOLD = "tradeHold"
    ITEM_SOLD = "itemSold"
    OTHER_CAUSE = "otherCause"


class Deal(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """What has become of an agreed price. `since` and `by`: when the stage was recorded, and by which actor."""

    stage: DealStage
    since: Millis
    by: str
    traded_at: Millis | None = None
    offer_id: str | None = None
    """The number of the trade offer at Steam, where whoever recorded it has given it."""
    reversible_until: Millis | None = None
    """Until when Steam can reverse the trade, by the setting for items of its kind."""
    reason: Open[FallThroughReason] | None = None
    note: str | None = None
    """What was said about it: what became of a deal that fell through, why a trade was reversed."""
