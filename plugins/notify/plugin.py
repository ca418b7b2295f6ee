"""The plugin: collects what calls for somebody, and tells each target of it at its own pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from kernel.clock import Millis
from kernel.codec import CODEC
from kernel.context import Context
from kernel.errors import CommitFailed, Conflict, NotFound, PluginFailed
from kernel.events import Event
from kernel.following import JournalCursor, Stretch, is_of, read_stretch
from kernel.hookspecs import Health, hookimpl
from kernel.kept_secrets import SecretUnreadable, read_place
from kernel.measures import Measure
from kernel.panels import Panel
from kernel.plugin import Plugin
from kernel.segments import EventsUnreadable
from plugins.notify.alert import KINDS, Alert, alert_of, waiting
from plugins.notify.codes import NotifyReason, NotifyRefusal, SendFault, Severity
from plugins.notify.commands import SendTestNotification
from plugins.notify.config import NotifyConfig, TargetConfig
from plugins.notify.events import NotifyTargetFailed
from plugins.notify.measures import measures
from plugins.notify.outbox import Outbox
from plugins.notify.pacing import Pacer, QuietHours
from plugins.notify.panel import TargetView, notify_panel
from plugins.notify.sending import Courier
from plugins.notify.wording import Notice, digest_of, notice_of, trial_notice

TICK_MS: Final = 1_000
"""How often it is looked whether something may be told by now, while anything waits."""
LOOK_MS: Final = 15_000
"""How often it is looked at what no event tells: who waits, and whether the journal writes."""
FAILING_AFTER: Final = 2
"""Looks in a row at which the journal could not write, before somebody is told: a moment's hiccup wakes nobody."""
TOLD_AFTER: Final = 3
"""Failures in a row behind which a target is told as failing."""


class SendsNotices(Protocol):
    """What brings a notification to a service; `plugins.notify.sending` has the one that does."""

    async def send(self, url: str, notice: Notice, severity: Severity) -> SendFault | None: ...


class NotifyTarget:
    """One target, and what is known of it in this run."""

    def __init__(self, config: TargetConfig, pacer: Pacer) -> None:
        self.config: Final = config
        self.pacer: Final = pacer
        self.sending: Final = asyncio.Lock()
        self.news: Final = asyncio.Event()
        """Something is to be told."""
        self.sent_at: Millis | None = None
        self.fault: SendFault | None = None
        """Of the last failure."""
        self.failed_at: Millis | None = None


