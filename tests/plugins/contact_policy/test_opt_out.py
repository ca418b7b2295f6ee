"""Who wants to be left alone is put on the list: by saying so, or by removing or blocking the bot."""

from __future__ import annotations

import pytest

from kernel.clock import DAY
from kernel.codes import LeftAlone, Open, Undeclared
from kernel.commands import AddDoNotContact, AddStopWord, RemoveDoNotContact
from kernel.events import (
    BotAdded,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotRemoved,
    ChatClosed,
    DoNotContactAdded,
    DoNotContactRemoved,
    Envelope,
    FriendInviteFailed,
    Relationship,
)
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, new_bot_id
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.rows import InviteRefusal
from kernel.testing import FakeTransport, World
from plugins.contact_policy import ContactPolicy
from tests.plugins.contact_policy.scene import NOTICE, Desk, Scene, create_task, scene


def go_away(it: Scene, bot: BotId) -> None:
    it.world.ctx.publish(BotDisconnected(bot_id=bot, reason=Undeclared("networkDown"), detail="…"))


def come_back(it: Scene, bot: BotId) -> None:
    it.world.ctx.publish(BotConnecting(bot_id=bot))
    it.world.ctx.publish(BotConnected(bot_id=bot))


async def test_whoever_says_stop_is_on_the_list_by_their_own_will() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), it.world.add_bot())
        it.hear(chat, "Please STOP!")

        entry = it.state.players[player].do_not_contact
        assert entry is not None
        assert (entry.reason, entry.by) == ("saidStop", f"player:{player}")


async def test_no_goodbye_follows_a_stop() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE)
        goodbye = it.queue(chat, "Alright, goodbye!")
        it.hear(chat, "стоп")

        assert (await it.world.refusal(goodbye)).code == "doNotContact"
        assert it.delivered == [NOTICE]


async def test_saying_stop_again_and_again_lists_once() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        for _ in range(3):
            it.hear(chat, "stop")

        assert len(it.world.happened(DoNotContactAdded)) == 1


async def test_a_stop_in_a_closed_chat_counts() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), it.world.add_bot())
        it.close(chat)
        it.hear(chat, "and don't write me again")

        assert it.listed_for(player) == "saidStop"


async def test_the_operators_own_words_are_heard_as_well() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), it.world.add_bot())
        it.hear(chat, "Ripozu nun")
        assert it.listed_for(player) is None

        await it.world.execute(AddStopWord(word="RIPOZU  NUN"))
        it.hear(chat, "¡ripozu, nun!")
        assert it.listed_for(player) == "saidStop"


async def test_ordinary_talk_lists_nobody() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), it.world.add_bot())
        for text in ("hi", "don't stop, go on", "I play non-stop", "12.50 хватит?", "no thanks"):
            it.hear(chat, text)

        assert it.listed_for(player) is None


@pytest.mark.parametrize(
    ("relationship", "reason"),
    [
        (Relationship.NONE, "removedUs"),
        (Relationship.BLOCKED, "blockedUs"),
        (Relationship.IGNORED, "blockedUs"),
    ],
)
async def test_whoever_removes_or_blocks_the_bot_after_talking_with_it_is_on_the_list(
    relationship: Relationship, reason: str
) -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), bot := it.world.add_bot())
        it.close(chat)
        it.world.transport.relate(bot, player, relationship)

        assert it.listed_for(player) == reason
        assert (await it.world.refusal(create_task(player))).code == "doNotContact"


@pytest.mark.parametrize(
    "relationship",
    [
        Relationship.FRIEND,
        Relationship.REQUEST_INITIATOR,
        Relationship.REQUEST_RECIPIENT,
        Undeclared("suggested"),
    ],
)
async def test_other_changes_between_bot_and_player_list_nobody(relationship: Open[Relationship]) -> None:
    async with scene() as it:
        it.deal(player := it.world.player(), bot := it.world.add_bot())
        it.world.transport.relate(bot, player, relationship)

        assert it.listed_for(player) is None


async def test_declining_an_invite_is_no_removal_but_blocking_at_it_is_a_block() -> None:
    async with scene() as it:
        bot = it.world.add_bot()
        declines, blocks = it.world.player(), it.world.player()
        for player in (declines, blocks):
            await it.world.execute(it.request_invite(it.task(player, bot)))
        it.world.transport.relate(bot, declines, Relationship.NONE)
        it.world.transport.relate(bot, blocks, Relationship.BLOCKED)

        assert (it.listed_for(declines), it.listed_for(blocks)) == (None, "blockedUs")


