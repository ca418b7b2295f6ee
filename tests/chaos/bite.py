"""`python -m tests.chaos.bite`: breaks one promise after another and fails where no scenario notices.

Each scenario is run unbroken as well: where that finds something, what it finds of a mutant would prove nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kernel.state import State
from plugins.steam_sim.temperament import Temperament
from tests.chaos.checks import Report
from tests.chaos.children import Forked, end_in_order
from tests.chaos.disks import disk
from tests.chaos.ground import Plan, ground
from tests.chaos.kills import peace
from tests.chaos.load import Pace
from tests.chaos.moving import MINUTE_S, SLACK_S
from tests.chaos.mutants import MUTANTS
from tests.chaos.product import SHORT_DOUBT
from tests.chaos.takeovers import takeovers
from tests.chaos.telling import now_and_then, say

PLAN = Plan(
    bots=8,
    players=300,
    friends=60,
    pace=Pace(pause_contact_every_s=0, deeds_every_s=2),
    settings={"dialogue": SHORT_DOUBT},
)
Scenario = Callable[[Path, Forked, int], Awaitable[Report]]


async def _full_disk_and_kill(folder: Path, launcher: Forked, seed: int) -> Report:
    small = disk(folder)
    try:
        plan = replace(PLAN, data=small.path / "data")
        async with ground(folder, launcher, plan, seed=seed, tell=now_and_then()) as made:
            await made.begin()
            async with made.load.running():
                await asyncio.sleep(8)
                assert made.product.child is not None
                small.fill(made.product.child.pid)
                await asyncio.sleep(6)
                await made.product.kill()
                small.free(0)
                made.compare_disk_and_steam()
                await made.product.start()
                await asyncio.sleep(3)
            await made.settle()
            return await made.judge()
    finally:
        small.close()


async def _lost_answers(folder: Path, launcher: Forked, seed: int) -> Report:
    async with ground(folder, launcher, PLAN, seed=seed, tell=now_and_then()) as made:
        await made.begin()
        async with made.load.running():
            await asyncio.sleep(6)
            await made.steam.fault_on("late_answers", delay_ms=3_600_000)
            await asyncio.sleep(12)
            await made.steam.faults_off()
            await asyncio.sleep(3)
        await made.settle()
        return await made.judge()


async def _peace(folder: Path, launcher: Forked, seed: int) -> Report:
    async with ground(folder, launcher, PLAN, seed=seed, tell=now_and_then()) as made:
        return await peace(made, 20)


async def _declines(folder: Path, launcher: Forked, seed: int) -> Report:
    """Each bot invites one who declines, and they are all asked for again: the bots have nobody else to invite."""
    plan = Plan(bots=4, players=4, crowd=(Temperament.DECLINER,))
    async with ground(folder, launcher, plan, seed=seed, tell=now_and_then()) as made:
        await made.begin()
        for player in made.steam.players:
            await made.load.create_task(player)
        await made.driver.until(_all_have_declined, 30, "everybody has declined")
        for player in made.steam.players:
            await made.load.create_task(player)
        await asyncio.sleep(MINUTE_S + SLACK_S)
        await made.settle()
        return await made.judge()


def _all_have_declined(state: State) -> bool:
    return sum(player.invite_refusal is not None for player in state.players.values()) == 4


async def _takeovers(folder: Path, launcher: Forked, seed: int) -> Report:
    crowd, agent = (Temperament.TIRELESS,), {"steps": 0, "lines": 3, "wait_ms": 5_000}
    plan = Plan(bots=8, players=24, friends=24, crowd=crowd, haste=8.0, settings={"chaos_agent": agent})
    async with ground(folder, launcher, plan, seed=seed, tell=now_and_then()) as made:
        return await takeovers(made, 200)


SCENARIOS: Mapping[str, Scenario] = {
    "full disk and kill": _full_disk_and_kill,
    "lost answers": _lost_answers,
    "peace": _peace,
    "declines": _declines,
    "takeovers": _takeovers,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.bite", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help=f"of {', '.join(MUTANTS)}; several by commas")
    options = parser.parse_args(arguments)
    end_in_order()
    names = [name for name in MUTANTS if not options.only or name in options.only.split(",")]
    folder = Path(tempfile.mkdtemp(prefix="switchboard-mutants-", dir="/var/tmp"))
    failures = 0
    for scenario in dict.fromkeys(MUTANTS[name].scenario for name in names):
        report = _run(None, scenario, folder, options.seed)
        failures += bool(report.findings)
        say(f"unbroken, {scenario}: {len(report.findings)} findings")
        for finding in report.findings[:10]:
            say(f"  BROKEN {finding}")
    for name in names:
        mutant = MUTANTS[name]
        report = _run(name, mutant.scenario, folder, options.seed)
        telling = [finding for finding in report.findings if finding.startswith(mutant.promises)]
        failures += not telling
        told = "caught" if telling else "SURVIVED"
        say(f"{told}: without {mutant.breaks}, {mutant.scenario}: {len(telling)} findings")
        for finding in (telling or report.findings)[:2]:
            say(f"  {finding[:240]}")
    if not failures:
        shutil.rmtree(folder)
    say(f"{len(names)} mutants, {failures} failures")
    return 1 if failures else 0


def _run(mutant: str | None, scenario: str, folder: Path, seed: int) -> Report:
    launcher = Forked(mutant)
    try:
        begun = time.monotonic()
        report = asyncio.run(
            _scenario(SCENARIOS[scenario], folder / f"{mutant or 'unbroken'} {scenario}", launcher, seed)
        )
        say(f"  {mutant or 'unbroken'}, {scenario}: {time.monotonic() - begun:.0f} s")
        return report
    finally:
        launcher.close()


async def _scenario(scenario: Scenario, folder: Path, launcher: Forked, seed: int) -> Report:
    return await scenario(folder, launcher, seed)


if __name__ == "__main__":
    sys.exit(main())