class Notify(Plugin[NotifyConfig]):
    """Tells people outside the page. What could not be told is kept, and told later, together."""

    Config: ClassVar[type[NotifyConfig]] = NotifyConfig
    events: ClassVar[Sequence[type[Event]]] = (NotifyTargetFailed,)

    def __init__(self, ctx: Context, config: NotifyConfig) -> None:
        super().__init__(ctx, config)
        self.courier: Final = self.make_courier(config)
        hours = config.quiet
        self.quiet: Final = QuietHours(*hours, ZoneInfo(config.zone)) if hours is not None else None
        self.targets: Final = {
            name: NotifyTarget(one, Pacer(config.per_minute, self.quiet)) for name, one in config.targets.items()
        }
        self.sent: Final[Counter[str]] = Counter()
        self._dropped = 0
        self._writing = asyncio.Lock()
        self._failing = 0
        self._news = asyncio.Event()
        self.trouble: str | None = None
        """Why the journal cannot be followed, or the outbox not be kept."""

    def make_courier(self, config: NotifyConfig) -> SendsNotices:
        """What brings a notification to its service; a test has its own."""
        return Courier(config.allowed_networks, config.timeout_s)

    async def start(self) -> None:
        """Raises PluginFailed where its own file cannot be kept."""
        here = JournalCursor(self.ctx.state.seq)
        try:
            self.outbox = await asyncio.to_thread(Outbox, self.ctx.data_dir, self.ctx.log, here)
            if not await self._is_of_this_journal(self.outbox.kept.cursor):
                self.ctx.log.warning("the journal is another than it followed; it goes on from event %s", here.seq)
                self.outbox.kept.cursor = here
            await asyncio.to_thread(self.outbox.write, self.outbox.encoded())
        except OSError as error:
            raise PluginFailed(f"notify: its outbox cannot be kept: {error}") from error
        self.ctx.handle(SendTestNotification, self.send_test, check=lambda command: self._known(command.target))
        self.ctx.when_up(self._begin)

    def _begin(self) -> None:
        self.ctx.tap(lambda envelope, _: self._news.set() if envelope.kind in KINDS else None)
        self.ctx.spawn(self._collect(), "collect")
        for name in self.targets:
            self.ctx.spawn(self._serve(name), name)

    def _events_after(self, after: int) -> Iterator[bytes] | None:
        return self.ctx.hooks.events_after(after)

    async def _is_of_this_journal(self, cursor: JournalCursor) -> bool:
        if cursor.seq > self.ctx.state.seq:
            return False
        try:
            return await asyncio.to_thread(is_of, self._events_after, cursor)
        except (EventsUnreadable, OSError, msgspec.MsgspecError):
            return True  # pruned or damaged: what follows says so

    async def _collect(self) -> None:
        """Until cancelled."""
        looked = -LOOK_MS
        while True:
            changed = await self._follow()
            if self.ctx.clock.elapsed() - looked >= LOOK_MS:
                looked = self.ctx.clock.elapsed()
                changed = self._look() or changed
            if changed:
                await self._save()
            if not self._behind():
                await self._wait(LOOK_MS, self._news)
                with suppress(CommitFailed):
                    await self.ctx.committed()

    def _behind(self) -> bool:
        """Whether the journal has what was not taken yet."""
        return self.ctx.state.seq - self.ctx.uncommitted > self.outbox.kept.cursor.seq

    async def _wait(self, span: int, news: asyncio.Event) -> None:
        """So many milliseconds, or until there is news."""
        sleep, woken = asyncio.ensure_future(self.ctx.clock.sleep(span)), asyncio.ensure_future(news.wait())
        try:
            await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            woken.cancel()
        news.clear()

    async def _follow(self) -> bool:
        """Take what has happened. Whether there was anything."""
        kept = self.outbox.kept
        if not self._behind():
            return False
        try:
            stretch: Stretch = await asyncio.to_thread(
                read_stretch, self._events_after, kept.cursor, KINDS.__contains__, most=100
            )
            self.trouble = None
        except (EventsUnreadable, OSError, msgspec.MsgspecError) as error:
            if self.trouble is None:
                self.ctx.log.error("the journal cannot be followed from event %s: %s", kept.cursor.seq, error)
            self.trouble = str(error)
            kept.cursor = JournalCursor(self.ctx.state.seq - self.ctx.uncommitted)  # what comes now matters more
            return True
        for line in stretch.lines:
            try:
                alert = alert_of(CODEC.decode(line.line), self.ctx.state)
            except msgspec.ValidationError:
                continue  # a newer version wrote it
            if alert is not None:
                self._add(alert)
        if stretch.cursor.seq <= kept.cursor.seq:  # there is no journal
            kept.cursor = JournalCursor(self.ctx.state.seq - self.ctx.uncommitted)
        else:
            kept.cursor = stretch.cursor
        return bool(stretch.lines)

    def _look(self) -> bool:
        """Look at what no event tells. Whether there was anything."""
        now, told = self.ctx.clock.now(), self.outbox.kept.told
        span = int(self.config.needs_person_minutes * 60_000)
        found = waiting(self.ctx.state, now, span, words=self.config.words)
        still = {alert.chat_id: since for alert, since in found if alert.chat_id is not None}
        changed = False
        for alert, since in found:
            if alert.chat_id is not None and told.get(alert.chat_id) != since:
                self._add(alert)
                changed = True
        if still != told:
            self.outbox.kept.told = still
            changed = True
        self._failing = self._failing + 1 if self.ctx.commit_failure is not None else 0
        if self._failing == FAILING_AFTER:
            self._add(Alert(reason=NotifyReason.JOURNAL_FAILING, at=now))
            changed = True
        return changed

    def _add(self, alert: Alert) -> None:
        for name, target in self.targets.items():
            if target.config.wants(alert.reason, alert.severity):
                before = self.outbox.dropped(name)
                self.outbox.add(name, alert)
                self._dropped += self.outbox.dropped(name) - before
                target.news.set()

    async def _save(self) -> None:
        """Where the disk takes nothing, it is told from memory all the same."""
        async with self._writing:
            try:
                await asyncio.to_thread(self.outbox.write, self.outbox.encoded())
            except OSError as error:
                self.trouble = f"the outbox cannot be kept: {error}"

    async def _serve(self, name: str) -> None:
        """Until cancelled."""
        target, clock = self.targets[name], self.ctx.clock
        while True:
            pending, dropped = self.outbox.pending(name), self.outbox.dropped(name)
            alerts = list(target.pacer.due(pending, dropped, clock.now(), clock.elapsed()))
            if alerts:
                language, url = self.config.language, self.config.public_url
                single = len(alerts) == 1 and not dropped
                notice = notice_of(alerts[0], language, url) if single else digest_of(alerts, dropped, language, url)
                severity = max((alert.severity for alert in alerts), key=lambda one: one.rank)
                if await self._send(name, notice, severity) is None:
                    self.outbox.told(name, alerts, dropped=dropped)
                    await self._save()
            if self.outbox.pending(name):
                await clock.sleep(TICK_MS)
            else:
                await target.news.wait()
                target.news.clear()

    async def _send(self, name: str, notice: Notice, severity: Severity) -> SendFault | None:
        target, clock = self.targets[name], self.ctx.clock
        async with target.sending:
            try:
                url = await asyncio.to_thread(read_place, target.config.url, "URL")
            except SecretUnreadable:
                fault: SendFault | None = SendFault.INVALID_URL
            else:
                fault = await self.courier.send(url, notice, severity)
            self.sent[fault or ""] += 1
            target.pacer.tried(clock.elapsed(), taken=fault is None)
            if fault is None:
                target.sent_at = clock.now()
            else:
                target.fault, target.failed_at = fault, clock.now()
                self.ctx.log.warning("the target %s was not reached: %s", name, fault)
                if target.pacer.failures == TOLD_AFTER:
                    self.ctx.publish(NotifyTargetFailed(target=name, fault=fault, failures=TOLD_AFTER))
        return fault

    async def send_test(self, command: SendTestNotification) -> None:
        """Raises Conflict where it was not taken."""
        self._known(command.target)
        fault = await self._send(command.target, trial_notice(self.config.language), Severity.INFO)
        if fault is not None:
            text = f"{command.target} was not reached: {fault.value}. plugins/notify/README.md says what that means."
            raise Conflict(NotifyRefusal.NOT_SENT, text, field="target")
        self.targets[command.target].pacer.hurry()

    def _known(self, target: str) -> None:
        if target not in self.targets:
            text = f"[notify] has no target {target[:64]!r}."
            raise NotFound(NotifyRefusal.UNKNOWN_TARGET, text, field="target")

    @hookimpl
    def panel(self) -> Panel:
        views = [
            TargetView(
                name=name,
                failures=target.pacer.failures,
                pending=len(self.outbox.pending(name)),
                sent_at=target.sent_at,
                fault=target.fault,
                failed_at=target.failed_at,
            )
            for name, target in self.targets.items()
        ]
        return notify_panel(views, quiet=self.quiet is not None and self.quiet.are_at(self.ctx.clock.now()))

    @hookimpl
    def health(self) -> Health:
        """The live system goes on whoever is not reached: this is told, and never as not ready."""
        failing = [name for name, target in self.targets.items() if target.pacer.failures]
        said = [f"not reached: {', '.join(failing)}"] if failing else []
        return Health(self.ctx.name, ok=True, detail="; ".join((*([self.trouble] if self.trouble else []), *said)))

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        return measures(
            self.sent,
            pending=sum(len(self.outbox.pending(name)) for name in self.targets),
            dropped=self._dropped,
            failing=sum(target.pacer.failures > 0 for target in self.targets.values()),
        )