async def test_a_block_is_seen_also_when_the_task_has_already_ended_over_it() -> None:
    async with scene() as it:
        player, bot = it.world.player(), it.world.add_bot()
        task = it.task(player, bot)
        it.request_invite(task)
        it.world.ctx.publish(
            FriendInviteFailed(task_id=task, bot_id=bot, player=player, reason=InviteRefusal.DECLINED, detail="…")
        )
        it.end_task(task)
        it.world.transport.relate(bot, player, Relationship.BLOCKED)

        assert it.listed_for(player) == "blockedUs"


async def test_strangers_on_a_bots_old_block_list_are_no_players_of_ours() -> None:
    async with scene() as it:
        it.world.transport.relate(it.world.add_bot(), stranger := it.world.player(), Relationship.BLOCKED)

        assert stranger not in it.state.players


@pytest.mark.parametrize("open_chat", [True, False])
async def test_a_removal_while_the_bot_was_away_is_seen_when_it_comes_back(open_chat: bool) -> None:
    async with scene() as it:
        bot = it.world.add_bot()
        gone, stays = it.world.player(), it.world.player()
        chats = [it.deal(player, bot)[1] for player in (gone, stays)]
        if not open_chat:
            for chat in chats:
                it.close(chat)
        go_away(it, bot)
        it.world.transport.relations[bot, gone] = Relationship.NONE
        assert it.listed_for(gone) is None

        come_back(it, bot)
        assert (it.listed_for(gone), it.listed_for(stays)) == ("removedUs", None)


async def test_a_word_that_nobody_understands_is_no_removal_while_the_bot_was_away() -> None:
    async with scene() as it:
        it.deal(player := it.world.player(), bot := it.world.add_bot())
        go_away(it, bot)
        it.world.transport.relations[bot, player] = Undeclared("suggested")
        come_back(it, bot)

        assert it.listed_for(player) is None


async def test_a_removal_is_seen_also_when_the_account_comes_back_as_another_bot() -> None:
    async with scene() as it:
        bot = it.world.add_bot()
        gone, stays = it.world.player(), it.world.player()
        for player in (gone, stays):
            task, chat = it.deal(player, bot)
            it.end_task(task)
            it.close(chat)
        account = it.state.bots[bot].steam_id64
        go_away(it, bot)
        it.world.ctx.publish(BotRemoved(bot_id=bot))
        another = new_bot_id()
        it.world.ctx.publish(BotAdded(bot_id=another, steam_id64=account, proxy_url="socks5h://127.0.0.1:1080"))
        it.world.transport.relations |= {(another, gone): Relationship.NONE, (another, stays): Relationship.FRIEND}

        come_back(it, another)
        assert (it.listed_for(gone), it.listed_for(stays)) == ("removedUs", None)


async def test_whoever_an_operator_cleared_is_not_listed_again_for_what_was_before() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), bot := it.world.add_bot())
        it.close(chat)
        it.hear(chat, "stop")
        it.world.transport.relations[bot, player] = Relationship.NONE
        await it.world.clock.advance(1)
        await it.world.execute(RemoveDoNotContact(player=player))
        go_away(it, bot)
        come_back(it, bot)
        assert it.listed_for(player) is None

        await it.world.clock.advance(1)
        it.close(it.chat(player, bot))
        it.world.transport.relations[bot, player] = Relationship.NONE
        go_away(it, bot)
        come_back(it, bot)
        assert it.listed_for(player) == "removedUs", "a new friendship has ended"


async def test_whoever_was_cleared_as_a_friend_and_ends_that_while_the_bot_is_off_is_listed_again() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), bot := it.world.add_bot())
        it.world.transport.relations[bot, player] = Relationship.FRIEND
        it.close(chat)
        it.hear(chat, "stop")
        await it.world.execute(RemoveDoNotContact(player=player))
        go_away(it, bot)
        it.world.transport.relations[bot, player] = Relationship.NONE
        come_back(it, bot)
        assert it.listed_for(player) == "removedUs"

        await it.world.execute(RemoveDoNotContact(player=player))
        go_away(it, bot)
        come_back(it, bot)
        assert it.listed_for(player) is None, "an operator knows of it"


