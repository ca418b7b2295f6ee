"""The notebooks' client has a typed method for every public command, as the kernel has them today."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest

from kernel.commands import COMMANDS, Command
from switchboard import contract
from switchboard.methods import BlockingCommands, Commands


def test_the_methods_are_those_that_the_kernel_gives_today() -> None:
    assert contract.TARGET.read_text("utf-8") == contract.render(), "run `make contract`"


@pytest.mark.parametrize("methods", [Commands, BlockingCommands])
def test_every_public_command_has_a_method_with_its_fields_and_its_words_and_no_other_command_has(
    methods: type,
) -> None:
    public = {contract.snake(kind): command for kind, command in COMMANDS.items() if command.public}
    found = {name: method for name, method in vars(methods).items() if not name.startswith("_")}

    assert set(found) == set(public)
    for name, command in public.items():
        fields = [field.name for field in msgspec.structs.fields(command)]
        assert [*inspect.signature(found[name]).parameters] == ["self", *fields, "command_id", "dry_run"]
        assert inspect.getdoc(found[name]) == inspect.getdoc(command)


def test_a_field_whose_argument_nobody_has_thought_of_stops_the_generator() -> None:
    class Odd(Command[None], frozen=True, kw_only=True):
        """Odd."""

        what: set[str]

    with pytest.raises(contract.Untypable, match=r"Odd\.what"):
        contract.method(Odd, asynchronous=True)


def test_an_id_may_be_given_as_its_row() -> None:
    taken: list[Any] = []

    class Recorder(BlockingCommands):
        def _give(self, command: Any, fields: Any, command_id: str | None, dry_run: bool) -> Any:
            taken.append((command, fields, command_id, dry_run))

    from kernel.clock import Millis
    from kernel.ids import BotId, ChatId, SteamId64
    from kernel.rows import Chat

    chat = Chat(
        id=ChatId("chat_1"), bot_id=BotId("bot_1"), player=SteamId64("7"), agent_enabled=True, started_at=Millis(0)
    )
    Recorder().toggle_agent(chat, enabled=False, dry_run=True)

    assert taken == [
        (COMMANDS["ToggleAgent"], {"chat_id": "chat_1", "enabled": False, "take_from": None, "why": None}, None, True)
    ]
