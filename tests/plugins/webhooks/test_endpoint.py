"""An endpoint gets every event, however it fails; the cursor on disk never passes what was not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random

import pytest

from kernel.following import FollowedLine, JournalCursor, Stretch
from kernel.segments import EventsUnreadable
from kernel.testing.world import ManualClock, idle
from plugins.webhooks.codes import DeliveryFault, DisabledBecause
from plugins.webhooks.endpoint import Attempted, WebhookEndpoint, WebhookPauses
from plugins.webhooks.endpoint_file import EndpointProgress
from plugins.webhooks.payload import WebhookMessage

TAKEN = Attempted(None, 200)
FAILED = Attempted(DeliveryFault.ANSWERED, 500)
PAUSES = WebhookPauses(first=2_000, longest=60_000, failures=20)


class Around:
    """A journal of messages in memory, and a receiver that answers as it is told."""

    def __init__(self, events: int = 0) -> None:
        self.clock: ManualClock = ManualClock()
        self.events = events
        self.sent: list[tuple[int, int]] = []
        """When, by `elapsed`, and which."""
        self.answers: list[Attempted] = []
        self.default = TAKEN
        self.disabled: DisabledBecause | None = None
        self.saved = EndpointProgress(cursor=JournalCursor(0))
        self.fault: Exception | None = None
        self.at_once = self.most_at_once = 0

    def behind(self, cursor: int) -> bool:
        return self.events > cursor

    async def read(self, cursor: JournalCursor) -> tuple[Stretch, Sequence[WebhookMessage]]:
        if self.fault is not None:
            raise self.fault
        found = range(cursor.seq + 1, min(cursor.seq + 8, self.events) + 1)
        lines = tuple(FollowedLine(seq, 0, "a.b", b"%d" % seq) for seq in found)
        end = lines[-1].cursor if lines else cursor
        return Stretch(lines, end), [
            WebhookMessage(f"msg_{one.seq}", "a.b", one.seq, b"{}") for one in lines if one.seq % 3
        ]

    async def send(self, message: WebhookMessage) -> Attempted:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.sent.append((self.clock.elapsed(), message.seq))
        await asyncio.sleep(0)
        self.at_once -= 1
        return self.answers.pop(0) if self.answers else self.default

    async def save(self, progress: EndpointProgress) -> None:
        self.saved = progress

    async def committed(self) -> None:
        pass

    def is_disabled(self) -> bool:
        return self.disabled is not None

    def disable(self, reason: DisabledBecause, failures: int) -> None:
        self.disabled = reason


@asynccontextmanager
async def endpoint(around: Around, at_once: int = 4) -> AsyncIterator[WebhookEndpoint]:
    made = WebhookEndpoint("crm", around, around.saved, PAUSES, at_once=at_once, kept=10)
    task = asyncio.ensure_future(made.run())
    await idle()
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


WANTED = [seq for seq in range(1, 41) if seq % 3]


async def test_every_event_is_sent_once_and_the_cursor_ends_behind_the_last() -> None:
    around = Around(40)
    async with endpoint(around):
        await around.clock.advance(10_000)
    assert sorted(seq for _, seq in around.sent) == WANTED
    assert (around.saved.cursor.seq, around.most_at_once) == (40, 4)
    assert len(around.saved.deliveries) == 10, "the record is bounded"


async def test_while_it_fails_only_one_is_tried_after_pauses_that_grow_to_a_ceiling() -> None:
    around = Around(2)
    around.default = FAILED
    async with endpoint(around) as made:
        await around.clock.advance(300_000)
        times = [at for at, _ in around.sent]
        assert [later - at for at, later in pairwise(times[1:])][:7] == [
            2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ]  # fmt: skip
        assert around.saved.cursor.seq == 0 and made.progress.failures > 5
        around.default = TAKEN
        await around.clock.advance(60_000)
        assert around.saved.cursor.seq == 2 and made.progress.failures == 0


async def test_a_wish_for_a_longer_pause_is_met_up_to_the_ceiling() -> None:
    around = Around(1)
    around.answers = [Attempted(DeliveryFault.ANSWERED, 429, 30_000), Attempted(DeliveryFault.ANSWERED, 503, 9_999_999)]
    async with endpoint(around):
        await around.clock.advance(300_000)
    assert [at for at, _ in around.sent] == [0, 30_000, 90_000]


async def test_after_so_many_failures_it_is_disabled_and_goes_on_where_it_was_once_it_is_resumed() -> None:
    around = Around(4)
    around.default = FAILED
    async with endpoint(around) as made:
        await around.clock.advance(3_600_000)
        assert (around.disabled, made.progress.failures) == (DisabledBecause.FAILING, 20)
        tried = len(around.sent)
        await around.clock.advance(3_600_000)
        assert len(around.sent) == tried
        around.default, around.disabled = TAKEN, None
        await made.forgive()
        await idle()
    assert {seq for _, seq in around.sent[tried:]} == {1, 2, 4}
    assert around.saved.cursor.seq == 4


async def test_one_that_is_gone_is_disabled_at_once() -> None:
    around = Around(4)
    around.answers = [Attempted(DeliveryFault.GONE, 410)]
    async with endpoint(around, at_once=1):
        await around.clock.advance(1_000)
    assert around.disabled is DisabledBecause.GONE and around.saved.cursor.seq == 0


async def test_it_can_be_told_to_go_on_from_now_in_the_midst_of_a_pause() -> None:
    around = Around(8)
    around.default = FAILED
    async with endpoint(around) as made:
        await around.clock.advance(1)
        around.default, around.events = TAKEN, 9
        await made.go_on_from(JournalCursor(9))
        around.events = 11
        await around.clock.advance(500)
        assert [seq for _, seq in around.sent[4:]] == [10, 11]


async def test_a_journal_that_cannot_be_read_is_told_and_asked_again() -> None:
    around = Around(2)
    around.fault = EventsUnreadable("events 1 to 9 were pruned")
    async with endpoint(around) as made:
        await around.clock.advance(1)
        assert made.trouble == "events 1 to 9 were pruned"
        around.fault = None
        await around.clock.advance(10_000)
        assert made.trouble is None and around.saved.cursor.seq == 2


async def test_where_there_is_no_journal_nothing_spins() -> None:
    around = Around(0)
    around.behind = lambda cursor: True  # type: ignore[method-assign]
    async with endpoint(around):
        await around.clock.advance(10_000)
    assert around.sent == []


@pytest.mark.parametrize("seed", range(8))
async def test_stopped_anywhere_and_begun_again_nothing_is_lost(seed: int) -> None:
    """Every event is taken at least once; what comes twice does so under its one id."""
    random, around, taken = Random(seed), Around(40), set[int]()
    for _ in range(400):
        around.answers = [random.choice((TAKEN, TAKEN, FAILED, Attempted(DeliveryFault.LATE))) for _ in range(9)]
        outcomes = list(around.answers)
        before = len(around.sent)
        async with endpoint(around, at_once=random.choice((1, 3, 8))):
            for _ in range(random.randrange(6)):
                await around.clock.advance(random.randrange(9_000))
        sent = [seq for _, seq in around.sent[before:]]
        taken |= {seq for seq, result in zip(sent, outcomes, strict=False) if result.fault is None}
        taken |= set(sent[len(outcomes) :])
        assert {seq for seq in WANTED if seq <= around.saved.cursor.seq} <= taken
        if around.saved.cursor.seq == 40:
            break
    assert set(WANTED) <= taken
