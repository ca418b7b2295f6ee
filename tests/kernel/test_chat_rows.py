"""What a chat's row keeps: what is owed, what Steam knows its lines by, and why no agent leads it."""

from __future__ import annotations

import msgspec
import pytest

from kernel.codec import decode_envelope
from kernel.codes import Undeclared
from kernel.errors import IllegalTransition
from kernel.events import (
    ChatAgentToggled,
    ChatClosed,
    ChatMessageEchoed,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSending,
    ChatMessageSent,
    ChatMessageUnanswered,
    ChatMessageWaiting,
    ChatStarted,
    Event,
)
from kernel.ids import BotId, ChatId, MessageId, SteamId64
from kernel.rows import (
    MESSAGES_KEPT,
    AgentOff,
    AgentOffReason,
    Attempt,
    Chat,
    Delivery,
    LineKey,
    Message,
    Sender,
)
from kernel.state import State
from plugins.dialogue.codes import ChatEnd, HandoverReason, UnsentReason
from plugins.steam.codes import SteamRefusal
from tests.kernel.test_state import bot_added, fold

CHAT, LINE = ChatId("chat_1"), MessageId("msg_1")


def message(number: int, sender: Sender, delivery: Delivery | None, key: LineKey | None = None) -> Message:
    return Message(
        id=MessageId(f"msg_{number}"),
        sender=sender,
        text="hi",
        ts=1_000,  # type: ignore[arg-type]
        author="operator:anna" if sender is Sender.BOT else "player:1",
        delivery=delivery,
        steam_ts=key.steam_ts if key else None,
        ordinal=key.ordinal if key else None,
    )


def chat_after(*events: Event) -> Chat:
    """The chat that these events lead to, begun unasked."""
    state = State()
    player = SteamId64("76561198000000001")
    fold(state, bot_added(1), ChatStarted(chat_id=CHAT, bot_id=BotId("bot_1"), player=player, agent_enabled=False))
    fold(state, *events)
    return state.chats[CHAT]


def queued(number: int = 1) -> ChatMessageQueued:
    return ChatMessageQueued(chat_id=CHAT, message=message(number, Sender.BOT, Delivery.QUEUED))


def heard(number: int) -> ChatMessageReceived:
    key = LineKey(1_700_000_000 + number, 0)
    return ChatMessageReceived(chat_id=CHAT, message=message(number, Sender.PLAYER, None, key))


SENDING = ChatMessageSending(chat_id=CHAT, message_id=LINE)
IN_DOUBT = ChatMessageInDoubt(chat_id=CHAT, message_id=LINE, detail="Not in Steam's history.")


@pytest.mark.parametrize("steps", [[], [SENDING], [SENDING, IN_DOUBT]])
def test_a_flood_of_the_players_drops_no_line_of_which_something_is_still_to_become(steps: list[Event]) -> None:
    chat = chat_after(queued(), *steps, *(heard(number) for number in range(2, 2 * MESSAGES_KEPT)))

    assert len(chat.messages) == MESSAGES_KEPT
    assert chat.messages[0].id == LINE


def test_what_is_settled_goes_and_what_steam_knew_it_by_stays() -> None:
    sent = ChatMessageSent(chat_id=CHAT, message_id=LINE, steam_ts=1_700_000_001, ordinal=3)
    elsewhere = message(2, Sender.BOT, Delivery.SENT, LineKey(1_700_000_001, 2))
    chat = chat_after(
        queued(), sent, ChatMessageEchoed(chat_id=CHAT, message=elsewhere), *(heard(n) for n in range(3, 510))
    )

    assert chat.message(LINE) is None
    assert chat.forgotten is not None
    assert chat.forgotten.bot == LineKey(1_700_000_001, 3), "the latest, in whatever order they were written down"
    assert chat.forgotten.player == LineKey(1_700_000_000 + 9, 0)


def test_what_a_person_sent_again_is_owed_no_longer() -> None:
    again = ChatMessageQueued(chat_id=CHAT, message=message(2, Sender.BOT, Delivery.QUEUED), retry_of=LINE)
    chat = chat_after(queued(), SENDING, IN_DOUBT, again)

    assert [(m.is_owed, m.may_be_there) for m in chat.messages] == [(False, True), (True, False)]


def test_a_message_says_how_far_its_delivery_has_got_and_why_it_waits() -> None:
    waiting = ChatMessageWaiting(
        chat_id=CHAT,
        message_id=LINE,
        reason=SteamRefusal.STEAM_BUSY,
        detail="Busy.",
        refusals=2,
        until=9_000,  # type: ignore[arg-type]
    )
    unanswered = ChatMessageUnanswered(chat_id=CHAT, message_id=LINE, detail="No answer.")
    sent = ChatMessageSent(chat_id=CHAT, message_id=LINE, steam_ts=1_700_000_000, ordinal=0)
    told: list[tuple[str | None, str | None, Attempt | None]] = []
    steps: list[Event] = [queued(), SENDING, waiting, SENDING, unanswered, IN_DOUBT, sent]
    for step in range(1, len(steps) + 1):
        line = chat_after(*steps[:step]).messages[0]
        told.append((line.delivery, line.reason, line.attempt))

    handed = Attempt(handed_at=1_000)  # type: ignore[arg-type]
    again = msgspec.structs.replace(handed, refusals=2)
    assert told == [
        ("queued", None, None),
        ("sending", None, handed),
        ("queued", "steamBusy", Attempt(refusals=2, retry_at=9_000)),  # type: ignore[arg-type]
        ("sending", None, again),
        ("sending", "unanswered", again),
        ("inDoubt", "inDoubt", again),
        ("sent", None, None),
    ]


