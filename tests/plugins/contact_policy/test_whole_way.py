"""The policy among the real plugins: from the task to its end, with everybody else's code in between."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from kernel.clock import HOUR, MINUTE
from kernel.codes import Undeclared
from kernel.commands import (
    AddDoNotContact,
    DeliverMessage,
    DisposeTask,
    HistoryLine,
    PauseContact,
    RemoveDoNotContact,
    ResumeContact,
    SendInvite,
    SendMessage,
)
from kernel.events import BotConnected, BotConnecting, BotDisconnected, FriendMessageArrived, Relationship
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.ids import BotId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Chat, Task
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.contact_policy.config import SHIPPED_NOTICES
from plugins.contact_policy.denials import denies_being_a_program
from plugins.contact_policy.stop_words import says_stop
from plugins.dialogue import Dialogue
from plugins.invites import Invites
from plugins.scripted_agent import ScriptedAgent
from plugins.steam_sim import phrases
from plugins.steam_sim.temperament import Meaning
from plugins.tasks import Tasks
from tests.plugins.contact_policy.scene import CALLERS, create_task
from tests.restart import history, replay

PLUGINS = (ContactPolicy, FakeTransport, Tasks, Assigner, Invites, Dialogue, ScriptedAgent)


def whole(config: Mapping[str, Mapping[str, object]] | None = None, **options: Any) -> World:
    return World(*PLUGINS, config=config or {}, **options)


def task_of(world: World, task_id: TaskId) -> Task:
    return world.state.tasks[task_id]


def chat_with(world: World, player: SteamId64) -> Chat:
    return next(chat for chat in reversed(world.state.chats.rows()) if chat.player == player)


def said_to(world: World, player: SteamId64) -> list[str]:
    return [command.text for command in world.transport.sent if command.player == player]


async def begin(world: World, player: SteamId64, **fields: Any) -> tuple[TaskId, BotId]:
    """A task whose player has accepted and has been greeted by the agent."""
    task_id = await world.create_task(player, **fields)
    await world.clock.advance(MINUTE)
    bot_id = task_of(world, task_id).assigned_bot_id
    assert bot_id is not None
    world.transport.relate(bot_id, player, Relationship.FRIEND)
    await world.clock.advance(MINUTE)
    return task_id, bot_id


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_agents_first_words_are_the_notice_in_the_players_language(language: str) -> None:
    async with whole() as world:
        world.add_bot()
        await begin(world, player := world.player(), language=language)

        (first, *_) = said_to(world, player)
        assert first.startswith(SHIPPED_NOTICES[language])
        assert len(first) > len(SHIPPED_NOTICES[language]), "the dialogue begins in the same message"


@pytest.mark.parametrize(("language", "question"), [("en", "are you a bot?"), ("ru", "ты бот?")])
async def test_the_shipped_dialogue_answers_the_question_truthfully(language: str, question: str) -> None:
    async with whole() as world:
        world.add_bot()
        _, bot = await begin(world, player := world.player(), language=language)
        world.transport.say(bot, player, question)
        await world.clock.advance(MINUTE)

        assert len(said_to(world, player)) == 2
        assert not [m for m in chat_with(world, player).messages if m.delivery == "failed"]


async def test_a_stop_ends_the_task_and_the_chat_and_nothing_more_is_said() -> None:
    async with whole() as world:
        world.add_bot()
        task, bot = await begin(world, player := world.player())
        said = said_to(world, player)
        world.transport.say(bot, player, "yes")
        world.transport.say(bot, player, "no wait, STOP writing me")
        await world.clock.advance(HOUR)

        assert said_to(world, player) == said
        assert (task_of(world, task).status, task_of(world, task).reason) == ("failed", "doNotContact")
        assert not chat_with(world, player).is_open


async def test_a_stop_while_the_agent_types_leaves_its_words_unsaid() -> None:
    async with whole({"dialogue": {"reading_ms": 0, "typing_least_ms": 5_000}}) as world:
        world.add_bot()
        _, bot = await begin(world, player := world.player())
        said = said_to(world, player)
        world.transport.say(bot, player, "yes")
        await idle()
        assert [m.delivery for m in chat_with(world, player).messages][-1] == "queued"

        world.transport.say(bot, player, "стоп")
        await world.clock.advance(HOUR)
        assert said_to(world, player) == said
        assert [m.delivery for m in chat_with(world, player).messages if m.author.startswith("agent:")][-1] == "failed"


@pytest.mark.parametrize("caller", CALLERS)
async def test_stopped_busy_and_declined_players_are_refused_to_agent_operator_and_a_bare_command_alike(
    caller: str,
) -> None:
    async with whole() as world:
        for _ in range(3):
            world.add_bot()
        stopped, busy, declined = (world.player() for _ in range(3))
        _, bot = await begin(world, stopped)
        world.transport.say(bot, stopped, "stop")
        busy_task, busy_bot = await begin(world, busy)
        declined_task = await world.create_task(declined)
        await world.clock.advance(MINUTE)
        declined_bot = task_of(world, declined_task).assigned_bot_id
        assert declined_bot is not None
        world.transport.relate(declined_bot, declined, Relationship.NONE)
        await idle()
        before = len(world.transport.sent), len(world.transport.invited)

        codes = {}
        for name, player in (("stopped", stopped), ("busy", busy), ("declined", declined)):
            codes[name] = (await world.refusal(create_task(player), actor=caller)).code
            for task, by in ((busy_task, busy_bot), (declined_task, declined_bot), (TaskId("task_0"), bot)):
                await world.refusal(SendInvite(task_id=task, bot_id=by, player=player), actor=caller)
        assert codes == {"stopped": "doNotContact", "busy": "playerBusy", "declined": "inviteRefusedBefore"}

        chat = chat_with(world, stopped)
        line = next(m for m in chat.messages if m.author.startswith("agent:"))
        repeated = DeliverMessage(
            chat_id=chat.id, message_id=line.id, bot_id=chat.bot_id, player=stopped, text=line.text
        )
        for command in (SendMessage(chat_id=chat.id, text="Please?"), repeated):
            assert (await world.refusal(command, actor=caller)).code == "doNotContact"
        await world.clock.advance(HOUR)
        assert [c for c in world.transport.sent[before[0] :] if c.player == stopped] == []
        assert len(world.transport.invited) == before[1]


async def test_of_many_tasks_for_one_player_at_once_one_is_made() -> None:
    async with whole() as world:
        world.add_bot()
        player = world.player()
        asked = [world.ctx.execute(create_task(player)) for _ in range(20)]
        answers = await asyncio.gather(*asked, return_exceptions=True)

        assert sum(isinstance(answer, str) for answer in answers) == 1
        assert {getattr(a, "code", None) for a in answers if not isinstance(a, str)} == {"playerBusy"}


async def test_a_pause_holds_invites_and_words_back_and_its_end_lets_them_go() -> None:
    async with whole() as world:
        for _ in range(2):
            world.add_bot()
        _, bot = await begin(world, talking := world.player())
        await world.execute(PauseContact())
        waiting = await world.create_task()
        world.transport.say(bot, talking, "yes")
        contacts = len(world.transport.sent), len(world.transport.invited)
        await world.clock.advance(3 * HOUR)
        assert (len(world.transport.sent), len(world.transport.invited)) == contacts
        assert task_of(world, waiting).reason == "contactPaused"

        await world.execute(ResumeContact())
        await world.clock.advance(2 * MINUTE)
        assert len(world.transport.sent) > contacts[0]
        assert len(world.transport.invited) == contacts[1] + 1


async def test_the_fleets_hour_lets_so_many_invites_through_and_the_others_after_it() -> None:
    async with whole({"contact_policy": {"invites_per_hour": 3}}) as world:
        for _ in range(8):
            world.add_bot()
        tasks = [await world.create_task() for _ in range(8)]
        counts: list[int] = []
        for _ in range(3):
            await world.clock.advance(HOUR - 1 if not counts else HOUR)
            counts.append(len(world.transport.invited))

        assert counts == [3, 6, 8]
        assert {task_of(world, task).status for task in tasks} == {"invited"}


async def test_who_waits_for_the_fleets_hour_is_explained_to_the_operator() -> None:
    async with whole({"contact_policy": {"invites_per_hour": 1}}) as world:
        for _ in range(2):
            world.add_bot()
        await world.create_task()
        second = task_of(world, await world.create_task())
        second = task_of(world, second.id)

        assert second.reason == "fleetInviteLimit"
        assert second.waiting_until == world.clock.now() + HOUR


async def test_another_bot_waits_until_the_invite_of_an_ended_task_is_taken_back() -> None:
    async with whole() as world:
        first_bot = world.add_bot()
        task = await world.create_task(player := world.player())
        await idle()
        assert task_of(world, task).status == "invited"
        world.ctx.publish(BotDisconnected(bot_id=first_bot, reason=Undeclared("networkDown"), detail="…"))
        world.add_bot()
        await world.execute(DisposeTask(task_id=task))
        await world.clock.advance(HOUR)
        assert (await world.refusal(create_task(player))).code == "playerBusy"

        world.ctx.publish(BotConnecting(bot_id=first_bot))
        world.ctx.publish(BotConnected(bot_id=first_bot))
        await idle()
        assert [command.player for command in world.transport.withdrawn] == [player]
        await world.create_task(player)


async def test_a_stop_written_while_the_bot_was_away_is_heard_before_anything_is_said() -> None:
    async with whole() as world:
        world.add_bot()
        task, bot = await begin(world, player := world.player())
        said = said_to(world, player)
        world.transport.say(bot, player, "yes")
        await idle()
        world.ctx.publish(BotDisconnected(bot_id=bot, reason=Undeclared("networkDown"), detail="…"))
        await world.clock.advance(MINUTE)
        line = HistoryLine(False, "don't write me", world.clock.now() // 1_000, 900)
        world.transport.history[bot, player].append(line)
        world.ctx.publish(BotConnecting(bot_id=bot))
        world.ctx.publish(BotConnected(bot_id=bot))
        await world.clock.advance(HOUR)

        assert chat_with(world, player).messages[-1].text == line.text
        assert said_to(world, player) == said
        assert task_of(world, task).reason == "doNotContact"


async def test_the_list_and_the_operators_clearing_survive_a_restart() -> None:
    async with whole() as world:
        world.add_bot()
        _, bot = await begin(world, player := world.player())
        world.transport.say(bot, player, "stop")
        await world.execute(AddDoNotContact(player=(other := world.player())))
        await world.execute(RemoveDoNotContact(player=other))
        past = history(world)

    async with World(replay(past), *PLUGINS, clock=world.clock) as again:
        assert (await again.refusal(create_task(player))).code == "doNotContact"
        await again.create_task(other)


async def test_a_listed_friend_who_writes_to_another_bot_is_heard_and_not_answered() -> None:
    async with whole() as world:
        world.add_bot()
        _, bot = await begin(world, player := world.player())
        world.transport.say(bot, player, "stop")
        said = said_to(world, player)
        other = world.add_bot()
        world.transport.relate(other, player, Relationship.FRIEND)
        world.transport.say(other, player, "hello, who are you?")
        await world.clock.advance(HOUR)

        assert world.happened(FriendMessageArrived)
        assert said_to(world, player) == said
        refusal = await world.refusal(SendMessage(chat_id=chat_with(world, player).id, text="Hi"))
        assert refusal.code == "doNotContact"


# words: what others have put into scripts and into the mouths of simulated players


def shipped_scripts() -> dict[str, dict[str, Any]]:
    folder = files("plugins.scripted_agent") / "scripts"
    return {
        path.name: tomllib.loads(path.read_text("utf-8")) for path in folder.iterdir() if path.name.endswith("toml")
    }


def strings(value: object) -> list[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", sorted(shipped_scripts()))
def test_no_shipped_script_denies_being_a_program(name: str) -> None:
    script = shipped_scripts()[name]
    texts = strings({key: part for key, part in script.items() if key != "words"})

    assert texts
    assert [text for text in texts if denies_being_a_program(text, "are you a bot? ты бот?")] == []


ALSO_STOPS = {
    *("not interested", "uninterested"),
    *("не интересно", "неинтересно", "не интересует", "не надо", "не нужно"),
}
"""A no that ends contact too, where a line says nothing else."""


@pytest.mark.parametrize("name", sorted(shipped_scripts()))
def test_the_words_of_an_ordinary_answer_are_no_stop(name: str) -> None:
    words = [word.lstrip("=") for word in strings(shipped_scripts()[name]["words"])]

    assert words
    assert [word for word in words if says_stop(word) and word not in ALSO_STOPS] == []


def test_simulated_players_are_understood_when_they_say_stop_and_only_then() -> None:
    for meaning, by_language in phrases._WORDS.items():
        for text in (text for texts in by_language.values() for text in texts):
            assert says_stop(text) is (meaning is Meaning.STOP), text


class Chatterbox(Plugin[PluginConfig]):
    """An agent that writes on and on."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(step="again", texts=("Are you there?",), wait=30_000)


