"""The codes of reasons and refusals are those that our code gives: the page has a sentence for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import pytest

from kernel import errors
from kernel.reasons import BotReason, MessageReason, RefusalCode, TaskReason
from kernel.rows import Message
from plugins.steam import errors as transport
from plugins.steam import policy

ROOT: Final = Path(__file__).resolve().parents[2]
OURS: Final = ("steam_sim", "steam_protocol", "scripted_agent", "llm_agent", "demo")
"""Plugins that refuse no command and give no reason, or whose errors are of another kind."""
REFUSALS: Final = frozenset({"Rejection", "MaFileInvalid", "ProxyInvalid"}) | {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.CommandError)
}
AT_THE_DOOR: Final = frozenset({"Unauthorized", "TooSlow", "TooLarge", "Misdirected", "Broken"})
"""The refusals of `api` alone."""
NEVER_ON_THE_PAGE: Final = {
    "handlerTaken": "a bug of whoever writes a plugin, told at its start",
    "badRequest": "of addresses that the page does not ask for",
    "notFound": "of addresses that the page does not ask for",
    "notJson": "the page sends JSON",
    "invalidHost": "a browser's Host is one",
    "noJournal": "the audit has a sentence of its own for whatever it is refused for",
    "tooManyStreams": "the page shows that it is not connected, and tries again",
    "invalidPage": "what the page tells of itself is not waited for",
    "unknownPage": "what the page tells of itself is not waited for",
    "invalidPresence": "what the page tells of itself is not waited for",
    "notBlocked": "of the command line",
    "inDoubt": "of requests to Steam, which plugins alone make; what is in doubt has it for a reason",
    "invalidDays": "the page makes tokens that are good until they are taken back",
    "maFile.unreadable": "of the command line, which imports a folder",
    "maFile.wrongPasskey": "of the command line, which imports a folder",
    "manifest.damaged": "of the command line, which imports a folder",
    "alreadyOpen": "the shell is opened from a notebook or the command line",
    "notOpen": "the shell is opened from a notebook or the command line",
    "notInstalled": "the shell is opened from a notebook or the command line",
    "doesNotStart": "the shell is opened from a notebook or the command line",
}


def sources() -> Iterator[Path]:
    for_tests = ROOT / "kernel" / "testing"
    yield from (path for path in (ROOT / "kernel").rglob("*.py") if for_tests not in path.parents)
    yield from (path for path in (ROOT / "plugins").rglob("*.py") if not set(path.parts) & set(OURS))


@cache
def all_calls() -> tuple[ast.Call, ...]:
    nodes = (node for path in sources() for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return tuple(node for node in nodes if isinstance(node, ast.Call))


def calls(*names: str) -> Iterator[ast.Call]:
    return (call for call in all_calls() if _name(call.func) in names)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def refused() -> set[str]:
    """Every code that is written where something is refused."""
    found = set()
    for call in calls(*REFUSALS, *AT_THE_DOOR):
        place = 1 if _name(call.func) == "Rejection" else 0
        given = [*call.args[place : place + 1], *(word.value for word in call.keywords if word.arg == "code")]
        found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def reasons(event: str, words: str = "reason") -> set[str]:
    """Every code that is written where such an event is made."""
    given = [word.value for call in calls(event) for word in call.keywords if word.arg == words]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def judged() -> set[str]:
    """What Steam's answers are called."""
    tables = [*policy._TABLE.values(), policy._EVERYWHERE]
    return {verdict.code for table in tables for verdict in table.values()} - {""}


def test_every_refusal_has_a_code_of_the_vocabulary_or_is_never_shown_on_the_page() -> None:
    assert refused() - set(RefusalCode) == set(NEVER_ON_THE_PAGE)


def test_the_vocabulary_has_no_refusal_that_nobody_gives() -> None:
    elsewhere = {
        "rejected": "what an objection is called that has no code",
        "steamBusy": "given where Steam's refusal binds nobody",
        "fileUnreadable": "stands on the error's class",
        "dataFolderGone": "stands on the error's class",
        "invalidForm": "handed on as an argument",
        "inviteRefused": "handed on as an argument",
        "messageRefused": "handed on as an argument",
        "withdrawRefused": "handed on as an argument",
        "historyRefused": "handed on as an argument",
    }
    assert set(RefusalCode) - refused() - judged() == set(elsewhere)


def test_what_steam_says_to_a_sign_in_is_a_reason_and_to_an_invite_or_a_message_a_refusal() -> None:
    for context, table in policy._TABLE.items():
        known = set(RefusalCode) if context in {policy.Context.INVITE, policy.Context.CHAT} else set(BotReason)
        assert {verdict.code for verdict in table.values()} - {""} <= known
    assert {verdict.code for verdict in policy._EVERYWHERE.values()} == {""}


@pytest.mark.parametrize("table", [policy._SIGN_IN, policy._LOGON, policy._LOGGED_OFF, policy._ACCOUNT_GONE])
def test_a_sign_in_that_a_person_has_to_mend_has_a_code_of_its_own(table: dict[int, policy.Verdict]) -> None:
    assert all(verdict.code for verdict in table.values() if verdict.step is policy.Step.STOP)


def test_whatever_hinders_a_bot_from_signing_in_is_a_reason_of_the_vocabulary() -> None:
    abstract = {transport.PersonNeeded, transport.Unavailable}
    hindrances = {
        error.code
        for error in vars(transport).values()
        if isinstance(error, type)
        and issubclass(error, transport.PersonNeeded | transport.Unavailable)
        and error not in abstract
    }
    assert hindrances <= set(BotReason)


def test_the_reasons_that_bots_and_tasks_are_given_are_of_the_vocabulary() -> None:
    assert reasons("BotDisconnected") | reasons("BotAuthFailed") | reasons("DisconnectBot") <= set(BotReason)
    tasks = reasons("TaskStatusChanged") | reasons("TaskWaiting") | reasons("FriendInviteFailed")
    holds = {call.args[0].value for call in calls("Hold") if call.args and isinstance(call.args[0], ast.Constant)}
    unseen = {"withdrawn"}  # the task has ended before, or goes to another bot
    assert (tasks | holds) - unseen <= set(TaskReason) | set(RefusalCode)


def test_the_reasons_that_messages_fail_for_are_of_the_vocabulary() -> None:
    outbox = ast.parse((ROOT / "plugins/dialogue/outbox.py").read_text("utf-8"))
    given = {
        call.args[2].value
        for call in ast.walk(outbox)
        if isinstance(call, ast.Call) and _name(call.func) in {"_fail", "_give_up"} and len(call.args) > 2
        if isinstance(call.args[2], ast.Constant)
    }
    assert given and given <= set(MessageReason)


def test_a_message_of_the_time_before_there_were_codes_is_still_read() -> None:
    old = b'{"id":"msg_1","from":"bot","text":"Hi","ts":1,"author":"operator:anna","delivery":"failed","error":"Gone."}'
    message = msgspec.json.decode(old, type=Message)
    assert (message.error, message.reason) == ("Gone.", None)
