"""Carries a history out, step by step, and gathers the evidence."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

from kernel.commands import ResumeContact
from kernel.errors import SwitchboardError
from kernel.events import Envelope
from kernel.ids import SteamId64
from kernel.rows import TaskStatus
from kernel.segments import Segments
from tests.histories import Witness
from tests.whole import holds, promises, rules, shelf
from tests.whole import steps as s
from tests.whole.acts import Acts
from tests.whole.agent import Temperamental
from tests.whole.disk import Disk
from tests.whole.evidence import Evidence, Finding
from tests.whole.process import Accidents, Process, Surroundings, configured, fitted
from tests.whole.record import clock
from tests.whole.steam import Steam
from tests.whole.timeline import Stuck, Timeline

RULES: Final = (*rules.RULES, *holds.RULES, *promises.RULES)
MEMORY: Final = Path("/dev/shm")
"""A folder that is on no disk, where there is one."""
SETTLES_S: Final = 20 * 60.0
"""How long the weather is good before everything must have come to an end."""
DISK_S: Final = 6.0
"""After how long a disk that is well again is surely in use."""
MORE_S: Final = 3_700.0
"""How much longer, at most, for tasks that wait for the fleet's hour."""


class Result:
    """What came of a history."""

    def __init__(self, history: s.History, evidence: Evidence) -> None:
        self.history = history
        self.evidence = evidence
        self.findings: list[Finding] = []
        self.log: list[tuple[float, str]] = []
        """What was done, and what was said to it."""
        self.seconds = 0.0
        """How long the history was, by its own clock."""

    def __str__(self) -> str:
        """The history as one reads it: each step, and between them what Steam saw and operators were told."""
        told = [(asked.answered_at, f"        {asked}") for asked in self.evidence.asked if asked.answered_at]
        seen = [(entry.at, f"    {entry}") for entry in self.evidence.record]
        lines = [text for _, text in sorted([*self.log, *seen, *told], key=lambda line: line[0])]
        return "\n".join([*map(str, self.findings), "", str(self.history), "", *lines])


def run(history: s.History, hushed: frozenset[str] = frozenset()) -> Result:
    """Carry it out. Findings of a rule in `hushed` are passed over."""
    with _folder() as folder, _quiet() as accidents:
        loop = Timeline()
        asyncio.set_event_loop(loop)
        try:
            runner = _Runner(history, loop, folder, accidents)
            with fitted(loop, runner.steam):
                loop.run_until_complete(runner.run())
            result = runner.result
        finally:
            asyncio.set_event_loop(None)
            loop.close()
    result.findings = [f for f in result.findings if not _is_hushed(f.rule, hushed)]
    return result


def _is_hushed(rule: str, hushed: frozenset[str]) -> bool:
    """By its whole name, or by that without what stands in brackets."""
    return rule in hushed or rule.partition(" (")[0] in hushed


