"""The door and the stream while the machine's clock is set: nobody is signed out, and nobody waits longer."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.testing import NOON, FakeTransport, ManualClock
from tests.plugins.api.auth.test_sign_in import add, sign_in, who
from tests.plugins.api.auth.test_sign_in import cheap_hashes as cheap_hashes
from tests.plugins.api.client import Site, serving

COOKIE = "switchboard"


async def settled(site: Site, by: int) -> None:
    """The machine's clock is set, and the system's follows."""
    site.world.clock.set_wall(by)
    await site.world.clock.advance(20 * SECOND)


async def waits(http: httpx.AsyncClient) -> int | None:
    """How long whoever tries at olga's account has to wait; None when they may."""
    answer = await sign_in(http, "olga", "a guess")
    return int(answer.json()["error"]["retryAfter"]) if answer.status_code == 429 else None


async def lock(http: httpx.AsyncClient) -> None:
    """Guess so often that one has to wait."""
    for number in range(5):
        await sign_in(http, "olga", f"guess {number}")


@pytest.mark.parametrize("by", [15 * DAY, 40 * DAY, -40 * DAY])
async def test_a_step_of_the_clock_signs_nobody_out_and_locks_nobody_out_for_longer_or_less(by: int) -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as thief:
        add(site, "olga")
        await sign_in(browser, "olga")
        await lock(thief)
        assert await waits(thief) == 30 * SECOND
        await settled(site, by)

        assert await who(browser) == "operator:olga"
        assert await waits(thief) == 10 * SECOND
        await site.world.clock.advance(10 * SECOND)
        assert await waits(thief) is None


async def test_a_start_on_a_wrong_day_keeps_sessions_until_the_clock_is_right_again(tmp_path: Path) -> None:
    async with serving(FakeTransport, data=tmp_path) as site, site.client() as browser, site.client() as other:
        add(site, "olga")
        await sign_in(browser, "olga")
        await sign_in(other, "olga")
        cookie = browser.cookies[COOKIE]
    (tmp_path / "api" / "tokens.json").unlink()  # anna gets hers anew

    wrong = ManualClock(NOON + 40 * DAY, resumes=False)
    async with serving(FakeTransport, data=tmp_path, clock=wrong) as site, site.client() as browser:
        browser.cookies.set(COOKIE, cookie)
        assert await who(browser) is None, "it is too old by this clock"
        async with site.client() as other:
            await sign_in(other, "olga")  # which has the file written anew
        await settled(site, -40 * DAY)

        assert await who(browser) == "operator:olga"


async def test_what_a_run_with_a_clock_ahead_has_left_keeps_nobody_waiting_for_days(tmp_path: Path) -> None:
    ahead = ManualClock(NOON + 40 * DAY)
    async with serving(FakeTransport, data=tmp_path, clock=ahead) as site, site.client() as browser:
        add(site, "olga")
        await sign_in(browser, "olga")
        await lock(browser)
        cookie = browser.cookies[COOKIE]
    (tmp_path / "api" / "tokens.json").unlink()  # anna gets hers anew

    right = ManualClock(NOON, resumes=False)
    async with serving(FakeTransport, data=tmp_path, clock=right) as site, site.client() as browser:
        browser.cookies.set(COOKIE, cookie)
        assert await who(browser) == "operator:olga"
        wait = await waits(browser)
        assert wait is not None
        assert wait <= 15 * MINUTE
        for _ in range(5):
            await site.world.clock.advance(6 * DAY + HOUR)
            signed_in = await who(browser)
        assert signed_in is None, "and no session lasts longer for it"


async def test_the_head_of_the_stream_says_what_time_it_is_here() -> None:
    async with serving(FakeTransport) as site:
        await settled(site, DAY)
        async with site.anna.stream("GET", "/api/event-stream") as stream:
            assert int(stream.headers["switchboard-time"]) == site.world.clock.now() == NOON + DAY + 20 * SECOND
