"""Steam takes a message and its answer is late, and Steam's history lags: the real transport against the simulator."""

from __future__ import annotations

import pytest

from kernel.events import ChatMessageFailed, ChatMessageInDoubt, ChatMessageUnanswered
from kernel.rows import Delivery, Message, Sender
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.record import What
from tests.whole.runner import Result, run
from tests.whole.steps import Deed, History

GREETED = (s.AddBot(), s.Create(then=3.0), s.Player(then=20.0))
"""A player who has accepted and has been greeted."""
LATE = s.Fault(kind=FaultKind.LATE_ANSWERS, late=60.0, during=24.0, then=0.0)
"""No answer comes in the 20 s that it is waited for; the looks that follow are answered."""


def lags(seconds: float) -> s.Fault:
    return s.Fault(kind=FaultKind.HISTORY_LAGS, late=seconds, during=1_200.0, then=0.0)


def got(result: Result) -> list[str]:
    """The bot's lines that the player has, by Steam's own record."""
    return [entry.text for entry in result.evidence.entries(What.GOT)]


def ours(result: Result) -> list[Message]:
    [chat] = result.evidence.state.chats.values()
    return [message for message in chat.messages if message.sender is Sender.BOT]


@pytest.mark.parametrize("lag", [0.0, 30.0, 290.0])
def test_an_operators_line_is_with_the_player_once_and_found_when_the_history_shows_it(lag: float) -> None:
    steps = (*GREETED, lags(lag), LATE, s.Write(then=600.0))
    result = run(History(bots=1, players=(Temperament.NEVER,), steps=steps), frozenset())

    assert result.findings == [], str(result)
    assert len([text for text in got(result) if text.startswith("Line ")]) == 1, str(result)
    assert len(list(result.evidence.happened(ChatMessageUnanswered))) == 1, str(result)
    assert len(list(result.evidence.happened(ChatMessageInDoubt))) == (1 if lag > 120 else 0), str(result)
    assert ours(result)[-1].delivery is Delivery.SENT, str(result)


@pytest.mark.parametrize("decision", [None, s.Retry(then=60.0), s.Discard(then=60.0)])
def test_a_line_that_never_shows_is_said_again_by_a_persons_decision_alone(decision: s.Ask | None) -> None:
    steps = (*GREETED, lags(100_000.0), LATE, s.Write(then=600.0), *([decision] if decision else ()))
    result = run(History(bots=1, players=(Temperament.NEVER,), steps=steps), frozenset())

    assert result.findings == [], str(result)
    times = 2 if isinstance(decision, s.Retry) else 1
    assert [text.startswith("Line ") for text in got(result)] == [False, *[True] * times], str(result)
    assert len(list(result.evidence.happened(ChatMessageInDoubt))) == 1, str(result)
    discarded = [event.reason for _, event in result.evidence.happened(ChatMessageFailed)]
    assert discarded == (["discardedInDoubt"] if isinstance(decision, s.Discard) else []), str(result)


def test_an_agents_line_that_is_found_late_was_never_repeated_and_nothing_of_the_agents_followed() -> None:
    steps = (*GREETED, lags(290.0), LATE, s.Player(does=Deed.WRITE, then=600.0))
    result = run(History(bots=1, players=(Temperament.NEVER,), steps=steps), frozenset())

    assert result.findings == [], str(result)
    assert len(got(result)) == len(set(got(result))) == 2, str(result)
    [chat] = result.evidence.state.chats.values()
    assert chat.agent_off is not None
    assert chat.agent_off.why == "messageInDoubt"
    assert [message.delivery for message in ours(result)] == [Delivery.SENT, Delivery.SENT], str(result)


@pytest.mark.parametrize("after", [s.Wait(), s.Restart(), s.Kill(), s.Reload()])
@pytest.mark.parametrize("lag", [0.0, 25.0])
def test_what_steam_refused_and_took_all_the_same_reaches_the_player_once(lag: float, after: s.Step) -> None:
    lie = s.Fault(kind=FaultKind.CHAT_LIES, times=1, then=0.0)
    steps = (*GREETED, lags(lag), lie, s.Write(), after, s.Wait(then=120.0))
    result = run(History(bots=1, players=(Temperament.NEVER,), steps=steps), frozenset())

    assert result.findings == [], str(result)
    assert len([text for text in got(result) if text.startswith("Line ")]) == 1, str(result)
    assert ours(result)[-1].delivery is Delivery.SENT
