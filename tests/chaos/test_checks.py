"""Each promise, broken in a record made by hand: the check sees it, and sees nothing a little before or after."""

from __future__ import annotations

import pytest

from kernel.clock import Millis
from kernel.ids import BotId, ChatId, MessageId, SteamId64
from kernel.rows import MESSAGES_KEPT, Chat, Message, Sender
from kernel.state import State
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.record import Asked, Changed, ClientChannel, Request, RequestAnswered
from plugins.steam_sim.world import FriendshipChanged, MessageSent
from tests.chaos.checks import HEARING, MINUTE, judge
from tests.chaos.ledger import Answer, Given, Ledger

BOT, OTHER_BOT, PLAYER, STRANGER = 1, 2, 100, 101
CHAT = "chat_1"
NONE, FRIEND, INVITED, INVITED_US = (
    EFriendRelationship.NONE,
    EFriendRelationship.FRIEND,
    EFriendRelationship.REQUEST_INITIATOR,
    EFriendRelationship.REQUEST_RECIPIENT,
)


def attempt(at: int, player: int = PLAYER, bot: int = BOT) -> Asked:
    return Asked(at, at, bot, Request.ADD_FRIEND, player)


def invite(at: int, player: int = PLAYER, bot: int = BOT) -> Changed:
    return Changed(at, FriendshipChanged(bot, player, INVITED, INVITED_US))


def turn_away(at: int, player: int = PLAYER, bot: int = BOT) -> Changed:
    """What the player does to decline, and to end a friendship."""
    return Changed(at, FriendshipChanged(player, bot, NONE, NONE))


def friends(at: int = 0, player: int = PLAYER, bot: int = BOT) -> Changed:
    return Changed(at, FriendshipChanged(player, bot, FRIEND, FRIEND))


