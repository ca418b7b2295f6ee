"""The system's clock: what the machine does to its own clocks, and what of it is noticed."""

from __future__ import annotations

import asyncio
import time

import pytest

from kernel.clock import DAY, HOUR, MINUTE, sure_at
from kernel.machine_clock import MachineClocks, SystemClock
from kernel.testing import ManualClock


class Machine(MachineClocks):
    """A machine whose clocks a test sets, in seconds."""

    def __init__(self) -> None:
        self.wall_s, self.boot_s, self.awake_s = 1_800_000_000.0, 1_000.0, 1_000.0

    def wall(self) -> float:
        return self.wall_s

    def boot(self) -> float:
        return self.boot_s

    def awake(self) -> float:
        return self.awake_s

    def run(self, seconds: float) -> None:
        self.wall_s += seconds
        self.boot_s += seconds
        self.awake_s += seconds

    def suspend(self, seconds: float) -> None:
        self.wall_s += seconds
        self.boot_s += seconds


def test_nothing_that_is_done_to_the_walls_clock_reaches_now_or_a_span() -> None:
    machine = Machine()
    clock = SystemClock(machine=machine)
    began = clock.now()
    for wrong in (86_400, -7_200, 15 * 86_400):
        machine.wall_s += wrong
        machine.run(10)

    assert clock.now() - began == clock.elapsed() == 30_000
    assert clock.offset() == 1_000 * (86_400 - 7_200 + 15 * 86_400)


def test_a_step_moves_now_and_no_span_and_now_may_go_on_from_an_earlier_moment() -> None:
    machine = Machine()
    clock = SystemClock(machine=machine)
    began = clock.now()
    machine.run(100)
    clock.step(-HOUR)
    machine.run(1)

    assert clock.now() == began + 101_000 - HOUR
    assert clock.elapsed() == 101_000
    assert clock.steady() == 1_000


def test_the_wall_is_read_where_a_test_or_a_library_that_fakes_time_puts_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SystemClock()
    now = clock.now()
    wall = time.time()
    monkeypatch.setattr(time, "time", lambda: wall + 86_400)

    assert abs(clock.offset() - DAY) < 1_000
    assert clock.now() - now < 1_000


def test_a_demonstrations_clock_does_not_follow_the_wall() -> None:
    machine = Machine()
    clock = SystemClock(rate=20, machine=machine)
    began = clock.now()
    machine.wall_s += 86_400
    machine.run(3)

    assert clock.offset() == 0
    assert clock.now() - began == clock.elapsed() == 60_000


async def test_whoever_sleeps_through_the_machines_own_sleep_wakes_in_time() -> None:
    machine = Machine()
    clock = SystemClock(machine=machine)
    before, after = (asyncio.create_task(clock.sleep(span)) for span in (HOUR, 3 * HOUR))
    await asyncio.sleep(0)
    machine.run(10)
    machine.suspend(7_200)
    await clock.next_look()
    await asyncio.sleep(0.01)

    assert before.done()
    assert not after.done()
    assert clock.elapsed() == 7_210_000
    assert clock.steady() == 0, "who knows what the machine's clock was set to meanwhile"
    after.cancel()


def test_a_run_counts_its_own_time_and_not_that_of_the_run_before() -> None:
    clock = ManualClock()
    clock._pass(10 * MINUTE)
    clock.resume(clock.now())

    assert clock.elapsed() == clock.steady() == 0


async def test_what_cannot_be_taken_back_waits_until_its_span_or_an_hour_of_it_has_passed_without_doubt() -> None:
    clock = ManualClock()
    now = clock.now()
    assert sure_at(clock, now - DAY, 15 * DAY) == now + HOUR
    assert sure_at(clock, now - MINUTE, 2 * MINUTE) == now + 2 * MINUTE
    assert sure_at(clock, now + DAY, 15 * DAY) == now + DAY

    await clock.advance(2 * HOUR)
    assert sure_at(clock, clock.now(), 15 * DAY) == clock.now()

    clock.step(15 * DAY)
    assert sure_at(clock, clock.now() - DAY, 15 * DAY) == clock.now() + HOUR
