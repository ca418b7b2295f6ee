"""What a command with an id makes is made once, though a crash keeps the event and takes the record of the command."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from kernel.commands import COMMANDS, AddNote, Command, CreateTask, ForgetPlayer, SaveCannedReply
from kernel.events import ChatStarted, CommandCompleted, PlayerForgotten
from kernel.ids import CommandId, SteamId64, new_chat_id
from kernel.testing import FakeTransport, World
from plugins.contact_policy import ContactPolicy
from plugins.tasks import Tasks
from plugins.team import Team
from tests.restart import history, replay

ID, ANNA = CommandId("cmd_1"), "operator:anna"
ELSEWHERE: Final = {
    "SendMessage": "tests/plugins/dialogue/test_once.py",
    "RetryMessage": "tests/plugins/dialogue/test_once.py",
    "AddBotFromMaFile": "an account is a bot once, whatever is asked: botExists says which",
}


def a_task(world: World) -> Command[Any]:
    low, high = Decimal(1), Decimal(2)
    return CreateTask(player=world.player(), item="Knife", price_min=low, price_max=high, currency="USD")


def a_note(world: World) -> Command[Any]:
    chat_id = new_chat_id()
    world.ctx.publish(ChatStarted(chat_id=chat_id, bot_id=world.add_bot(), player=world.player(), agent_enabled=False))
    return AddNote(chat_id=chat_id, text="Pays by card.")


def a_reply(_: World) -> Command[Any]:
    return SaveCannedReply(title="Price", text="{item}: {priceMax}")


def a_pseudonym(world: World) -> Command[Any]:
    return ForgetPlayer(player=world.player())


MADE: Final[dict[str, Callable[[World], Command[Any]]]] = {
    "CreateTask": a_task,
    "AddNote": a_note,
    "SaveCannedReply": a_reply,
    "ForgetPlayer": a_pseudonym,
}


def test_each_command_that_makes_something_is_held_to_it() -> None:
    making = {kind for kind, command in COMMANDS.items() if command.public and _result(command) is not type(None)}

    assert making == MADE.keys() | ELSEWHERE.keys()


def _result(command: type[Command[Any]]) -> object:
    [base] = command.__orig_bases__  # type: ignore[attr-defined]
    [result] = get_args(base)
    return type(None) if result is None else result


@pytest.mark.parametrize("kind", MADE)
async def test_the_same_id_finds_what_was_made_before_the_crash(kind: str, tmp_path: Path) -> None:
    plugins = (ContactPolicy, Tasks, FakeTransport, Team)
    async with World(*plugins, data=tmp_path) as world:
        command = MADE[kind](world)
        first = await world.ctx.execute(command, actor=ANNA, command_id=ID)
        past = history(world)
        kept = [place for place, e in enumerate(past) if isinstance(e.payload, CommandCompleted)][-1]
    async with World(replay(past[:kept]), *plugins, clock=world.clock, data=tmp_path) as again:
        assert await again.ctx.execute(command, actor=ANNA, command_id=ID) == first
        assert await again.ctx.execute(command, actor=ANNA, command_id=ID) == first
        assert [(e.id, e.command, e.created) for e in again.happened(CommandCompleted)] == [(ID, kind, first)]

        after = [e.kind for e in again.events]
        assert "task.created" not in after
        assert "chat.noteAdded" not in after
        assert "cannedReply.saved" not in after


async def test_an_id_of_a_former_process_answers_for_nobody_else_who_is_to_be_forgotten(tmp_path: Path) -> None:
    """Who they are is in no record, so it cannot be compared: the second is forgotten, and answered for."""
    plugins = (ContactPolicy, Tasks, FakeTransport, Team)
    one, other = SteamId64("76561198000000011"), SteamId64("76561198000000012")
    async with World(*plugins, data=tmp_path) as world:
        first = await world.ctx.execute(ForgetPlayer(player=one), actor=ANNA, command_id=ID)
        past = history(world)
    async with World(replay(past), *plugins, clock=world.clock, data=tmp_path) as again:
        second = await again.ctx.execute(ForgetPlayer(player=other), actor=ANNA, command_id=ID)
        assert second != first
        assert [(e.player, e.pseudonym) for e in again.happened(PlayerForgotten)] == [(other, second)]
        assert await again.ctx.execute(ForgetPlayer(player=one), actor=ANNA, command_id=ID) == first
