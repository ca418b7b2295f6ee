"""At most so many notifications a minute, then one digest; in quiet hours only what cannot wait."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from kernel.clock import HOUR, MINUTE, Millis
from kernel.testing.world import NOON
from plugins.notify.alert import Alert
from plugins.notify.codes import NotifyReason
from plugins.notify.pacing import Pacer, QuietHours
from plugins.notify.wording import digest_of, notice_of

DEAL = NotifyReason.DEAL_AGREED


def alerts(count: int, reason: NotifyReason = DEAL) -> list[Alert]:
    return [Alert(reason=reason, at=NOON, seq=n + 1, chat_id=f"chat_{n + 1}") for n in range(count)]


def flow(pacer: Pacer, pending: list[Alert], elapsed: int) -> list[int]:
    """Everything that is told at that moment: how many alerts each notification has."""
    told = []
    while due := list(pacer.due(pending, 0, NOON, elapsed)):
        told.append(len(due))
        pacer.tried(elapsed, taken=True)
        del pending[: len(due)]
    return told


def test_a_few_are_told_one_by_one_and_many_at_once_together() -> None:
    assert flow(Pacer(5, None), alerts(3), 0) == [1, 1, 1]
    assert flow(Pacer(5, None), alerts(40), 0) == [40]
    pacer, pending = Pacer(3, None), alerts(2)
    assert flow(pacer, pending, 0) == [1, 1]
    pending += alerts(1)
    assert flow(pacer, pending, 1_000) == [1]
    pending += alerts(7)
    assert flow(pacer, pending, 2_000) == [], "the minute is full"
    assert flow(pacer, pending, MINUTE) == [7]


def test_no_minute_has_more_than_its_number_whatever_comes() -> None:
    pacer, pending, sent = Pacer(4, None), list[Alert](), list[int]()
    for second in range(600):
        pending += alerts(1)
        sent += [second] * len(flow(pacer, pending, second * 1_000))
    assert max(sum(begin <= at < begin + 60 for at in sent) for begin in range(540)) <= 4
    assert len(pending) < 60


def test_one_that_fails_is_tried_again_after_pauses_that_grow() -> None:
    pacer, tried = Pacer(60, None), []
    for second in range(2_000):
        if pacer.due(alerts(1), 0, NOON, second * 1_000):
            pacer.tried(second * 1_000, taken=False)
            tried.append(second)
    assert tried[:6] == [0, 5, 15, 35, 75, 155] and tried[-1] - tried[-2] <= 600
    pacer.hurry()
    assert len(pacer.due(alerts(3), 0, NOON, 2_000_000)) == 3, "what has gathered comes together"


def test_in_quiet_hours_only_what_is_critical_is_told_and_the_rest_afterwards() -> None:
    night = QuietHours(time(22), time(7), ZoneInfo("Europe/Berlin"))  # an hour ahead of UTC in winter
    pacer = Pacer(5, night)
    both = [*alerts(1), *alerts(1, NotifyReason.JOURNAL_FAILING)]
    evening, before, morning = Millis(NOON + 9 * HOUR), Millis(NOON + 9 * HOUR - 1), Millis(NOON + 18 * HOUR)

    assert [one.reason for one in pacer.due(both, 0, evening, 0)] == [NotifyReason.JOURNAL_FAILING]
    assert len(pacer.due(alerts(9), 0, before, 0)) == len(pacer.due(alerts(9), 0, morning, 0)) == 9
    assert not pacer.due(alerts(9), 0, Millis(morning - 1), 0)
    assert not QuietHours(time(1), time(2), ZoneInfo("UTC")).are_at(NOON)


def test_words_have_a_link_and_a_digest_what_matters_most_first() -> None:
    alert = Alert(reason=NotifyReason.NEEDS_PERSON, at=NOON, chat_id="chat_7", item="AK-47 | Redline", minutes=12)

    english, russian = (notice_of(alert, language, "https://pm.example/") for language in ("en", "ru"))
    digest = digest_of([*alerts(30), *alerts(1, NotifyReason.JOURNAL_FAILING)], 4, "en", "https://pm.example")

    assert english.body == "AK-47 | Redline, for 12 min, https://pm.example/chats/chat_7"
    assert "12 мин" in russian.body and "ждёт" in russian.title
    assert digest.title == "Switchboard: 35 alerts" and digest.body.startswith("The journal cannot write: 1\n")
    assert digest.body.endswith("and 15 more") and digest.body.count("https://pm.example/chats/") == 20
    assert "\n" not in notice_of(Alert(reason=DEAL, at=NOON, item="a\n\u202eb"), "en", None).body
