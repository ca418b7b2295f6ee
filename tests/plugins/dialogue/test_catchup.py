"""Catching up: a bot that comes back knows what was written to it before it says a word."""

from __future__ import annotations

from kernel.clock import HOUR, MINUTE
from kernel.commands import HistoryLine, SendMessage
from kernel.events import ChatAgentToggled, ChatMessageReceived, ErrorLogged
from kernel.hookspecs import Reply, Trigger
from kernel.ids import BotId, SteamId64
from kernel.testing import World, idle
from tests.plugins.dialogue.stage import (
    Actor,
    Forgetful,
    assign,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    said,
    stage,
)


async def test_lines_that_nobody_heard_are_read_back_and_answered() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.clock.advance(HOUR)
        _write_unheard(world, chat.bot_id, chat.player, "yes", "are you there?")
        await world.clock.advance(HOUR)
        come_online(world, chat.bot_id)
        await idle()
        turn = world.plugin(Actor).turns[-1]
        assert (turn.trigger, turn.text) == (Trigger.MESSAGE, "yes\nare you there?")
        assert len(said(world, chat)) == 2


async def test_what_is_known_already_is_not_taken_down_again() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.transport.say(chat.bot_id, chat.player, "yes")
        await idle()
        for _ in range(3):
            go_offline(world, chat.bot_id)
            await world.clock.advance(MINUTE)
            come_online(world, chat.bot_id)
            await idle()
        assert len(world.happened(ChatMessageReceived)) == 1
        assert len(world.plugin(Actor).turns) == 2


async def test_a_line_that_is_read_back_and_arrives_as_well_is_one_line() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        _write_unheard(world, chat.bot_id, chat.player, "yes")
        come_online(world, chat.bot_id)
        await idle()
        world.transport.say(chat.bot_id, chat.player, "yes", ordinal=5_000)  # the transport's own catching up
        await idle()
        assert len(world.happened(ChatMessageReceived)) == 1


async def test_a_time_out_that_passed_while_the_bot_was_away_finds_the_answer_first() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",), wait=HOUR)
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.clock.advance(2 * HOUR)
        _write_unheard(world, chat.bot_id, chat.player, "yes")
        come_online(world, chat.bot_id)
        await idle()
        assert [t.trigger for t in world.plugin(Actor).turns] == [Trigger.STARTED, Trigger.MESSAGE]


async def test_nothing_is_said_before_the_chat_is_read_back() -> None:
    async with stage(retry_first_ms=10_000) as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        _write_unheard(world, chat.bot_id, chat.player, "no!")
        world.plugin(Forgetful).forgets = True
        come_online(world, chat.bot_id)
        await idle()
        assert deliveries(world, chat)[-1] == ("Hello?", "queued")
        world.plugin(Forgetful).forgets = False
        await world.clock.advance(10_000)
        assert [m.text for m in chat_of(world, chat.id).messages[1:]] == ["Hello?", "no!"]
        assert deliveries(world, chat)[-1] == ("Hello?", "sent")


async def test_a_history_that_stays_out_of_reach_is_said_so_and_gone_on_without_by_people_alone() -> None:
    async with stage(history_tries=3, retry_first_ms=1_000) as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        world.plugin(Forgetful).forgets = True
        come_online(world, chat.bot_id)
        await world.clock.advance(MINUTE)
        assert deliveries(world, chat)[-1] == ("Hello?", "sent")
        assert chat.id in world.happened(ErrorLogged)[0].message


async def test_no_agent_goes_on_past_words_that_could_not_be_read() -> None:
    async with stage(history_tries=3, retry_first_ms=1_000) as world:
        chat = await begin(world)
        said = len(world.transport.sent)
        go_offline(world, chat.bot_id)
        _write_unheard(world, chat.bot_id, chat.player, "stop")
        world.plugin(Forgetful).forgets = True
        come_online(world, chat.bot_id)
        await world.clock.advance(MINUTE)
        assert not chat_of(world, chat.id).agent_enabled
        assert world.happened(ChatAgentToggled)[-1].reason == "historyUnread"
        assert len(world.transport.sent) == said


async def test_a_bot_that_goes_again_while_it_catches_up_begins_anew() -> None:
    async with stage(retry_first_ms=10_000) as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        _write_unheard(world, chat.bot_id, chat.player, "yes")
        world.plugin(Forgetful).forgets = True
        come_online(world, chat.bot_id)
        await idle()
        go_offline(world, chat.bot_id)
        world.plugin(Forgetful).forgets = False
        await world.clock.advance(MINUTE)
        assert len(world.plugin(Actor).turns) == 1
        come_online(world, chat.bot_id)
        await idle()
        assert world.plugin(Actor).turns[-1].text == "yes"


async def test_a_friendship_whose_chat_never_began_gets_it_when_the_bot_comes_online() -> None:
    async with stage() as world:
        bot_id = world.add_bot(connected=False)
        task_id = await assign(world, bot_id, world.player())
        come_online(world, bot_id)
        await idle()
        chat_id = world.state.tasks[task_id].chat_id
        assert chat_id is not None
        assert len(said(world, chat_of(world, chat_id))) == 1


def _write_unheard(world: World, bot_id: BotId, player: SteamId64, *texts: str) -> None:
    """The player writes while nobody listens."""
    lines = world.transport.history.setdefault((bot_id, player), [])
    lines += [HistoryLine(False, text, world.clock.now() // 1_000, 5_000 + number) for number, text in enumerate(texts)]