def test_what_was_given_up_in_doubt_may_still_turn_up_and_what_never_left_may_not() -> None:
    def failed(reason: str) -> Message:
        lost = ChatMessageFailed(chat_id=CHAT, message_id=LINE, reason=Undeclared(reason), detail="")
        return chat_after(queued(), SENDING, lost).messages[0]

    assert [failed(why).may_be_there for why in ("inDoubt", "discardedInDoubt", "discarded", "takenOver")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_was_not_taken_as_far_as_we_were_told_may_be_there_all_the_same() -> None:
    refused = ChatMessageWaiting(chat_id=CHAT, message_id=LINE, reason=SteamRefusal.STEAM_BUSY, detail="", refusals=1)
    failed = ChatMessageFailed(chat_id=CHAT, message_id=LINE, reason=UnsentReason.TAKEN_OVER, detail="")

    assert [chat_after(queued(), SENDING, refused, *rest).messages[0].may_be_there for rest in ((), (failed,))] == [
        False,
        True,
    ]


def test_a_chat_that_is_closed_never_closes_again() -> None:
    closed = ChatClosed(chat_id=CHAT, reason=ChatEnd.IDLE)

    assert not chat_after(closed).is_open
    with pytest.raises(IllegalTransition, match="cannot go from closed to closed"):
        chat_after(closed, closed)


# ── why no agent leads


def test_a_chat_says_why_no_agent_leads_it_since_when_and_by_whom() -> None:
    taken = ChatAgentToggled(
        chat_id=CHAT,
        enabled=False,
        epoch=3,
        reason=AgentOffReason.MESSAGE_LOST,
        why=AgentOffReason.MESSAGE_LOST,
        detail="Lost.",
    )
    back = ChatAgentToggled(chat_id=CHAT, enabled=True, epoch=2, reason=HandoverReason.GIVEN_BACK)

    assert chat_after().agent_off == AgentOff(why=AgentOffReason.NO_TASK, since=1_000, by="test")  # type: ignore[arg-type]
    assert chat_after(back).agent_off is None
    off = chat_after(back, taken).agent_off
    assert off == AgentOff(why=AgentOffReason.MESSAGE_LOST, since=1_000, by="test", detail="Lost.")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "why"), [("takenOver", "operator"), ("agentMistaken", "agentFailed"), ("of another day", "other")]
)
def test_a_line_from_before_there_was_a_why_is_read_by_its_text(reason: str, why: str) -> None:
    line = (
        b'{"seq":1,"ts":2,"actor":"a","cause":null,"kind":"chat.agentToggled",'
        b'"payload":{"chatId":"chat_1","enabled":false,"epoch":2,"reason":"%s"}}' % reason.encode()
    )
    event = decode_envelope(line).payload

    assert isinstance(event, ChatAgentToggled)
    assert event.why == why


def test_a_chat_of_an_earlier_snapshot_is_still_read() -> None:
    old = (
        b'{"id":"chat_1","botId":"bot_1","playerSteamId64":"76561198000000001","agentEnabled":false,"startedAt":1,'
        b'"messages":[{"id":"msg_1","from":"bot","text":"Hi","ts":1,"author":"operator:anna","delivery":"queued"}]}'
    )
    chat = msgspec.json.decode(old, type=Chat)

    assert (chat.agent_off, chat.forgotten, chat.messages[0].attempt) == (None, None, None)


def test_a_message_of_the_time_before_there_were_codes_is_still_read() -> None:
    old = b'{"id":"msg_1","from":"bot","text":"Hi","ts":1,"author":"operator:anna","delivery":"failed","error":"Gone."}'
    message = msgspec.json.decode(old, type=Message)
    assert (message.error, message.reason) == ("Gone.", None)


def test_a_code_that_nobody_declares_any_more_is_still_read() -> None:
    line = b'{"seq":1,"ts":1,"actor":"a","cause":null,"kind":"chat.messageFailed","payload":' + msgspec.json.encode(
        {"chatId": CHAT, "messageId": LINE, "reason": "ofAnotherDay", "detail": ""}
    )
    event = decode_envelope(line + b"}").payload
    assert isinstance(event, ChatMessageFailed)
    assert event.reason == "ofAnotherDay"
    assert chat_after(queued(), SENDING, event).messages[0].reason == "ofAnotherDay"