@pytest.mark.parametrize(
    ("policy", "answers", "why", "most"),
    [
        ({"lines_unanswered": 5}, False, "notAnswered", 5),
        ({"lines_per_hour": 7}, True, "tooManyLines", 7),
        ({}, False, "notAnswered", 12),
    ],
)
async def test_an_agent_that_writes_on_and_on_is_switched_off_and_a_person_called(
    policy: Mapping[str, object], answers: bool, why: str, most: int
) -> None:
    plugins = (ContactPolicy, FakeTransport, Tasks, Assigner, Invites, Dialogue, Chatterbox)
    async with World(*plugins, config={"contact_policy": policy}) as world:
        world.add_bot()
        task_id, bot_id = await begin(world, player := world.player())
        for _ in range(120):
            await world.clock.advance(30_000)
            if answers:
                world.transport.say(bot_id, player, "yes")

        chat = chat_with(world, player)
        assert len(said_to(world, player)) == most
        assert not chat.agent_enabled
        assert chat.agent_off is not None
        assert chat.agent_off.why == why
        assert chat.agent_off.detail
        assert task_of(world, task_id).is_open, "it is a person's now"
        await world.execute(SendMessage(chat_id=chat.id, text="Anna here"))
        assert said_to(world, player)[-1] == "Anna here"
