"""`python -m tests.chaos`: every scenario with its counts; the exit status says whether a promise was broken."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from plugins.steam_sim.temperament import Temperament
from tests.chaos.bad_days import (
    clock_wrong,
    disk_full,
    disk_readonly,
    disk_stalled,
    steam_busy,
    steam_frozen,
    steam_lying,
)
from tests.chaos.checks import PROMISES, Report
from tests.chaos.children import Forked, Fresh, Launcher, end_in_order
from tests.chaos.clocks import DAY, HOUR, WrongClock
from tests.chaos.disks import Disk, disk
from tests.chaos.ground import ALWAYS, Ground, Plan, ground
from tests.chaos.kills import kills, peace
from tests.chaos.load import Pace
from tests.chaos.takeovers import takeovers
from tests.chaos.telling import now_and_then, say


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `haste`: how much shorter the bad days are."""

    kills: int
    takeovers: int
    seed: int
    folder: Path
    launcher: Launcher
    haste: float = 1.0

    def seconds(self, seconds: float) -> float:
        return seconds / self.haste

    def ground(self, name: str, plan: Plan, *, fresh: bool = False) -> AbstractAsyncContextManager[Ground]:
        launcher = Fresh() if fresh else self.launcher
        return ground(self.folder / name, launcher, plan, seed=self.seed, tell=now_and_then())


Scenario: TypeAlias = Callable[[Options], Awaitable[Report]]


async def _kills(options: Options) -> Report:
    pace = Pace(hands=10, pause_s=0.05, removals_every_s=20, newcomers_every_s=20, deeds_every_s=10)
    plan = Plan(bots=30, players=4_000, friends=200, pace=pace, settings={"journal": {"snapshot_events": 150}})
    async with options.ground("kills", plan) as made:
        return await kills(made, options.kills)


async def _takeovers(options: Options) -> Report:
    plan = Plan(
        bots=20,
        players=60,
        crowd=(Temperament.TIRELESS,),
        friends=60,
        haste=8.0,
        settings={
            "chaos_agent": {"steps": 0, "lines": 3, "wait_ms": 5_000},
            "contact_policy": {"lines_unanswered": 1_000_000, "lines_per_hour": 1_000_000},
        },
    )
    async with options.ground("takeovers", plan) as made:
        return await takeovers(made, options.takeovers)


def _on_a_disk(name: str, scenario: Callable[[Ground, Disk, float], Awaitable[Report]]) -> Scenario:
    async def run(options: Options) -> Report:
        small = disk(options.folder / name)
        try:
            async with options.ground(name, replace(CALM, data=small.path / "data")) as made:
                return await scenario(made, small, options.seconds(60))
        finally:
            small.close()

    return run


def _by_a_clock(name: str, offset: int) -> Scenario:
    async def run(options: Options) -> Report:
        clock = WrongClock(options.folder / name)
        async with options.ground(name, replace(CALM, environment=clock.environment), fresh=True) as made:
            return await clock_wrong(made, clock, offset, options.seconds(60))

    return run


def _at_a_steam(name: str, scenario: Callable[[Ground, float], Awaitable[Report]], seconds: float) -> Scenario:
    async def run(options: Options) -> Report:
        async with options.ground(name, CALM) as made:
            return await scenario(made, options.seconds(seconds))

    return run


CALM = Plan(bots=20, players=1_000, friends=200, pace=Pace(pause_contact_every_s=0, deeds_every_s=8))
"""Without pauses of all contact, which would be mistaken for what does not move again."""
SCENARIOS: Mapping[str, Scenario] = {
    "peace": _at_a_steam("peace", peace, 60),
    "kills": _kills,
    "takeovers": _takeovers,
    "disk_full": _on_a_disk("disk_full", disk_full),
    "disk_readonly": _on_a_disk("disk_readonly", disk_readonly),
    "disk_stalled": _on_a_disk("disk_stalled", disk_stalled),
    "clock_back": _by_a_clock("clock_back", -HOUR),
    "clock_ahead": _by_a_clock("clock_ahead", DAY),
    "steam_busy": _at_a_steam("steam_busy", steam_busy, 300),
    "steam_frozen": _at_a_steam("steam_frozen", steam_frozen, 45),
    "steam_lying": _at_a_steam("steam_lying", steam_lying, 45),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--takeovers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help=f"of {', '.join(SCENARIOS)}; several by commas")
    parser.add_argument("--folder", type=Path, help="where to work; left out, a new one that is removed again")
    parser.add_argument("--haste", type=float, default=1.0, help="how much shorter the bad days are")
    parser.add_argument("--forked", action="store_true", help="fork instead of starting an interpreter each time")
    options = parser.parse_args(arguments)
    end_in_order()
    names = [name for name in SCENARIOS if not options.only or name in options.only.split(",")]
    folder = options.folder or Path(tempfile.mkdtemp(prefix="switchboard-chaos-", dir="/var/tmp"))
    launcher: Launcher = Forked() if options.forked else Fresh()
    say(f"seed {options.seed}, in {folder}")
    findings = 0
    try:
        for name in names:
            say(f"{name}:")
            begun = time.monotonic()
            chosen = Options(options.kills, options.takeovers, options.seed, folder, launcher, options.haste)
            try:
                report = asyncio.run(_run(SCENARIOS[name], chosen))
            except Exception:  # noqa: BLE001 - the scenarios after it are played all the same
                report = Report(findings=[f"the scenario is played to its end: {traceback.format_exc()}"])
            findings += len(report.findings)
            for what, count in report.counts.items():
                say(f"  {count:>8} {what}")
            for promise, times in broken(report).items():
                say(f"  {times:>8} times broken: {promise}")
            for finding in _some(report.findings):
                say(f"  BROKEN {finding}")
            say(f"  {len(report.findings)} findings in {time.monotonic() - begun:.0f} s")
    finally:
        launcher.close()
    if findings == 0 and options.folder is None:
        shutil.rmtree(folder)
    elif findings:
        say(f"{findings} promises broken; what happened is in {folder}")
    return 1 if findings else 0


def broken(report: Report) -> dict[str, int]:
    """How often each promise was broken, also those that were not."""
    times = Counter(finding.partition(":")[0] for finding in report.findings)
    return {promise: times[promise] for promise in dict.fromkeys((*ALWAYS, *PROMISES, *times))}


def _some(findings: list[str], of_each: int = 6) -> Iterator[str]:
    """A few of every promise, and how many more there are."""
    by_promise: dict[str, list[str]] = {}
    for finding in findings:
        by_promise.setdefault(finding.partition(":")[0], []).append(finding)
    for promise, found in by_promise.items():
        yield from found[:of_each]
        if len(found) > of_each:
            yield f"{promise}: {len(found) - of_each} more"


async def _run(scenario: Callable[[Options], Awaitable[Report]], options: Options) -> Report:
    return await scenario(options)


if __name__ == "__main__":
    sys.exit(main())
