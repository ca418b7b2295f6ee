"""Many more bots than may be online: all are checked in turn, and nobody leaves a player."""

from __future__ import annotations

from kernel.clock import HOUR, MINUTE
from kernel.events import BotConnected, BotDisconnected, ChatClosed, ChatStarted, Envelope
from kernel.ids import BotId, SteamId64, new_chat_id
from kernel.testing import World
from plugins.dialogue.codes import ChatEnd
from plugins.fleet import Fleet
from tests.plugins.fleet.signing import Signing, add_bots, online, signing

BOTS, LIMIT = 200, 20


async def test_two_hundred_bots_with_a_limit_of_twenty_are_all_checked_and_none_that_holds_a_chat_leaves() -> None:
    config: dict[str, dict[str, object]] = {"fleet": {"online_limit": LIMIT, "sign_in_spacing_ms": 1_000}}
    async with World(Signing, Fleet, config=config) as world:
        checked: set[BotId] = set()
        left: list[BotId] = []
        most = 0

        def connected(_: Envelope, event: BotConnected) -> None:
            nonlocal most
            checked.add(event.bot_id)
            most = max(most, len(online(world)))

        world.ctx.subscribe(BotConnected, connected)
        world.ctx.subscribe(BotDisconnected, lambda _, event: left.append(event.bot_id))
        bots = add_bots(world, BOTS)
        await world.clock.advance(10 * MINUTE)
        holders = sorted(online(world))[:5]
        for number, bot_id in enumerate(holders):
            player = SteamId64(str(76561197960300000 + number))
            world.ctx.publish(ChatStarted(chat_id=new_chat_id(), bot_id=bot_id, player=player, agent_enabled=False))
        left.clear()

        await world.clock.advance(8 * HOUR)

        assert checked == set(bots)
        assert most == LIMIT
        assert set(holders) <= online(world)
        assert not set(holders) & set(left)


async def test_nobody_is_checked_again_before_all_others_have_been_and_sign_ins_under_way_count_too() -> None:
    config: dict[str, dict[str, object]] = {"fleet": {"online_limit": LIMIT, "sign_in_spacing_ms": 0}}
    async with World(Signing, Fleet, config=config) as world:
        most = 0

        def count(*_: object) -> None:
            nonlocal most
            most = max(most, len(online(world)) + len(signing(world).under_way))

        world.ctx.subscribe(BotConnected, count)
        bots = add_bots(world, BOTS)
        await world.clock.advance(11 * HOUR)

        order = [bot_id for _, bot_id in signing(world).starts]
        assert order[:BOTS] == order[BOTS : 2 * BOTS] == bots
        assert most <= LIMIT


async def test_bots_whose_chats_have_ended_make_room_like_everybody_else() -> None:
    config: dict[str, dict[str, object]] = {"fleet": {"online_limit": LIMIT, "sign_in_spacing_ms": 0}}
    async with World(Signing, Fleet, config=config) as world:
        add_bots(world, BOTS)
        await world.clock.advance(MINUTE)
        chats = {bot_id: new_chat_id() for bot_id in sorted(online(world))[:5]}
        for bot_id, chat_id in chats.items():
            started = ChatStarted(chat_id=chat_id, bot_id=bot_id, player=world.player(), agent_enabled=False)
            world.ctx.publish(started)
        await world.clock.advance(2 * HOUR)
        assert chats.keys() <= online(world)

        for chat_id in chats.values():
            world.ctx.publish(ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))
        await world.clock.advance(MINUTE)

        assert online(world).isdisjoint(chats)
        assert len(online(world)) == LIMIT