class _Runner:
    def __init__(self, history: s.History, loop: Timeline, folder: Path, accidents: Accidents) -> None:
        self.history = history
        self.loop = loop
        self.accidents = accidents
        self.data = folder / "data"
        (folder / "steam").mkdir()
        self.steam = Steam(loop, folder / "steam", history.bots, history.players)
        bots = {SteamId64(str(account)): number for account, number in self.steam.bots.items()}
        players = {SteamId64(str(person)): number for person, number in self.steam.players.items()}
        self.evidence = Evidence(self.steam.record, bots, players)
        self.result = Result(history, self.evidence)
        self.around = Surroundings(loop, self.steam, Disk(), Temperamental(), self.data)
        self.acts = Acts(self.around, self.evidence)
        self.witness = Witness()
        self.process: Process
        self.runs = 0
        self.down = 1.0
        self.reasons: dict[str, Finding] = {}
        self.config = configured(
            {
                "journal": {"snapshot_events": history.snapshot},
                shelf.NAME: {"leaving": history.leaving},
                "contact_policy": {
                    "invites_per_hour": history.hour,
                    "lines_unanswered": rules.UNANSWERED,
                    "lines_per_hour": rules.AN_HOUR,
                },
            }
        )

    async def run(self) -> None:
        await self.steam.start()
        try:
            await self._start()
            for step in self.history.steps:
                await self._do(step)
                if self.result.findings:
                    break
            else:
                await self._settle()
            self._judge()
            if not self.process.dead:
                await self._end()
        except (AssertionError, SwitchboardError, Stuck) as error:
            self._find("accident", f"{type(error).__name__}: {error}")
            if not self.process.dead:
                self.process.die()
            await self.process.bury()
        finally:
            await self.steam.stop()
            self.result.seconds = self.loop.time()

    async def _do(self, step: s.Step) -> None:
        self._log(f"{s.told(step)}")
        match step:
            case s.Crash():
                self.down = step.down
                self.process.doom(step.passes, step.torn)
            case s.Kill():
                self.down = step.down
                self.process.die()
            case s.Restart():
                await self._end()
                await asyncio.sleep(step.down)
                await self._start()
            case _:
                said = self.acts.do(step)
                if said:
                    self._log(f"    ({said})")
        await self._pass(step.then)

    async def _pass(self, seconds: float) -> None:
        """Let time pass; a process that dies meanwhile is started again."""
        until = self.loop.time() + seconds
        while True:
            left = until - self.loop.time()
            await asyncio.wait((self.process.death,), timeout=max(0.0, left))
            if self.process.dead:
                await self._bury()
                await asyncio.sleep(self.down)
                await self._start()
            elif left <= 0:
                break
        self._verify()

    async def _start(self) -> None:
        """Start until it runs: it may die again on the way."""
        while True:
            self.runs += 1
            lines = self._lines()
            self._take_up(lines)
            self._log(f"the system starts, for the {self.runs}. time, with {len(lines)} events in its journal")
            self.process = self.acts.process = Process(self.runs, self.around, self.config, self._hear)
            await self.process.start()
            if not self.process.dead:
                return
            await self._bury()
            await asyncio.sleep(self.down)

    async def _end(self) -> None:
        number = self.process.number
        self._log("the system stops")
        await self.process.stop()
        self.evidence.deaths[number] = self.loop.time()
        if self.process.dead:
            await self.process.bury()

    async def _bury(self) -> None:
        self._log("the system dies")
        self.evidence.deaths[self.process.number] = self.loop.time()
        await self.process.bury()

    def _lines(self) -> list[bytes]:
        return [line for chunk in Segments(self.data / "journal").lines() for line in chunk.splitlines()]

    def _take_up(self, lines: list[bytes]) -> None:
        """What is in the journal is what has happened; what was only in memory has not."""
        self.witness = Witness()
        self.evidence.events = [self.witness.hear(line) for line in lines]
        self.evidence.state = self.witness.whole

    def _hear(self, envelope: Envelope, line: bytes) -> None:
        self.evidence.events.append(self.witness.hear(line))
        self.evidence.times[envelope.seq] = self.loop.time()

    def _verify(self) -> None:
        self.witness.verify(self.process.state)
        now = self.process.system.clock.now()
        for finding in promises.reasons(self.process.state, now, self.process.begun, self.loop.time()):
            self.reasons.setdefault(finding.rule, finding)
        for text in chain(self.accidents.found, self.loop.accidents):
            self._find(f"accident ({text.partition(':')[0][:60]})", text)
        self.accidents.found.clear()
        self.loop.accidents.clear()

    async def _settle(self) -> None:
        """Good weather, until everything has had its time."""
        self.acts.clear_up()
        self._log("from here on the weather is good")
        await self._pass(DISK_S)
        while self.process.state.contact.paused:
            self.acts.give(s.Resume(), ResumeContact())
            await self._pass(DISK_S)
        await self._pass(SETTLES_S)
        waited = 0.0
        while waited < MORE_S and self._waiting():
            await self._pass(600.0)
            waited += 600.0

    def _waiting(self) -> bool:
        index = self.process.state.index
        return any(index.open_tasks[status] for status in (TaskStatus.CREATED, TaskStatus.ASSIGNED))

    def _judge(self) -> None:
        settled = not self.result.findings
        self.evidence.ended_at = self.loop.time()
        self.result.findings.extend(self.reasons.values())
        checks = [*RULES, rules.the_hour_of(self.history.hour)] if settled else []
        for check in checks:
            first: dict[str, Finding] = {}
            for finding in check(self.evidence):
                first.setdefault(finding.rule, finding)
            self.result.findings.extend(first.values())

    def _find(self, rule: str, text: str) -> None:
        self.result.findings.append(Finding(rule, self.loop.time(), text))

    def _log(self, text: str) -> None:
        self.result.log.append((self.loop.time(), f"{clock(self.loop.time())}  {text}"))


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="histories-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[Accidents]:
    """Keep the logs to ourselves."""
    accidents = Accidents()
    loggers = [logging.getLogger(name) for name in ("kernel", "plugins")]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(accidents)
        logger.setLevel(logging.ERROR)
        logger.propagate = False
    try:
        yield accidents
    finally:
        for logger, level, propagate in before:
            logger.removeHandler(accidents)
            logger.setLevel(level)
            logger.propagate = propagate
