"""The policy of the garbage collector, by its own record: what it was asked to look through, when, and what is left."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import count
from time import perf_counter
from typing import Any

import pytest

from kernel.bus import Bus
from kernel.clock import HOUR
from kernel.collector import SIGN_INS_LEAST, SIGN_INS_MOST, STOP_S, THRESHOLDS, CollectorPolicy, paused
from kernel.events import BotAdded, BotConnected, BotConnecting, BotDisconnected, Event, PluginReloaded
from kernel.ids import BotId, SteamId64
from kernel.state import State
from kernel.testing import ManualClock

pytestmark = pytest.mark.usefixtures("collector_as_it_was")


@pytest.fixture
def collector_as_it_was() -> Iterator[None]:
    gc.unfreeze()  # from 3.12 on Python freezes some objects of its own at its start
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    yield
    assert (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()) == (thresholds, frozen, True)


def raised(owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
    raise error


class Fleet:
    """Bots that come and go, and each pass of the collector's meanwhile: its generation."""

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self.state = State()
        self.clock = ManualClock()
        self.bus = Bus(self.state, self.clock, raised)
        self.policy = CollectorPolicy(self.state, self.clock, self.bus, timer)
        self.passes: list[int] = []

    def __enter__(self) -> Fleet:
        self.policy.install()
        gc.callbacks.append(self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._heard)
        self.policy.remove()

    def _heard(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "stop":
            self.passes.append(info["generation"])

    def publish(self, event: Event) -> None:
        self.bus.publish(event, actor="plugin:fleet")

    def adds(self, bots: int) -> None:
        for number in range(bots):
            account = SteamId64(str(76561197960265728 + number))
            self.publish(BotAdded(bot_id=BotId(f"bot_{number}"), steam_id64=account, proxy_url="socks5://p"))

    def signs_in(self, bot: int = 0, times: int = 1) -> None:
        for _ in range(times):
            self.publish(BotConnecting(bot_id=BotId(f"bot_{bot}")))
            self.publish(BotConnected(bot_id=BotId(f"bot_{bot}")))
            self.goes_off(bot)

    def goes_off(self, bot: int = 0) -> None:
        self.publish(BotDisconnected(bot_id=BotId(f"bot_{bot}"), reason="offline", detail=""))  # type: ignore[arg-type]


def test_every_so_many_sign_ins_what_they_made_is_looked_through_and_frozen() -> None:
    with Fleet() as fleet:
        fleet.adds(1)
        fleet.signs_in(times=SIGN_INS_MOST - 1)
        before = fleet.passes.count(2), gc.get_freeze_count()
        fleet.signs_in()

        assert before == (0, 0), "no full pass comes by itself"
        assert fleet.passes.count(2) == 1
        assert gc.get_freeze_count() > 10_000, "what lives is out of sight"
        assert gc.get_threshold() == THRESHOLDS


def test_a_pass_that_stops_everything_for_long_makes_the_next_ones_come_sooner() -> None:
    times = count()
    with Fleet(lambda: next(times) * 2 * STOP_S) as fleet:
        fleet.adds(1)
        fleet.signs_in(times=SIGN_INS_MOST)
        halved = fleet.policy.every
        fleet.signs_in(times=5 * SIGN_INS_MOST)

        assert (halved, fleet.policy.every) == (SIGN_INS_MOST // 2, SIGN_INS_LEAST)


@pytest.mark.parametrize(
    ("ended", "reloaded", "signing_in", "hours", "thaws"),
    [
        (2, False, False, 1, True),
        (1, False, False, 1, False),  # of eight
        (2, False, True, 1, False),
        (2, False, False, 0, False),
        (0, True, False, 1, True),
    ],
)
async def test_a_cycle_among_what_is_frozen_is_freed_by_a_thaw_alone(
    ended: int, reloaded: bool, signing_in: bool, hours: int, thaws: bool
) -> None:
    with Fleet() as fleet:
        fleet.adds(8)
        cycle: list[object] = [Freed()]
        cycle.append(cycle)
        fleet.policy.freeze()
        Freed.count = 0
        del cycle
        gc.collect()
        assert Freed.count == 0, "it is out of the collector's sight"

        for bot in range(ended):
            fleet.goes_off(bot)
        if reloaded:
            fleet.publish(PluginReloaded(name="steam"))
        if signing_in:
            fleet.publish(BotConnecting(bot_id=BotId("bot_7")))
        await fleet.clock.advance(hours * HOUR)
        fleet.policy.look()

        assert Freed.count == thaws
        assert gc.get_freeze_count() > 10_000
        fleet.policy.look()
        assert fleet.passes.count(2) <= 3, "a thaw, or a pass, once an hour"


class Freed:
    """Counts those that are no more."""

    count = 0

    def __del__(self) -> None:
        Freed.count += 1


def test_it_rests_while_a_start_loads() -> None:
    with paused():
        assert not gc.isenabled()
        with paused():
            pass
        assert not gc.isenabled(), "who paused it first lets it go on"
    assert gc.isenabled()


def test_its_stops_are_measured_by_generation() -> None:
    with Fleet() as fleet:
        gc.collect(0)
        gc.collect(2)
        (measure,) = fleet.policy.measures()

        assert measure.name == "gc_pause_seconds"
        assert {labels: stops.count for labels, stops in measure.samples.items()} == {  # type: ignore[union-attr]
            ("0",): 1,
            ("1",): 0,
            ("2",): 1,
        }
    assert not Fleet().policy.measures(), "who has not taken charge measures nothing"
