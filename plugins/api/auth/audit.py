"""The audit log: who did what, when and from where, recorded as events and read back from the journal."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

import msgspec
from litestar.types import Scope
from msgspec import Struct

from kernel.codec import encode
from kernel.codes import KernelRefusal
from kernel.commands import Command
from kernel.context import Context
from kernel.errors import CommandError, CommitFailed, NotDurable, Unavailable, Unconfirmed
from kernel.events import AuditRecorded
from kernel.spreadsheets import csv_of
from plugins.api.auth import shell_audit
from plugins.api.auth.actions import Action
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.lockouts import UNKNOWN
from plugins.api.codes import ApiRefusal
from plugins.api.errors import FileUnreadable
from plugins.api.http.answers import HttpReply

SUBJECTS: Final = ("chat_id", "task_id", "bot_id", "player", "name", "subject", "word", "title")
"""Fields that name the subject of a command, the most specific first. None of them holds a secret."""
MOST: Final = 100_000
USUAL: Final = 200
READ_ON_THE_PAGE: Final = 1_000
"""Entries at most that are no export."""
FORMATS: Final[Mapping[str, bytes]] = {
    "json": b"application/json",
    "ndjson": b"application/x-ndjson",
    "csv": b"text/csv; charset=utf-8",
}
REPEATED: Final = "repeated"
"""The result of a command that was given again under its id: it was answered as before, and not carried out."""
STRANGER: Final = "stranger"
"""The actor of entries without an authenticated caller."""
_ID: Final = re.compile(r"(?:bot|task|chat|msg|note|reply)_[0-9a-z_]{1,26}|7656119[0-9]{10}")
"""What a subject is that the system has made itself, or Steam."""
SHELL_POLL_S: Final = 5.0
"""How often changes made at the command line are polled for."""


class AuditEntry(Struct, frozen=True):
    """One entry of the audit, as `GET /api/audit` returns it."""

    seq: int
    ts: int
    actor: str
    action: str
    result: str
    address: str
    via: str
    subject: str | None


class AuditPage(Struct, frozen=True):
    """The entries that fit, newest first."""

    records: list[AuditEntry]


class Filter(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of `GET /api/audit`: each field narrows it. UTC milliseconds, `since` inclusive, `until` exclusive."""

    actor: str | None = None
    action: str | None = None
    result: str | None = None
    """A code, or `refused` for all that was neither `ok` nor `repeated`."""
    subject: str | None = None
    address: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int = USUAL
    format: str = "json"

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST:
            raise ValueError(f"limit: give a number from 1 to {MOST}")
        if self.format not in FORMATS:
            raise ValueError(f"format: give one of {', '.join(FORMATS)}")

    @property
    def is_export(self) -> bool:
        """Whether it takes the audit out of the house, so that a person gives a fresh proof."""
        return self.format != "json" or self.limit > READ_ON_THE_PAGE

    def takes(self, record: AuditEntry) -> bool:
        if (self.since is not None and record.ts < self.since) or (self.until is not None and record.ts >= self.until):
            return False
        if self.result == "refused" and record.result in ("ok", REPEATED):
            return False
        asked = {name: getattr(self, name) for name in ("actor", "action", "subject", "address")}
        asked["result"] = self.result if self.result != "refused" else None
        return all(wanted is None or getattr(record, name) == wanted for name, wanted in asked.items())


class _Line(Struct, frozen=True):
    seq: int
    ts: int
    actor: str
    payload: msgspec.Raw


