"""The care for players outlasts their rows: whoever must not be contacted is not, a year after those have left."""

from __future__ import annotations

import pytest

from kernel.clock import DAY, HOUR, MINUTE
from kernel.codes import Undeclared
from kernel.commands import AddDoNotContact, AllowInvite, RemoveDoNotContact
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ChatArchived,
    FriendInviteFailed,
    PlayerArchived,
    Relationship,
    TaskArchived,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId
from kernel.rows import InviteRefusal, Sender
from kernel.testing import World, idle
from tests.plugins.contact_policy.scene import Scene, create_task, scene
from tests.plugins.contact_policy.test_whole_way import begin, chat_with, said_to, whole


async def a_year_later(world: World, *players: SteamId64, after: int = 365 * DAY) -> None:
    """All that has ended has left the state."""
    await world.clock.advance(after)
    closed = [chat for chat in world.state.chats.values() if not chat.is_open]
    heard: dict[str, int] = {
        chat.account: int(world.clock.now()) // 1_000 - 60 for chat in closed if chat.account is not None
    }
    world.ctx.publish(ChatArchived(chat_ids=tuple(chat.id for chat in closed), heard=heard))
    ended = [task.id for task in world.state.tasks.values() if not task.is_open]
    world.ctx.publish(TaskArchived(task_ids=tuple(ended)))
    world.ctx.publish(PlayerArchived(players=tuple(p for p in players if p in world.state.players)))
    assert not {*players} & {*world.state.players}


def over(it: Scene, player: SteamId64, bot_id: BotId) -> tuple[TaskId, ChatId]:
    """A deal that has come to its end."""
    task_id, chat_id = it.deal(player, bot_id)
    it.end_task(task_id)
    it.close(chat_id)
    return task_id, chat_id


@pytest.mark.parametrize("refusal", InviteRefusal)
async def test_whoever_refused_an_invite_a_year_ago_is_not_invited_again(refusal: InviteRefusal) -> None:
    async with scene() as it:
        bot_id, player = it.world.add_bot(), it.world.player()
        task_id = it.task(player, bot_id)
        it.world.ctx.publish(
            FriendInviteFailed(task_id=task_id, bot_id=bot_id, player=player, reason=refusal, detail="…")
        )
        it.end_task(task_id)
        await a_year_later(it.world, player)

        code = (await it.world.refusal(create_task(player))).code
        unsure = refusal is InviteRefusal.IN_DOUBT
        assert code == ("inviteInDoubt" if unsure else "inviteRefusedBefore")
        if unsure:
            await it.world.execute(AllowInvite(player=player))
            await it.world.execute(create_task(player))
        else:
            assert (await it.world.refusal(AllowInvite(player=player))).code == "inviteRefusedBefore"


@pytest.mark.parametrize("by", ["stop", "operator", "removal"])
async def test_whoever_is_left_alone_stays_so_until_a_person_says_otherwise(by: str) -> None:
    async with scene() as it:
        bot_id, player = it.world.add_bot(), it.world.player()
        task_id, chat_id = it.deal(player, bot_id)
        if by == "stop":
            it.hear(chat_id, "Stop!")
        elif by == "operator":
            await it.world.execute(AddDoNotContact(player=player))
        else:
            it.world.transport.relate(bot_id, player, Relationship.NONE)
        it.end_task(task_id)
        it.close(chat_id)
        await a_year_later(it.world, player)

        assert (await it.world.refusal(create_task(player))).code == "doNotContact"
        await it.world.execute(AddDoNotContact(player=player))
        assert player not in it.state.players, "they are on the list already"

        await it.world.execute(RemoveDoNotContact(player=player))
        await it.world.execute(create_task(player))
        assert (await it.world.refusal(RemoveDoNotContact(player=player))).code == "notListed"


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("relationship", [Relationship.NONE, Relationship.BLOCKED])
async def test_a_friend_who_ends_it_after_their_chat_has_left_is_on_the_list(
    away: bool, relationship: Relationship
) -> None:
    async with scene() as it:
        bot_id, player, other = it.world.add_bot(), it.world.player(), it.world.player()
        over(it, player, bot_id)
        over(it, other, bot_id)
        await a_year_later(it.world)

        if away:
            it.world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("networkDown"), detail="…"))
            it.world.transport.relations[bot_id, player] = relationship
            it.world.ctx.publish(BotConnecting(bot_id=bot_id))
            it.world.ctx.publish(BotConnected(bot_id=bot_id))
            await idle()
        else:
            it.world.transport.relate(bot_id, player, relationship)

        assert it.listed_for(player) == ("removedUs" if relationship is Relationship.NONE else "blockedUs")
        assert it.listed_for(other) is None


@pytest.mark.parametrize(("talks_again", "listed"), [(False, None), (True, "removedUs")])
async def test_whoever_was_taken_off_the_list_is_not_on_it_again_for_what_was_before(
    talks_again: bool, listed: str | None
) -> None:
    async with scene() as it:
        bot_id, player = it.world.add_bot(), it.world.player()
        _, chat_id = it.deal(player, bot_id)
        it.world.transport.relate(bot_id, player, Relationship.NONE)
        it.close(chat_id)
        await it.world.execute(RemoveDoNotContact(player=player))
        it.end_task(next(iter(it.state.tasks)))
        await a_year_later(it.world, player)
        if talks_again:
            over(it, player, bot_id)
            await a_year_later(it.world)

        it.world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("networkDown"), detail="…"))
        it.world.transport.relations[bot_id, player] = Relationship.NONE
        it.world.ctx.publish(BotConnecting(bot_id=bot_id))
        it.world.ctx.publish(BotConnected(bot_id=bot_id))
        await idle()

        assert it.listed_for(player) == listed


@pytest.mark.parametrize("text", ["STOP", "hello again"])
async def test_a_player_whose_chat_has_left_gets_a_new_one_when_they_write_and_a_stop_is_heard(text: str) -> None:
    async with whole() as world:
        world.add_bot()
        task_id, bot_id = await begin(world, player := world.player())
        world.transport.say(bot_id, player, "no thanks")
        await world.clock.advance(HOUR)
        first = chat_with(world, player)
        said = said_to(world, player)
        assert not first.is_open
        await a_year_later(world, after=HOUR)
        assert not {task_id, first.id} & {*world.state.tasks, *world.state.chats}

        world.transport.say(bot_id, player, text)
        await world.clock.advance(MINUTE)

        again = chat_with(world, player)
        assert [line.text for line in again.messages if line.sender is Sender.PLAYER] == [text]
        assert not again.agent_enabled, "nobody has asked for it"
        assert (world.state.left_alone(player) == "saidStop") == (text == "STOP")
        assert said_to(world, player) == said, "nothing is said to them"
