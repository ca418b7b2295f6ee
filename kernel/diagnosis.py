"""What `switchboard diagnose` gives: one report of a system, running or stopped, that may be attached anywhere.

It tells of counts, codes, times and versions. No word of a player, no name of a person and no address of a bot, proxy
or operator is in it: texts pass `Pseudonyms`, and what an error or a plugin says is kept only where the words are ours.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from kernel import machine_facts
from kernel.config import Config
from kernel.containment import CONTAINED
from kernel.error_words import words_of_error
from kernel.machine_facts import ProcessLimits, Versions
from kernel.measures import Distribution, Measure
from kernel.origins import Values
from kernel.pseudonyms import Pseudonyms, host_of
from kernel.rows import Bot, PluginRow, Row

FORMAT: Final = 1
PART_BYTES: Final = 64 * 1024
"""Of one plugin's own part; more is left out."""
PART_S: Final = 5.0
"""Seconds that a plugin may take to look at its folder."""
REPORT_BYTES: Final = 2 * 1024 * 1024
ERRORS: Final = 50
LINES_BYTES: Final = 4 * 1024 * 1024
"""Of the journal's end, by which events are counted."""
BOT_EVENTS: Final = ("bot.added", "bot.renamed", "bot.proxyChanged")
Fact = bool | int | float | str | None


class FolderFacts(Struct, frozen=True, kw_only=True):
    """What a plugin says of its folder."""

    facts: Mapping[str, Fact]
    lines: bytes = b""
    """The last whole lines of the journal, up to LINES_BYTES, where this plugin keeps it."""
    counts: Mapping[str, Mapping[str, int]] | None = None
    """Rows by table and status, where it keeps them, and nothing runs that would know better."""
    rows: Sequence[Row] = ()
    """Of bots and plugins, as they stood then."""


@runtime_checkable
class Diagnosed(Protocol):
    """A plugin class that has a part of its own in reports, beside its health and its measures.

    It is called in a thread, with or without a running plugin, and has PART_S seconds. Its facts are numbers, codes
    and sentences of its own, never a text that came from outside.
    """

    @classmethod
    def diagnose(cls, folder: Path, *, running: bool) -> FolderFacts: ...


