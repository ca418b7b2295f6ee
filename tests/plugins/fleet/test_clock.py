"""Who is online while the machine's clock is set: by what has truly elapsed, it is as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND, Millis
from kernel.commands import ConnectBot
from kernel.testing import NOON, ManualClock, World
from plugins.fleet import Fleet
from plugins.fleet import plugin as fleet_plugin
from tests.plugins.fleet.signing import SIGN_IN, Signing, add_bots, drop, online, signing
from tests.restart import history, replay

TROUBLE: Mapping[str, Any] = {
    "sign_ins_at_once": 3,
    "online_limit": 6,
    "sign_in_burst": 10,
    "sign_ins_a_minute": 12,
    "rotation_minutes": 20,
    "retry_min_s": 30,
}


class Watched(Signing):
    """Writes down when it is asked to sign bots in, by what has truly elapsed of the run; every third one fails."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[tuple[int, str]] = []
        self.ends = lambda bot_id: "off" if int(self.ctx.state.bots[bot_id].steam_id64) % 3 == 0 else "connected"

    async def connect(self, command: ConnectBot) -> None:  # type: ignore[override]
        self.asked.append((self.ctx.clock.elapsed(), self.ctx.state.bots[command.bot_id].steam_id64))
        await super().connect(command)


async def sign_ins(steps: Mapping[int, int]) -> list[tuple[int, str]]:
    """When which account was signed in within three hours; `steps` says by minute what the clock is set to."""
    async with World(Watched, Fleet, config={"fleet": TROUBLE}) as world:
        bots = add_bots(world, 15)
        for minute in range(180):
            if minute in steps:
                world.clock.set_wall(steps[minute])
            if minute % 25 == 7 and online(world):
                drop(world, min(online(world), key=bots.index))
            await world.clock.advance(MINUTE)
        return world.plugin(Watched).asked


@pytest.mark.parametrize("by", [DAY, -HOUR, 15 * DAY, -15 * DAY])
async def test_bots_are_signed_in_at_the_same_moments_as_if_nobody_had_set_the_clock(
    by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_plugin, "Random", lambda: Random(7))
    undisturbed = await sign_ins({})

    assert len(undisturbed) > 60
    assert await sign_ins({3: by, 30: 0, 31: by, 120: 0}) == undisturbed


@pytest.mark.parametrize("shown", [NOON, NOON - DAY, NOON + 15 * DAY])
async def test_after_a_run_with_a_clock_a_day_ahead_the_bots_sign_in_at_once(shown: int) -> None:
    ahead = ManualClock(NOON + DAY)
    async with World(Signing, Fleet, clock=ahead) as world:
        bots = add_bots(world, 3)
        await world.clock.advance(MINUTE)
        signing(world).ends = lambda _: "off"
        signing(world).retry_at = Millis(world.clock.now() + 30 * SECOND)
        drop(world, bots[0])
        await world.clock.advance(MINUTE)
        past = history(world)

    clock = ManualClock(shown, resumes=False)
    async with World(replay(past), Signing, Fleet, clock=clock) as world:
        await world.clock.advance(MINUTE + SIGN_IN)

        assert online(world) == set(bots)
