"""Codes by Steam's own time: whose clock is off, who tells, and what reached Steam."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plugins.steam import auth
from plugins.steam.connection import tls_context
from plugins.steam.directory import Directory
from plugins.steam.errors import SignInDeferred, SignInRejected
from plugins.steam.network import Network
from plugins.steam.steam_clock import CodeSteps, SteamClock, TimeSource
from plugins.steam.time_report import time_measures, told
from plugins.steam_protocol import totp
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from tests.plugins.steam.ground import Bot, Ground, connected

SECOND = 1_000
MINUTE = 60 * SECOND
NOW = 1_800_000_000_000
AHEAD, BEHIND = FaultKind.CLOCK_AHEAD, FaultKind.CLOCK_BEHIND


def results(ground: Ground) -> list[int]:
    """What Steam answered to the codes that came in; no code may have come twice."""
    codes = [given.code for given in ground.simulation.codes]
    assert len(codes) == len(set(codes))
    return [given.eresult for given in ground.simulation.codes]


def sets_off(ground: Ground, kind: FaultKind, by: int, *more: FaultKind) -> None:
    for fault in (kind, *more):
        ground.simulation.faults.switch_on(Fault(fault, delay_ms=by))


@pytest.mark.parametrize("kind", [AHEAD, BEHIND])
@pytest.mark.parametrize("by", [20 * SECOND, 90 * SECOND, 10 * MINUTE, 60 * MINUTE])
@pytest.mark.parametrize("undated", [False, True])
async def test_a_clock_that_is_off_costs_no_code(ground: Ground, kind: FaultKind, by: int, undated: bool) -> None:
    sets_off(ground, kind, by, *([FaultKind.DIRECTORY_UNDATED] if undated else []))

    async with connected(ground):
        assert results(ground) == [EResult.OK]

    time = ground.network.time
    off = by if kind is AHEAD else -by
    assert off - SECOND <= time.offset_ms <= off
    assert time.heard is not None and time.heard.source == TimeSource.LOGON
    assert ground.simulation.times_asked == undated
    side = "behind" if kind is AHEAD else "ahead of"
    assert f"{side} Steam's" in told(time)
    assert [measure.name for measure in time_measures(time)] == [
        "steam_clock_offset_seconds",
        "steam_clock_age_seconds",
    ]


@pytest.mark.parametrize("kind", [AHEAD, BEHIND])
async def test_where_nobody_tells_the_time_one_code_is_given_and_then_none_until_somebody_does(
    ground: Ground, kind: FaultKind
) -> None:
    sets_off(ground, kind, 10 * MINUTE, FaultKind.DIRECTORY_UNDATED, FaultKind.QUERY_TIME_FAILS)
    bot = Bot(ground)
    for _ in range(3):
        with pytest.raises(SignInDeferred, match="this machine's clock may be off") as deferred:
            await bot.connect()
        assert deferred.value.code == "signIn.clockWrong" and "remove the bot" not in str(deferred.value)
        ground.now_ms += 5 * MINUTE
    assert results(ground) == [EResult.TWO_FACTOR_CODE_MISMATCH]

    ground.simulation.faults.switch_off(FaultKind.QUERY_TIME_FAILS)
    client = await bot.connect()
    await client.log_off()
    assert results(ground) == [EResult.TWO_FACTOR_CODE_MISMATCH, EResult.OK]


async def test_a_clock_that_was_set_right_is_tried_at_once(ground: Ground) -> None:
    machine = Machine(ground)
    machine.off = 10 * MINUTE
    bot = Bot(ground, network=machine.network(ground))
    for kind in (FaultKind.DIRECTORY_UNDATED, FaultKind.QUERY_TIME_FAILS):
        ground.simulation.faults.switch_on(Fault(kind))
    for _ in range(2):
        with pytest.raises(SignInDeferred):
            await bot.connect()

    machine.off = 0
    client = await bot.connect()
    await client.log_off()

    assert results(ground) == [EResult.TWO_FACTOR_CODE_MISMATCH, EResult.OK]


async def test_a_right_time_and_a_refused_code_are_the_mafiles_fault(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_MARGIN", 0)
    ground.now_ms = NOW - 20
    bot = Bot(ground)
    bot.secrets = replace(bot.secrets, shared_secret=bytes(20))
    monkeypatch.setattr(auth, "MAX_CODES", 1)

    with pytest.raises(SignInRejected, match="remove the bot and add it again with the present maFile"):
        await bot.connect()


async def test_no_step_gives_two_codes_across_sign_ins(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_MARGIN", 0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    monkeypatch.setattr(
        Ground, "now_ms", property(lambda _: NOW - 300 + int((loop.time() - began) * SECOND)), raising=False
    )
    bot = Bot(ground)
    for _ in range(2):
        await (await bot.connect()).log_off()
        bot.secrets = replace(bot.secrets, refresh_token=None)

    assert results(ground) == [EResult.OK, EResult.OK]


async def test_where_steams_clock_was_set_a_refused_code_has_it_asked(ground: Ground) -> None:
    bot = Bot(ground)
    await (await bot.connect()).log_off()
    bot.secrets = replace(bot.secrets, refresh_token=None)
    ground.now_ms += 2 * MINUTE
    sets_off(ground, AHEAD, 10 * MINUTE)

    await (await bot.connect()).log_off()

    assert results(ground) == [EResult.OK, EResult.TWO_FACTOR_CODE_MISMATCH, EResult.OK]
    assert ground.network.time.offset_ms >= 10 * MINUTE - SECOND


class Machine:
    """A machine whose clock is set by `jump` when it has been looked at so many times."""

    def __init__(self, ground: Ground, jump: int = 0, at: int = 0) -> None:
        self.off = 0
        self.looks = 0
        self.steady: Callable[[], int] = lambda: ground.now_ms - NOW
        self._now: Callable[[], int] = lambda: ground.now_ms
        self._jump, self._at = jump, at

    def own(self) -> int:
        self.looks += 1
        if self.looks == self._at:
            self.off += self._jump
        return self._now() + self.off

    def network(self, ground: Ground) -> Network:
        tls = tls_context(ground.network_ca)
        directory = Directory(tls, self.steady, url=ground.ready.directory_url)
        return Network(directory, tls, SteamClock(self.own, self.steady), dial_timeout=10.0)


@pytest.mark.parametrize("jump", [10 * MINUTE, -10 * MINUTE, 90 * SECOND])
@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("undated", [False, True])
async def test_a_clock_that_steps_during_the_sign_in_costs_no_code(
    ground: Ground, jump: int, at: int, undated: bool
) -> None:
    machine = Machine(ground, jump, at)
    if undated:
        ground.simulation.faults.switch_on(Fault(FaultKind.DIRECTORY_UNDATED))

    async with connected(ground, network=machine.network(ground)):
        assert results(ground) == [EResult.OK]


@given(
    off=st.integers(-3_600_000, 3_600_000),
    there=st.integers(0, 9_000),
    back=st.integers(0, 999),
    at=st.integers(0, 60_000),
)
def test_whatever_is_heard_the_time_is_never_ahead_and_its_code_is_taken(
    off: int, there: int, back: int, at: int
) -> None:
    steam = NOW + at
    now = [0]
    time = SteamClock(lambda: NOW + at + off + now[0], lambda: now[0])
    now[0] = there + back

    time.hear(TimeSource.QUERY_TIME, (steam + there) // SECOND, 0)

    real = steam + there + back
    if abs(off) > SECOND + there + back:
        assert real - SECOND - back <= time.now_ms() <= real
    assert real // 30_000 - time.now_ms() // 30_000 in (0, 1) or abs(real - time.now_ms()) <= SECOND + there + back


def test_a_weaker_source_that_contradicts_is_passed_over_and_nonsense_is_no_time() -> None:
    time = SteamClock(lambda: NOW)
    for date in ("", "yesterday", "Tue, 99 Foo 2026 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"):
        time.hear_date(date, "", NOW)
    time.hear(TimeSource.LOGON, 0, NOW)
    assert not time.known

    time.hear(TimeSource.QUERY_TIME, NOW // SECOND + 90, NOW)
    time.hear_date("Fri, 15 Jan 2027 08:00:00 GMT", "", NOW)  # NOW
    assert time.offset_ms == 90 * SECOND
    time = SteamClock(lambda: NOW)
    time.hear_date("Fri, 15 Jan 2027 08:00:00 GMT", "90", NOW)
    assert (time.offset_ms, time.heard and time.heard.source) == (90 * SECOND, TimeSource.DIRECTORY)


@given(st.lists(st.integers(0, 20), max_size=30))
def test_a_step_is_given_once_in_any_order_of_times(times: list[int]) -> None:
    steps = CodeSteps()
    given_steps = []
    for at in times:
        due = steps.due("alice", NOW + at * totp.STEP_SECONDS * SECOND)
        steps.give("alice", due)
        given_steps.append(due // (totp.STEP_SECONDS * SECOND))

    assert len(given_steps) == len(set(given_steps))
