"""What a plugin takes through its context."""

from __future__ import annotations

import gc

from kernel.clock import MINUTE
from kernel.testing import FakeTransport, World


async def test_a_call_for_later_comes_at_its_moment_and_not_when_it_was_called_off() -> None:
    async with World(FakeTransport) as world:
        called: list[str] = []
        world.ctx.call_later(MINUTE, lambda: called.append("kept"), "kept")
        call_off = world.ctx.call_later(MINUTE, lambda: called.append("called off"), "called off")

        await world.clock.advance(MINUTE - 1)
        assert called == []
        call_off()
        await world.clock.advance(1)

        assert called == ["kept"]


async def test_a_call_for_later_may_be_called_off_before_it_has_begun_to_wait() -> None:
    async with World(FakeTransport) as world:
        called: list[str] = []

        world.ctx.call_later(MINUTE, lambda: called.append("x"), "x")()
        await world.clock.advance(MINUTE)
        gc.collect()  # a coroutine that nobody awaited would warn here, and warnings are errors

        assert called == []