def line(at: int, text: str, bot: int = BOT) -> list[ClientChannel]:
    """A message comes to Steam, and the player gets it."""
    return [
        Asked(at, at, bot, Request.SEND_MESSAGE, PLAYER, text),
        Changed(at, MessageSent(bot, PLAYER, text, at // 1000)),
    ]


def says(at: int, text: str) -> Changed:
    return Changed(at, MessageSent(PLAYER, BOT, text, at // 1000))


def command(
    kind: str, at: int, about: str = "", *, code: str = "", created: str | None = None, **payload: object
) -> Given:
    """Given and answered in the same millisecond; with a `code`, refused."""
    answer = Answer(at, 409, ok=False, code=code) if code else Answer(at, 200, ok=True, created=created)
    return Given(f"cmd_{at}", kind, payload, about, at, [answer])


def a_chat_of(number: int) -> Chat:
    """With so many of the player's lines."""
    return Chat(
        id=ChatId(CHAT),
        bot_id=BotId("bot_1"),
        player=SteamId64(str(PLAYER)),
        agent_enabled=False,
        messages=tuple(
            Message(id=MessageId(f"msg_{place}"), sender=Sender.PLAYER, text="Hm", ts=Millis(place), author="player:1")
            for place in range(number)
        ),
        started_at=Millis(0),
    )


def broken(lines: list[ClientChannel], *commands: Given, state: State | None = None) -> set[str]:
    """The promises that are not kept."""
    ledger = Ledger()
    for given in commands:
        ledger.add(given)
    report = judge(lines, frozenset({BOT, OTHER_BOT}), ledger, state or State())
    return {finding.partition(":")[0] for finding in report.findings}


@pytest.mark.parametrize(("gap", "found"), [(MINUTE, set()), (MINUTE - 10, {"one attempt a minute a bot"})])
def test_two_attempts_of_a_bot_are_a_minute_apart(gap: int, found: set[str]) -> None:
    assert broken([attempt(1), RequestAnswered(1, 1, 20), attempt(1 + gap, STRANGER)]) == found
    assert not broken([attempt(1), attempt(2, STRANGER, OTHER_BOT)])


def test_nobody_gets_two_invites() -> None:
    first: list[ClientChannel] = [attempt(1), invite(1)]

    assert "no second invite" in broken([*first, attempt(1 + MINUTE), invite(1 + MINUTE)])
    assert "one bot for one person" in broken([*first, attempt(5, bot=OTHER_BOT), invite(5, bot=OTHER_BOT)])
    assert not broken([attempt(1), RequestAnswered(1, 1, 20), attempt(1 + MINUTE), friends(MINUTE + 2)])


def test_another_bot_goes_on_with_a_person_only_by_a_new_task() -> None:
    heard = [
        friends(),
        friends(bot=OTHER_BOT),
        *line(10, "agent [chat_1/1/1]"),
        *line(30, "agent [chat_2/1/1]", OTHER_BOT),
    ]

    assert "one bot for one person" in broken(heard)
    assert "one bot for one person" in broken(heard, command("CreateTask", 5, str(PLAYER), created="task_1"))
    assert "one bot for one person" not in broken(heard, command("CreateTask", 20, str(PLAYER), created="task_1"))


def test_who_has_declined_or_left_is_not_invited() -> None:
    assert "no invite after a decline or a stop" in broken([invite(1), turn_away(2), attempt(3)])
    assert "no invite after a decline or a stop" in broken([friends(), turn_away(2), attempt(3)])


def test_nothing_is_said_twice() -> None:
    twice = [friends(), *line(1, "agent [chat_1/1/1]"), *line(2, "agent [chat_1/1/1]")]

    assert broken(twice) == {"no message twice"}
    assert not broken([friends(), *line(1, "agent [chat_1/1/1]"), *line(2, "agent [chat_1/1/2]")])


@pytest.mark.parametrize("wish", [says(10, "STOP please"), turn_away(10)])
def test_a_player_who_has_had_enough_hears_no_more(wish: Changed) -> None:
    assert broken([friends(), wish, *line(11 + HEARING, "hello")]) == {"no contact against a wish"}
    assert not broken([friends(), wish, *line(11, "hello")])


def test_what_was_said_to_a_bot_that_was_off_and_removed_is_heard_once_its_account_is_back() -> None:
    added = command("AddBotFromMaFile", 1, str(BOT), created="bot_1")
    removed = command("RemoveBot", 5_000, "bot_1", botId="bot_1")
    late = command("RemoveBot", 5_000 + MINUTE, "bot_1", botId="bot_1")
    read = Asked(11, 4_000, BOT, Request.READ_HISTORY, PLAYER)
    back = Asked(12, 7_000, BOT, Request.READ_HISTORY, STRANGER)
    said = [friends(), says(3_000, "stop"), *line(8_000, "hello", OTHER_BOT)]

    assert "no contact against a wish" not in broken(said, added, removed)
    assert "no contact against a wish" in broken(said, added, late)
    assert "no contact against a wish" in broken([*said, read], added, removed)
    assert "no contact against a wish" not in broken([*said, back], added, removed)
    assert "no contact against a wish" in broken([*said, back, *line(9_001, "hi", OTHER_BOT)], added, removed)


def test_a_player_on_the_list_is_left_alone_from_the_answer_on() -> None:
    listed = command("AddDoNotContact", 10, str(PLAYER), playerSteamId64=str(PLAYER))

    assert "no contact against a wish" in broken([friends(), *line(12, "hello")], listed)
    assert "no contact against a wish" in broken([attempt(12)], listed)
    assert "no contact against a wish" not in broken([friends(), *line(9, "hello")], listed)


def test_a_pause_holds_until_contact_is_to_go_on() -> None:
    pause, resume = command("PauseContact", 10), command("ResumeContact", 20)

    assert broken([attempt(15)], pause, resume) == {"no contact while paused"}
    assert not broken([attempt(5), attempt(25, STRANGER, OTHER_BOT)], pause, resume)


def test_a_take_over_holds_until_the_chat_is_given_back() -> None:
    commands = (
        command("ToggleAgent", 10, CHAT, enabled=False),
        command("ToggleAgent", 20, CHAT, enabled=True),
        command("ToggleAgent", 30, CHAT, code="chatClosed", enabled=False),
    )

    assert "no line of the agent's after a take-over" in broken([friends(), *line(15, "agent [chat_1/1/1]")], *commands)
    for at in (9, 21, 40):
        assert not broken([friends(), *line(at, "agent [chat_1/1/1]")], *commands)


def test_what_was_acknowledged_is_in_the_state() -> None:
    lost = {"nothing acknowledged is lost"}

    assert broken([], command("CreateTask", 1, str(PLAYER), created="task_1")) == lost
    assert broken([], command("AddDoNotContact", 1, str(PLAYER), playerSteamId64=str(PLAYER))) == lost
    assert broken([], command("AddBotFromMaFile", 1, str(BOT), created="bot_1")) == lost
    assert not broken([], command("CreateTask", 1, str(PLAYER), code="playerBusy"))


def test_a_persons_words_are_said_or_say_why_not() -> None:
    said = command("SendMessage", 1, CHAT, created="msg_1", text="operator [1] to chat_1")

    assert "what was acknowledged is said, or says why not" in broken(
        [friends(), *line(2, "operator [1] to chat_1")], said
    )


def test_what_was_refused_does_not_happen() -> None:
    refused = command("SendMessage", 1, CHAT, code="notDurable", text="operator [1] to chat_1")

    assert broken([friends(), *line(2, "operator [1] to chat_1")], refused) == {"nothing refused has happened"}


def test_an_answer_at_the_door_says_nothing_of_an_earlier_try() -> None:
    text = "operator [1] to chat_1"
    refused = command("SendMessage", 1, CHAT, code="stopping", text=text)
    again, certain = (Given(f"cmd_{number}", "SendMessage", {"text": text}, CHAT, 1) for number in (2, 3))
    for given in (again, certain):
        given.lose()
    again.answer(Answer(2, 503, ok=False, code="stopping"))
    certain.answer(Answer(2, 503, ok=False, code="notDurable"))

    assert broken([friends(), *line(2, text)], refused) == {"nothing refused has happened"}
    assert not again.settled
    assert certain.settled
    assert broken([friends(), *line(2, text)], certain) == {"nothing refused has happened"}
    certain.lose()
    assert not certain.settled


@pytest.mark.parametrize(("lines", "found"), [(MESSAGES_KEPT - 1, True), (MESSAGES_KEPT, False)])
def test_a_line_is_only_excused_where_its_chat_is_full_and_the_player_has_it(lines: int, found: bool) -> None:
    promise = "what was acknowledged is said, or says why not"
    said = command("SendMessage", 1, CHAT, created="msg_old", text="operator [1] to chat_1")
    state = State()
    state.chats.restore(CHAT, a_chat_of(lines))

    assert (promise in broken([friends(), *line(2, "operator [1] to chat_1")], said, state=state)) is found
    assert promise in broken([friends()], said, state=state)
