"""A world of fakes, in which an hour passes in no time."""

from __future__ import annotations

from decimal import Decimal

from kernel.clock import HOUR
from kernel.commands import ReloadPlugin, SendInvite
from kernel.events import ChatMessageReceived, ChatStarted
from kernel.hookspecs import Trigger
from kernel.ids import BotId, ChatId, SteamId64, new_chat_id, new_message_id, new_task_id
from kernel.rows import Message, Sender, TaskStatus
from kernel.testing import FakeTransport, World
from kernel.testing.agents import AgentContract, Played
from tests.tutorial.my_plugins.chat_page import ChatPage, Counted, Wanted
from tests.tutorial.my_plugins.flood_alarm import FloodAlarm, FloodRaised
from tests.tutorial.my_plugins.price_book import PriceBook, PriceNoted
from tests.tutorial.my_plugins.quiet_hours import QuietHours
from tests.tutorial.my_plugins.short_agent import ShortAgent
from tests.tutorial.my_plugins.talk_board import CountAnew, TalkBoard
from tests.tutorial.my_plugins.talk_counter import TalkCounter


def a_chat_in(world: World) -> ChatId:
    chat_id = new_chat_id()
    world.ctx.publish(ChatStarted(chat_id=chat_id, bot_id=world.add_bot(), player=world.player(), agent_enabled=False))
    return chat_id


def write_in(world: World, chat_id: ChatId) -> None:
    line = Message(id=new_message_id(), sender=Sender.PLAYER, text="hi", ts=world.clock.now(), author="player:1")
    world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=line))


async def test_what_a_player_writes_is_counted() -> None:
    async with World(TalkCounter) as world:
        write_in(world, a_chat_in(world))

        assert world.plugin(TalkCounter).heard == 1


async def test_a_player_who_writes_a_great_deal_raises_one_alarm() -> None:
    async with World(FloodAlarm) as world:
        chat_id = a_chat_in(world)
        for _ in range(8):
            write_in(world, chat_id)

        assert world.happened(FloodRaised) == [FloodRaised(chat_id=chat_id, lines=6)]


async def test_what_an_item_was_last_bought_for_outlives_a_reload() -> None:
    async with World(PriceBook) as world:
        for price in ("10.00", "12.50"):
            world.ctx.publish(PriceNoted(item="AK-47", price=Decimal(price)))
        await world.execute(ReloadPlugin(name="pricebook"))
        remembered = world.plugin(PriceBook).last("AK-47")

    assert remembered is not None
    assert (remembered.price, remembered.bought) == (Decimal("12.50"), 2)


async def test_the_route_counts_the_chats_of_the_bot_that_is_asked_about() -> None:
    async with World(ChatPage) as world:
        chat_id = a_chat_in(world)
        (route,) = world.ctx.hooks.routes()

        assert await route.answer(Wanted(world.state.chats[chat_id].bot_id), "operator:anna") == Counted(1)
        assert await route.answer(Wanted(BotId("bot_b")), "operator:anna") == Counted(0)


async def test_the_panel_counts_what_players_write_until_somebody_has_it_count_anew() -> None:
    async with World(TalkBoard) as world:
        chat_id = a_chat_in(world)
        write_in(world, chat_id)
        (panel,) = world.ctx.hooks.panels()
        shown = await panel.read()
        assert shown is not None
        assert (shown.fields[0].value, shown.tables[0].rows) == (1, ((world.state.chats[chat_id].player, 1),))

        await world.ctx.execute(CountAnew())
        shown = await panel.read()
        assert shown is not None
        assert shown.fields[0].value == 0


async def test_an_invite_at_night_waits_for_the_morning() -> None:
    invite = SendInvite(task_id=new_task_id(), bot_id=BotId("bot_a"), player=SteamId64("76561198000000001"))
    table = {"from_hour": 23, "hours": 8}
    async with World(QuietHours, FakeTransport, config={"quiethours": table}) as world:  # it begins at noon
        await world.clock.advance(12 * HOUR)
        refused = await world.refusal(invite)

    assert (refused.code, refused.retry_after) == ("quietHours", 7 * HOUR)


class TestShortAgent(AgentContract):  # what every agent has to keep
    agent = ShortAgent


async def test_a_yes_is_a_deal_at_the_price_that_was_offered() -> None:
    async with World(ShortAgent) as world:
        played = Played(world)
        await played.turn(Trigger.STARTED)
        await played.turn(Trigger.MESSAGE, "Yes")

    assert played.outcome is TaskStatus.RESOLVED