async def test_whoever_was_cleared_while_the_bot_was_off_and_ends_the_friendship_is_listed_again() -> None:
    not_here = Undeclared("theListOfABotThatIsOff")
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), bot := it.world.add_bot())
        relations = it.world.transport.relations
        it.close(chat)
        it.hear(chat, "stop")
        go_away(it, bot)
        relations[bot, player] = not_here
        await it.world.execute(RemoveDoNotContact(player=player))
        relations[bot, player] = Relationship.BLOCKED
        come_back(it, bot)
        assert it.listed_for(player) == "blockedUs"

        for _ in range(2):
            go_away(it, bot)
            relations[bot, player] = not_here
            await it.world.execute(RemoveDoNotContact(player=player))
            relations[bot, player] = Relationship.BLOCKED
            come_back(it, bot)
            assert it.listed_for(player) is None, "an operator knows that they are no friends any more"
            await it.world.execute(AddDoNotContact(player=player))


async def test_an_invite_declined_after_an_earlier_chat_is_no_removal() -> None:
    async with scene() as it:
        first_task, chat = it.deal(player := it.world.player(), bot := it.world.add_bot())
        it.close(chat)
        it.end_task(first_task)
        await it.world.execute(it.request_invite(it.task(player, bot)))
        it.world.transport.relate(bot, player, Relationship.NONE)

        assert it.listed_for(player) is None


async def test_what_a_transport_does_not_know_tells_nothing() -> None:
    class Blind(FakeTransport):
        relationship = None  # type: ignore[assignment]

    async with World(ContactPolicy, Blind, Desk) as world:
        it = Scene(world)
        it.deal(player := world.player(), bot := world.add_bot())
        go_away(it, bot)
        come_back(it, bot)

        assert it.listed_for(player) is None


def remembering(*envelopes: Envelope) -> type[Plugin[PluginConfig]]:
    """A plugin that brings these events back at the start."""

    class Memory(Plugin[PluginConfig]):
        @hookimpl
        async def recover(self, recovery: Recovery) -> None:
            for envelope in envelopes:
                recovery.replay(envelope)

    return Memory


async def test_a_stop_that_a_crash_cut_off_is_heard_at_the_next_start() -> None:
    async with World(FakeTransport, Desk) as deaf:
        it = Scene(deaf)
        chats = unheard, answered, ordinary = [it.deal(deaf.player(), deaf.add_bot())[1] for _ in range(3)]
        players = [it.state.chats[chat].player for chat in chats]
        for chat in chats:
            await it.deliver(chat, NOTICE)
        it.hear(unheard, "stop")
        it.hear(unheard, "hello?")
        it.queue(unheard, "Never sent")
        it.hear(answered, "stop, how many do you want?")
        await it.deliver(answered, "Just one", "operator:anna")
        it.hear(ordinary, "yes")
        assert [it.listed_for(player) for player in players] == [None, None, None]
        on_disk = tuple(deaf.events)

    async with World(remembering(*on_disk), ContactPolicy, FakeTransport, Desk) as world:
        listed = [Scene(world).listed_for(player) for player in players]

        assert listed == ["saidStop", None, None], "what has been answered since was judged when it was said"


async def test_a_stop_in_a_closed_chat_that_a_crash_cut_off_is_heard_at_the_next_start() -> None:
    async with World(FakeTransport, Desk) as deaf:
        it = Scene(deaf)
        chats = unheard, old, cleared = [it.deal(deaf.player(), deaf.add_bot())[1] for _ in range(3)]
        players = [it.state.chats[chat].player for chat in chats]
        for chat in chats:
            await it.deliver(chat, NOTICE)
            it.world.ctx.publish(ChatClosed(chat_id=chat, reason=Undeclared("lostInterest")))
        it.hear(old, "stop")
        it.hear(cleared, "stop")
        it.world.ctx.publish(DoNotContactAdded(player=players[2], reason=LeftAlone.SAID_STOP))
        await deaf.clock.advance(3 * DAY)
        it.world.ctx.publish(DoNotContactRemoved(player=players[2]))
        await deaf.clock.advance(1)
        it.hear(cleared, "I have changed my mind")
        it.hear(unheard, "stop")
        on_disk = tuple(deaf.events)

    async with World(remembering(*on_disk), ContactPolicy, FakeTransport, Desk) as world:
        listed = [Scene(world).listed_for(player) for player in players]

        assert listed == ["saidStop", None, None], "an operator cleared one since, and the old one was judged then"
