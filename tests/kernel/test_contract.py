"""The kernel's README is the contract: what it says is what the code does."""

from __future__ import annotations

from kernel.codec import decode_envelope, encode
from kernel.commands import COMMANDS
from kernel.events import KINDS, Envelope, SystemStopped
from kernel.hookspecs import Hooks
from kernel.reducers import CHANGES_NOTHING, REDUCERS
from kernel.testing.readme_tables import README, render

SPECIFIED_EVENTS = {
    "bot.connected", "bot.disconnected", "bot.authFailed", "task.created", "task.assigned", "task.statusChanged",
    "friendInvite.sent", "friendInvite.accepted", "friendInvite.failed", "chat.started", "chat.messageReceived",
    "chat.messageSent", "chat.agentToggled", "dialogScript.advanced", "dialogScript.completed", "error.logged",
}  # fmt: skip
SPECIFIED_COMMANDS = {"AddBotFromMaFile", "RemoveBot", "CreateTask", "DisposeTask", "ToggleAgent", "SendMessage"}


def test_the_readme_says_what_the_code_does() -> None:
    text = README.read_text("utf-8")

    assert text == render(text), "run `python -m kernel.testing.readme_tables`"


def test_every_name_that_the_specification_fixes_is_there() -> None:
    assert KINDS.keys() >= SPECIFIED_EVENTS
    assert {name for name, command in COMMANDS.items() if command.public} >= SPECIFIED_COMMANDS


def test_every_event_either_has_a_reducer_or_is_known_to_change_nothing() -> None:
    assert set(KINDS.values()) == set(REDUCERS) | CHANGES_NOTHING
    assert not set(REDUCERS) & CHANGES_NOTHING


def test_every_public_thing_of_the_contract_says_what_it_means() -> None:
    for thing in (*KINDS.values(), *COMMANDS.values(), *(v for k, v in vars(Hooks).items() if not k.startswith("_"))):
        assert thing.__doc__, thing
        assert not thing.__doc__.startswith(getattr(thing, "__name__", "?") + "("), f"{thing} has no docstring"


def test_an_event_on_the_wire_has_the_six_fields_of_the_envelope_and_nothing_else() -> None:
    line = encode(Envelope(812, 1795341234567, "operator:anna", 811, SystemStopped.kind, SystemStopped()))  # type: ignore[arg-type]

    expected = (
        b'{"seq":812,"ts":1795341234567,"actor":"operator:anna","cause":811,"kind":"system.stopped","payload":{}}'
    )
    assert line == expected


def test_an_old_reader_ignores_fields_that_it_does_not_know() -> None:
    line = (
        b'{"seq":1,"ts":2,"actor":"a","cause":null,"kind":"bot.connected","payload":{"botId":"bot_1","mood":"sunny"}}'
    )

    assert decode_envelope(line).payload == KINDS["bot.connected"](bot_id="bot_1")
