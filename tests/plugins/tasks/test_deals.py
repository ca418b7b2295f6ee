"""What people record about deals: refused where it cannot be, kept in the row, taken back within a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from kernel.clock import DAY, MINUTE, SECOND
from kernel.codec import encode
from kernel.codes import LeftAlone
from kernel.commands import (
    FailTask,
    RecordFallThrough,
    RecordReversal,
    RecordTrade,
    ResolveTask,
    UndoOutcome,
)
from kernel.errors import CommandError
from kernel.events import DoNotContactAdded, TaskAssigned
from kernel.ids import TaskId
from kernel.rows import DealStage, FailureReason, FallThroughReason, Task, TaskStatus
from kernel.testing import World
from plugins.tasks import Tasks
from tests.plugins.tasks.test_tasks import Deal
from tests.restart import history, replay


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(Tasks) as world:
        yield world


async def talking(world: World) -> tuple[Deal, TaskId]:
    """A task whose player is in a chat; its range is 10.00 to 12.50."""
    deal = await Deal.begin(world)
    deal.invite()
    deal.start_chat()
    return deal, deal.task_id


async def agreed(world: World, price: str = "11.25") -> tuple[Deal, TaskId]:
    deal, task_id = await talking(world)
    await world.execute(ResolveTask(task_id=task_id, agreed_price=Decimal(price)))
    return deal, task_id


def row(world: World, task_id: TaskId) -> Task:
    return world.state.tasks[task_id]


async def refused(world: World, command: object) -> str:
    with pytest.raises(CommandError) as refusal:
        await world.execute(command)  # type: ignore[arg-type]
    return refusal.value.code


async def test_a_deal_struck_by_hand_has_its_price_and_says_who_recorded_it(world: World) -> None:
    _, task_id = await agreed(world, "11.25")

    task = row(world, task_id)
    assert (task.status, task.agreed_price, task.by_hand) == (TaskStatus.RESOLVED, Decimal("11.25"), True)
    assert task.detail == "operator:anna recorded the deal."
    assert task.deal is None


@pytest.mark.parametrize("price", ["9.99", "12.51", "0", "999999999"])
async def test_a_price_outside_the_range_is_asked_about_and_taken_when_it_is_meant(world: World, price: str) -> None:
    _, task_id = await talking(world)

    assert await refused(world, ResolveTask(task_id=task_id, agreed_price=Decimal(price))) == "priceOutsideRange"
    assert row(world, task_id).is_open

    await world.execute(ResolveTask(task_id=task_id, agreed_price=Decimal(price), outside_range=True))
    assert row(world, task_id).agreed_price == Decimal(price)


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1", "1E+3", "1000000000", "0.000000001"])
def test_what_is_no_price_is_refused_with_the_field(price: str) -> None:
    with pytest.raises(ValueError, match="agreedPrice: a price is a decimal"):
        ResolveTask(task_id=TaskId("task_1"), agreed_price=Decimal(price))


async def test_nothing_comes_of_it_for_a_reason_and_with_a_note(world: World) -> None:
    _, task_id = await talking(world)

    await world.execute(FailTask(task_id=task_id, reason=FailureReason.PRICE_NOT_MET, note=" wants 20 "))

    task = row(world, task_id)
    assert (task.status, task.reason, task.by_hand) == (TaskStatus.FAILED, "priceNotMet", True)
    assert task.detail == "The player wants another price. wants 20"


async def test_only_what_is_talked_about_can_be_recorded(world: World) -> None:
    deal = await Deal.begin(world)
    resolve = ResolveTask(task_id=deal.task_id, agreed_price=Decimal(11))
    fail = FailTask(task_id=deal.task_id, reason=FailureReason.OTHER)

    assert {await refused(world, resolve), await refused(world, fail)} == {"noTalkYet"}

    deal.invite()
    deal.start_chat()
    await world.execute(resolve)
    assert {await refused(world, resolve), await refused(world, fail)} == {"taskEnded"}
    unknown = ResolveTask(task_id=TaskId("task_00000000000000000000000000"), agreed_price=Decimal(11))
    assert await refused(world, unknown) == "unknownTask"


@pytest.mark.parametrize(
    ("offer", "number"),
    [
        ("https://steamcommunity.com/tradeoffer/6123456789/", "6123456789"),
        ("http://www.steamcommunity.com/tradeoffer/6123456789", "6123456789"),
        (" steamcommunity.com/tradeoffer/6123456789/ ", "6123456789"),
        ("6123456789", "6123456789"),
        ("", None),
        (None, None),
    ],
)
async def test_a_trade_keeps_the_number_of_its_offer(world: World, offer: str | None, number: str | None) -> None:
    _, task_id = await agreed(world)

    await world.execute(RecordTrade(task_id=task_id, offer=offer, note="paid by key"))

    deal = row(world, task_id).deal
    assert deal is not None
    assert (deal.stage, deal.offer_id, deal.note, deal.by) == (DealStage.TRADED, number, "paid by key", "operator:anna")
    assert deal.reversible_until == world.clock.now() + 7 * DAY


@pytest.mark.parametrize(
    "offer",
    [
        "https://steamcommunity.com/tradeoffer/new/?partner=1&token=Ab3dEf6h",
        "https://steamcommunity.com.evil.example/tradeoffer/1/",
        "https://evil.example/?steamcommunity.com/tradeoffer/1/",
        "tradeoffer/6123456789",
        "6123456789\n1",
        "１２３",
        "1" * 21,
    ],
)
def test_what_is_no_trade_offer_is_refused_and_a_trade_links_token_is_not_kept(offer: str) -> None:
    with pytest.raises(ValueError, match="offer: give the offer's link"):
        RecordTrade(task_id=TaskId("task_1"), offer=offer)


async def test_a_trade_settles_when_steam_can_reverse_it_no_more(world: World) -> None:
    _, task_id = await agreed(world)
    await world.execute(RecordTrade(task_id=task_id))

    await world.clock.advance(7 * DAY - 2 * MINUTE)
    assert row(world, task_id).deal.stage is DealStage.TRADED  # type: ignore[union-attr]

    await world.clock.advance(4 * MINUTE)
    deal = row(world, task_id).deal
    assert deal is not None
    assert (deal.stage, deal.by) == (DealStage.SETTLED, "plugin:tasks")


async def test_how_long_a_trade_can_be_reversed_is_a_setting_by_kind_of_item() -> None:
    days = {"redline": 3, "AK-47 | Redline": 1, "key": 0}
    async with World(Tasks, config={"tasks": {"reversible_days": 7, "reversible_days_of": days}}) as world:
        _, task_id = await agreed(world)
        await world.execute(RecordTrade(task_id=task_id))

        deal = row(world, task_id).deal
        assert deal is not None
        assert deal.reversible_until == world.clock.now() + DAY


async def test_a_trade_that_was_reversed_says_why_even_after_it_had_settled(world: World) -> None:
    _, task_id = await agreed(world)
    assert await refused(world, RecordReversal(task_id=task_id, note="scam report")) == "nothingTraded"
    await world.execute(RecordTrade(task_id=task_id, offer="61"))
    await world.clock.advance(8 * DAY)

    await world.execute(RecordReversal(task_id=task_id, note="scam report"))

    deal = row(world, task_id).deal
    assert deal is not None
    assert (deal.stage, deal.note, deal.offer_id) == (DealStage.REVERSED, "scam report", "61")


async def test_a_deal_that_fell_through_is_no_trade(world: World) -> None:
    _, task_id = await agreed(world)
    gone = RecordFallThrough(task_id=task_id, reason=FallThroughReason.PLAYER_VANISHED, note="offline since")
    await world.execute(gone)

    deal = row(world, task_id).deal
    assert deal is not None
    assert (deal.stage, deal.reason) == (DealStage.FELL_THROUGH, "playerVanished")
    assert deal.note == "The player did not come to the trade. offline since"
    for command in (gone, RecordTrade(task_id=task_id)):
        assert await refused(world, command) == "tradeRecorded"


async def test_without_an_agreed_price_there_is_nothing_to_trade(world: World) -> None:
    _, task_id = await talking(world)
    for command in (
        RecordTrade(task_id=task_id),
        RecordFallThrough(task_id=task_id, reason=FallThroughReason.OTHER_CAUSE),
    ):
        assert await refused(world, command) == "nothingAgreed"


async def test_a_mistake_is_taken_back_step_by_step_within_a_minute(world: World) -> None:
    _, task_id = await agreed(world)
    await world.execute(RecordTrade(task_id=task_id))
    await world.execute(RecordReversal(task_id=task_id, note="wrong row"))

    seen = []
    for _ in range(3):
        await world.execute(UndoOutcome(task_id=task_id))
        task = row(world, task_id)
        seen.append((task.status.value, task.deal.stage.value if task.deal else None))

    assert seen == [("resolved", "traded"), ("resolved", None), ("accepted", None)]
    assert (row(world, task_id).agreed_price, row(world, task_id).by_hand) == (None, False)
    assert await refused(world, UndoOutcome(task_id=task_id)) == "nothingToUndo"


async def test_after_a_minute_it_stands(world: World) -> None:
    _, task_id = await agreed(world)
    await world.clock.advance(61 * SECOND)
    assert await refused(world, UndoOutcome(task_id=task_id)) == "tooLateToUndo"


async def test_what_an_agent_or_the_settlement_recorded_is_not_undone(world: World) -> None:
    deal = await Deal.begin(world)
    deal.invite()
    deal.complete(deal.start_chat(), TaskStatus.RESOLVED, Decimal(11))
    assert await refused(world, UndoOutcome(task_id=deal.task_id)) == "nothingToUndo"

    await world.execute(RecordTrade(task_id=deal.task_id))
    await world.clock.advance(7 * DAY + MINUTE)
    assert await refused(world, UndoOutcome(task_id=deal.task_id)) == "nothingToUndo"


async def test_a_talk_is_not_opened_again_against_a_wish_or_beside_another_task(world: World) -> None:
    deal, task_id = await agreed(world)
    other = await world.create_task(deal.player)
    assert await refused(world, UndoOutcome(task_id=task_id)) == "playerBusy"
    world.ctx.publish(TaskAssigned(task_id=other, bot_id=world.add_bot()))

    world.ctx.publish(DoNotContactAdded(player=deal.player, reason=LeftAlone.SAID_STOP))
    assert await refused(world, UndoOutcome(task_id=task_id)) == "doNotContact"


async def test_deals_come_back_from_the_journal_as_they_were(world: World) -> None:
    _, task_id = await agreed(world)
    await world.execute(RecordTrade(task_id=task_id, offer="61"))
    _, other = await agreed(world)
    await world.execute(UndoOutcome(task_id=other))

    rows = [encode(row(world, task)) for task in (task_id, other)]
    async with World(replay(history(world)), Tasks, clock=world.clock) as again:
        assert [encode(row(again, task)) for task in (task_id, other)] == rows