class PluginPart(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One plugin. Of one that is not ours, sentences are left out: they may repeat what somebody said."""

    name: str
    ours: bool
    status: str | None = None
    since: int | None = None
    version: str | None = None
    code: str | None = None
    enabled: bool | None = None
    hooks: tuple[str, ...] = ()
    detail: str | None = None
    last_error: str | None = None
    last_error_at: int | None = None
    healthy: bool | None = None
    health: str | None = None
    measures: dict[str, object] | None = None
    folder: dict[str, Fact] | None = None
    left_out: str | None = None
    """Why a part of it is missing."""


class LoggedError(Struct, frozen=True, kw_only=True):
    """An `error.logged`, without what may be somebody else's words."""

    ts: int
    source: str
    what: str


class ClockJump(Struct, frozen=True, kw_only=True, rename="camel"):
    """The clock was set while the system ran (`clock.stepped`), or between two runs (`clock.resumed`)."""

    ts: int
    kind: str
    by_ms: int


class EventRates(Struct, frozen=True, kw_only=True, rename="camel"):
    """Counted by the journal's end."""

    since: int
    until: int
    counts: dict[str, int]
    last_hour: int
    last_minute: int


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole of it. Times are UTC milliseconds."""

    format: int = FORMAT
    made_at: int
    running: bool
    up_ms: int | None = None
    seq: int | None = None
    missing: list[str]
    """What could not be looked at, and why."""
    versions: Versions
    limits: ProcessLimits
    findings: list[str]
    """What `switchboard check` says of the config."""
    settings: Any
    """Each setting in effect, with the line or variable that it comes from."""
    plugins: list[PluginPart]
    counts: dict[str, dict[str, int]]
    queues: dict[str, int]
    clock: list[ClockJump]
    events: EventRates | None
    errors: list[LoggedError]


class Running(Struct, frozen=True, kw_only=True):
    """What only the process itself can say."""

    seq: int
    up_ms: int
    rows: Sequence[PluginRow]
    health: Mapping[str, tuple[bool, str]]
    measures: Sequence[tuple[str, Sequence[Measure]]]
    counts: dict[str, dict[str, int]]
    queues: dict[str, int]


class _Line(Struct):
    seq: int
    ts: int
    kind: str
    actor: str
    payload: msgspec.Raw


class _Payload(Struct):
    source: str = ""
    message: str = ""
    detail: str | None = None
    by_ms: int = msgspec.field(default=0, name="byMs")
    gap_ms: int = msgspec.field(default=0, name="gapMs")
    label: str | None = None
    proxy_url: str | None = msgspec.field(default=None, name="proxyUrl")


class Subject(Struct, frozen=True, kw_only=True):
    """The system that a report is of."""

    classes: Mapping[str, type[Any]]
    """Plugins by name."""
    ours: frozenset[str]
    data: Path | None
    config: Config | None
    settings: Callable[[], Values] | None
    findings: Callable[[], list[str]] | None = None


def report(subject: Subject, running: Running | None, pseudonyms: Pseudonyms, missing: Iterable[str] = ()) -> bytes:
    """The report as JSON text. It reads files: call it in a thread."""
    gathered = _Gathered(subject, running, pseudonyms, list(missing))
    encoded = msgspec.json.encode(gathered.report())
    if len(encoded) > REPORT_BYTES:
        encoded = msgspec.json.encode(gathered.report(measures=False))
    return msgspec.json.format(encoded, indent=1) + b"\n"


class _Gathered:
    """Looks everything up once, and puts it together."""

    def __init__(self, subject: Subject, running: Running | None, pseudonyms: Pseudonyms, missing: list[str]) -> None:
        self._subject = subject
        self._running = running
        self._of = pseudonyms
        self._missing = missing
        self._folders = {name: self._folder(name) for name in subject.classes}
        self._lines = self._decoded()
        self._know_bots()
        self._settings = self._looked_up(subject.settings, "the config's settings")
        self._findings = self._looked_up(subject.findings, "the findings about the config")

    def report(self, *, measures: bool = True) -> Report:
        running, subject = self._running, self._subject
        kept = next((one for one in self._folders.values() if isinstance(one, FolderFacts) and one.counts), None)
        counts = running.counts if running is not None else dict(kept.counts or {}) if kept is not None else {}
        return Report(
            made_at=int(time.time() * 1_000),
            running=running is not None,
            up_ms=running.up_ms if running is not None else None,
            seq=running.seq if running is not None else (self._lines[-1].seq if self._lines else None),
            missing=[self._of.sentence(text) for text in self._missing],
            versions=machine_facts.versions(),
            limits=machine_facts.limits(subject.data),
            findings=[self._of.text(text) for text in self._findings or ()],
            settings=self._of.value(self._settings or {}),
            plugins=[self._plugin(name, measures=measures) for name in self._names(kept)],
            counts={table: {str(key): n for key, n in by.items()} for table, by in counts.items()},
            queues=running.queues if running is not None else {},
            clock=self._jumps(),
            events=self._rates(),
            errors=self._errors(),
        )

    def _looked_up(self, look: Callable[[], Any] | None, what: str) -> Any:
        if look is None:
            return None
        try:
            return look()
        except CONTAINED as error:  # a part that fails is missing; the rest is told
            self._missing.append(f"{what}: {type(error).__name__}")
            return None

    def _folder(self, name: str) -> FolderFacts | str | None:
        """What the plugin says of its folder; a text: why it says nothing."""
        plugin, data = self._subject.classes[name], self._subject.data
        if data is None or not isinstance(plugin, Diagnosed) or not (data / name).is_dir():
            return None
        found = _in_time(lambda: plugin.diagnose(data / name, running=self._running is not None))
        if isinstance(found, BaseException):
            return f"its folder cannot be looked at: {type(found).__name__}"
        if not isinstance(found, FolderFacts):
            return "what it says of its folder is no FolderFacts"
        if len(msgspec.json.encode(found.facts)) > PART_BYTES or len(found.lines) > LINES_BYTES:
            return f"what it says of its folder has more than {PART_BYTES} bytes"
        return found

    def _names(self, kept: FolderFacts | None) -> list[str]:
        rows = self._running.rows if self._running is not None else kept.rows if kept is not None else ()
        self._rows = {row.name: row for row in rows if isinstance(row, PluginRow)}
        return list(dict.fromkeys([*self._subject.classes, *self._rows]))

    def _plugin(self, name: str, *, measures: bool) -> PluginPart:
        row, folder, running = self._rows.get(name), self._folders.get(name), self._running
        ours = name in self._subject.ours
        health = running.health.get(name) if running is not None else None
        measured = dict(_measured(name, running)) if running is not None and measures else {}
        left_out = folder if isinstance(folder, str) else None
        if len(msgspec.json.encode(measured)) > PART_BYTES:
            measured, left_out = {}, f"its measures have more than {PART_BYTES} bytes"
        facts = dict(folder.facts) if isinstance(folder, FolderFacts) and ours else None
        if isinstance(folder, FolderFacts) and not ours:
            facts = {key: fact for key, fact in folder.facts.items() if not isinstance(fact, str)}
        return PluginPart(
            name=name,
            ours=ours,
            status=str(row.status) if row is not None else None,
            since=row.since if row is not None else None,
            version=self._said(row.version if row is not None else None, ours=True),
            code=row.code if row is not None else None,
            enabled=row.enabled if row is not None else None,
            hooks=row.hooks if row is not None else (),
            detail=self._said(row.detail if row is not None else None, ours=ours),
            last_error=self._error(*_parted(row.last_error), ours=False)
            if row is not None and row.last_error
            else None,
            last_error_at=row.last_error_at if row is not None else None,
            healthy=health[0] if health is not None else None,
            health=self._said(health[1], ours=ours) if health is not None else None,
            measures=self._of.value(measured) or None,
            folder=self._of.value(facts) if facts is not None else None,
            left_out=self._said(left_out, ours=True),
        )

    def _said(self, text: str | None, *, ours: bool) -> str | None:
        if not text:
            return None
        return self._of.sentence(text) if ours else "(the plugin's own words, left out)"

    def _error(self, where: str, detail: str, *, ours: bool) -> str:
        return self._of.sentence(words_of_error(where, detail, ours=ours))

    def _is_ours(self, actor: str, source: str) -> bool:
        """Whether the kernel or a plugin of ours has said it, about one of ours: any plugin may name any source."""
        plugin = actor.removeprefix("plugin:")
        known = self._subject.ours | {"kernel"}
        return source in known and plugin in known

    def _decoded(self) -> list[_Line]:
        lines = next((one.lines for one in self._folders.values() if isinstance(one, FolderFacts) and one.lines), b"")
        decoder, found = msgspec.json.Decoder(_Line), []
        for line in lines.splitlines():
            try:
                found.append(decoder.decode(line))
            except ValueError:  # damaged; `journal verify` says where
                continue
        return found

    def _know_bots(self) -> None:
        """Their labels and proxies, as the files have them: a running system's are known."""
        rows = [row for one in self._folders.values() if isinstance(one, FolderFacts) for row in one.rows]
        found: list[Bot | _Payload] = [row for row in rows if isinstance(row, Bot)]
        found += [payload for _, payload in self._payloads(*BOT_EVENTS)]
        self._of.know(
            (one.label for one in found if one.label), filter(None, (host_of(one.proxy_url or "") for one in found))
        )

    def _payloads(self, *kinds: str) -> list[tuple[_Line, _Payload]]:
        found = []
        for line in self._lines:
            if line.kind in kinds:
                try:
                    found.append((line, msgspec.json.decode(line.payload, type=_Payload)))
                except ValueError:
                    continue
        return found

    def _errors(self) -> list[LoggedError]:
        return [
            LoggedError(
                ts=line.ts,
                source=self._of.text(one.source),
                what=self._error(one.message, one.detail or "", ours=self._is_ours(line.actor, one.source)),
            )
            for line, one in self._payloads("error.logged")[-ERRORS:]
        ]

    def _jumps(self) -> list[ClockJump]:
        found = self._payloads("clock.stepped", "clock.resumed")[-ERRORS:]
        return [ClockJump(ts=line.ts, kind=line.kind, by_ms=one.by_ms or one.gap_ms) for line, one in found]

    def _rates(self) -> EventRates | None:
        if not self._lines:
            return None
        until = self._lines[-1].ts
        return EventRates(
            since=self._lines[0].ts,
            until=until,
            counts=dict(Counter(line.kind for line in self._lines).most_common(200)),
            last_hour=sum(line.ts > until - 3_600_000 for line in self._lines),
            last_minute=sum(line.ts > until - 60_000 for line in self._lines),
        )


def _parted(text: str) -> tuple[str, str]:
    where, _, detail = text.partition(": ")
    return where, detail


def _in_time(look: Callable[[], object]) -> object:
    """What it returns, or raises. What takes longer than PART_S goes on by itself, and keeps nobody from ending."""
    found: list[object] = [TimeoutError()]

    def run() -> None:
        try:
            found.append(look())
        except CONTAINED as error:  # of a plugin's author
            found.append(error)

    thread = threading.Thread(target=run, name="diagnose", daemon=True)
    thread.start()
    thread.join(PART_S)
    return found[-1]


def _measured(name: str, running: Running) -> Iterable[tuple[str, object]]:
    for owner, found in running.measures:
        for measure in found if owner == name else ():
            samples = {",".join(labels) or "value": _number(sample) for labels, sample in measure.samples.items()}
            yield measure.name, samples.get("value", samples) if len(samples) == 1 else samples


def _number(sample: float | Distribution) -> object:
    return sample if not isinstance(sample, Distribution) else {"count": sample.count, "sum": round(sample.sum, 6)}