class Audit:
    """Records audit events, and queries them."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.names: Callable[[], Collection[str]] = tuple
        """Of operators and tokens, whom a subject may be."""
        self._importing = asyncio.Lock()
        self._trouble = ""
        """The last failure logged of the import, so that the same is not logged every five seconds."""

    def open(self) -> None:
        """Start to poll for changes made at the command line."""
        self._ctx.spawn(self._poll_shell_changes(), "import changes made at the command line")

    async def _poll_shell_changes(self) -> None:
        while True:
            await self.import_shell_changes()
            await asyncio.sleep(SHELL_POLL_S)

    async def import_shell_changes(self) -> None:
        """Record each change made at the command line since the last call."""
        async with self._importing:
            try:
                changes = shell_audit.take(self._ctx.data_dir)
                for change in changes:
                    event = AuditRecorded(
                        action=change.action,
                        result="ok",
                        address="this machine",
                        via="the command line",
                        subject=change.subject,
                        happened_at=change.at,
                    )
                    self._ctx.publish(event, actor=f"shell:{change.who}")
                if changes:
                    await self._ctx.committed()
                    shell_audit.drop(self._ctx.data_dir)
                self._trouble = ""
            except (FileUnreadable, OSError) as error:
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    self._ctx.log.error("%s", error)
            except CommitFailed:
                pass  # they are still there, and doubled rather than lost

    def record(
        self, action: str, caller: Caller | None, address: str, *, result: str = "ok", subject: str | None = None
    ) -> None:
        """Record an action; `caller` is None where nobody is authenticated."""
        actor, via = (caller.actor, caller.via) if caller is not None else (STRANGER, "nothing")
        event = AuditRecorded(action=action, result=result, address=address, via=via, subject=subject)
        self._ctx.publish(event, actor=actor)

    def refused(self, action: str, caller: Caller | None, address: str, why: CommandError, subject: str | None) -> None:
        """Record a refusal by its code; failures of ours (5xx) are not recorded.

        What names nothing that there is may be a secret in the wrong field: it is marked, and not kept.
        """
        if why.status < 500:
            self.record(action, caller, address, result=why.code, subject=self._known(subject))

    def _known(self, subject: str | None) -> str | None:
        if subject is None or _ID.fullmatch(subject) or subject in self._ctx.state.plugins:
            return subject
        try:
            return subject if subject in self.names() else UNKNOWN
        except FileUnreadable:
            return UNKNOWN

    async def settle(self) -> None:
        """Wait until every entry so far is on disk. Raises Unconfirmed."""
        try:
            await self._ctx.committed()
        except CommitFailed as error:
            text = f"It was done, but the journal cannot write, so the audit may lack it: {error}"
            raise Unconfirmed(KernelRefusal.NOT_ON_DISK_YET, text) from error

    async def serve(self, scope: Scope, wanted: Filter) -> HttpReply:
        """`GET /api/audit`. An export is itself recorded."""
        body = await self.read(wanted)
        if wanted.is_export:
            self.record(Action.EXPORT_AUDIT, scope["user"], address_of(scope), subject=wanted.format)
        if wanted.format == "json":
            return HttpReply(200, body)
        name = f"attachment; filename=audit.{wanted.format}".encode()
        return HttpReply(200, body, ((b"content-disposition", name),), FORMATS[wanted.format])

    async def read(self, wanted: Filter) -> bytes:
        """The matching entries, newest first, in the requested format. Raises Unavailable."""
        await self.import_shell_changes()
        try:
            await self._ctx.committed()  # what has been done until now can be read from now on
        except CommitFailed as error:
            raise NotDurable(
                KernelRefusal.NOT_DURABLE, f"The journal cannot write, so it is not whole: {error}"
            ) from error
        lines = self._ctx.hooks.recall(AuditRecorded.kind)
        if lines is None:
            raise Unavailable(ApiRefusal.NO_JOURNAL, "No journal is running to read the audit from.")
        try:
            records = await asyncio.to_thread(_collect, lines, wanted)
        except OSError as error:
            why = self._ctx.data_gone() or f"The journal cannot be read: {error.strerror}."
            raise Unavailable(ApiRefusal.NO_JOURNAL, why) from error
        if wanted.format == "csv":
            return csv_of(AuditEntry.__struct_fields__, map(msgspec.structs.astuple, records))
        if wanted.format == "ndjson":
            return b"".join(encode(record) + b"\n" for record in records)
        return encode(AuditPage(records))


def subject_of(command: Command[Any], created: object = None) -> str | None:
    """The subject of a command: the id that it created, else the field that names its object."""
    if isinstance(created, str):
        return created
    told = set(command.__struct_fields__) - command.secret_fields
    named = (getattr(command, field, None) for field in SUBJECTS if field in told)
    return next((value for value in named if isinstance(value, str)), None)


def _collect(lines: Iterator[bytes], wanted: Filter) -> list[AuditEntry]:
    kept: deque[AuditEntry] = deque(maxlen=wanted.limit)
    decoder = msgspec.json.Decoder(_Line)
    for line in lines:
        entry = decoder.decode(line)
        event = msgspec.json.decode(entry.payload, type=AuditRecorded)
        at = entry.ts if event.happened_at is None else event.happened_at
        who = (entry.seq, at, entry.actor)
        record = AuditEntry(*who, event.action, event.result, event.address, event.via, event.subject)
        if wanted.takes(record):
            kept.append(record)
    return list(reversed(kept))
