"""One total order, the same for all; what one subscriber raises stays with it."""

from __future__ import annotations

import pytest

from kernel.bus import BACKLOG
from kernel.errors import IllegalTransition
from kernel.events import (
    BotConnected,
    BotConnecting,
    ContactPaused,
    ContactResumed,
    Envelope,
    ErrorLogged,
    StopWordAdded,
)
from kernel.ids import BotId
from kernel.testing import FakeTransport, World


async def test_a_handler_that_publishes_does_not_interrupt_the_delivery_under_way() -> None:
    async with World(FakeTransport) as world:
        seen: list[tuple[str, str]] = []

        def answer(envelope: Envelope, event: ContactPaused) -> None:
            seen.append(("first", envelope.kind))
            world.ctx.publish(ContactResumed())

        world.ctx.subscribe(ContactPaused, answer)
        for name in ("second", "third"):
            world.ctx.subscribe(ContactPaused, lambda e, _, name=name: seen.append((name, e.kind)))  # type: ignore[misc]
            world.ctx.subscribe(ContactResumed, lambda e, _, name=name: seen.append((name, e.kind)))  # type: ignore[misc]
        world.ctx.publish(ContactPaused())

        paused, resumed = "contact.paused", "contact.resumed"
        assert seen == [
            ("first", paused), ("second", paused), ("third", paused), ("second", resumed), ("third", resumed),
        ]  # fmt: skip


async def test_the_state_has_the_event_when_publish_returns() -> None:
    async with World(FakeTransport) as world:
        world.ctx.publish(ContactPaused())

        assert world.state.contact.paused


async def test_events_are_numbered_without_a_gap_and_say_what_caused_them() -> None:
    async with World(FakeTransport) as world:
        world.ctx.subscribe(ContactPaused, lambda *_: world.ctx.publish(ContactResumed()))
        first = world.ctx.publish(ContactPaused(), actor="operator:anna")

        assert [e.seq for e in world.events] == list(range(1, len(world.events) + 1))
        answer = world.events[-1]
        assert (answer.kind, answer.cause, answer.actor) == ("contact.resumed", first.seq, "plugin:test")
        assert (first.cause, first.actor) == (None, "operator:anna")


async def test_an_event_that_the_state_does_not_allow_changes_nothing_and_gets_no_number() -> None:
    async with World(FakeTransport) as world:
        bot = world.add_bot()
        before = (world.state.seq, world.state.bots[bot])

        with pytest.raises(IllegalTransition, match="cannot go from connected to connecting"):
            world.ctx.publish(BotConnecting(bot_id=bot))
        with pytest.raises(IllegalTransition, match="there is no bot"):
            world.ctx.publish(BotConnected(bot_id=BotId("bot_nobody")))

        assert (world.state.seq, world.state.bots[bot]) == before


async def test_an_event_that_cannot_be_written_down_does_not_happen() -> None:
    async with World(FakeTransport) as world:
        before = world.state.seq

        with pytest.raises(UnicodeEncodeError):
            world.ctx.publish(StopWordAdded(word="half a \ud800 character"))

        assert world.state.seq == before
        assert world.state.contact.stop_words == ()


@pytest.mark.parametrize("error", [ValueError("secretive"), SystemExit("bye")])
async def test_a_handler_that_raises_is_named_and_the_next_one_runs(error: BaseException) -> None:
    async with World(FakeTransport) as world:
        seen: list[str] = []

        def fail(envelope: Envelope, event: ContactPaused) -> None:
            raise error

        world.ctx.subscribe(ContactPaused, fail)
        world.ctx.subscribe(ContactPaused, lambda e, _: seen.append(e.kind))
        world.ctx.publish(ContactPaused())

        assert seen == ["contact.paused"]
        logged = world.happened(ErrorLogged)
        assert [(e.source, e.message) for e in logged] == [("test", "handler of contact.paused")]


async def test_failing_over_the_news_of_a_failure_ends_there() -> None:
    async with World(FakeTransport) as world:

        def fail(envelope: Envelope, event: object) -> None:
            raise ValueError("again")

        world.ctx.subscribe(ErrorLogged, fail)
        world.ctx.subscribe(ContactPaused, fail)
        world.ctx.publish(ContactPaused())

        assert len(world.happened(ErrorLogged)) == 1


async def test_an_async_handler_is_refused_when_it_subscribes() -> None:
    async with World(FakeTransport) as world:

        async def slow(envelope: Envelope, event: ContactPaused) -> None: ...

        with pytest.raises(TypeError, match=r"let it call ctx\.spawn instead"):
            world.ctx.subscribe(ContactPaused, slow)


async def test_two_handlers_that_answer_each_other_without_end_are_stopped() -> None:
    async with World(FakeTransport) as world:
        count = 0

        def flood(envelope: Envelope, event: StopWordAdded) -> None:
            nonlocal count
            count += 1
            if count == 1:
                for _ in range(BACKLOG + 1):
                    world.ctx.publish(ContactPaused())

        world.ctx.subscribe(StopWordAdded, flood)
        world.ctx.publish(StopWordAdded(word="halt"))

        assert "do two handlers answer each other?" in str(world.happened(ErrorLogged)[0].detail)


async def test_time_never_goes_back_in_the_log_even_when_the_clock_does() -> None:
    async with World(FakeTransport) as world:
        late = world.ctx.publish(ContactPaused())
        world.clock._now -= 5_000
        later = world.ctx.publish(ContactResumed())

        assert later.ts >= late.ts
