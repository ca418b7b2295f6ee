"""The audit: who did what, when and from where, as events, and read back from the journal by whoever answers for it."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from litestar.types import Scope
from msgspec import Struct

from kernel.codec import encode
from kernel.commands import Command
from kernel.context import Context
from kernel.errors import CommandError, CommitFailed, NotDurable, Unavailable, Unconfirmed
from kernel.events import AuditRecorded
from plugins.api.auth import shell_audit
from plugins.api.auth.actions import Action
from plugins.api.auth.callers import Caller, address_of
from plugins.api.errors import FileUnreadable
from plugins.api.http.answers import Reply

SUBJECTS: Final = ("chat_id", "task_id", "bot_id", "player", "name", "subject", "word", "title")
"""Fields that say what a command is about, the most telling first. None of them holds a secret."""
MOST: Final = 100_000
USUAL: Final = 200
FORMATS: Final[Mapping[str, bytes]] = {
    "json": b"application/json",
    "ndjson": b"application/x-ndjson",
    "csv": b"text/csv; charset=utf-8",
}
STRANGER: Final = "stranger"
"""The actor of what was tried by nobody that we know."""
TAKE_UP_S: Final = 5.0
"""How often it is looked whether somebody has changed something at the command line."""


class Record(Struct, frozen=True):
    """One entry, as it is given out."""

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

    records: list[Record]


class Filter(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for: each part narrows it down. Times are UTC milliseconds, `since` included, `until` not."""

    actor: str | None = None
    action: str | None = None
    result: str | None = None
    """A code, or `refused` for all that was not `ok`."""
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

    def takes(self, record: Record) -> bool:
        if (self.since is not None and record.ts < self.since) or (self.until is not None and record.ts >= self.until):
            return False
        if self.result == "refused" and record.result == "ok":
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
    """Writes it down, and reads it back."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._taking_up = asyncio.Lock()
        self._trouble = ""
        """What was said last of the changes that cannot be taken up: every five seconds would be too often."""

    def open(self) -> None:
        """Begin to take up what is done at the command line."""
        self._ctx.spawn(self._follow_command_line(), "take up what is done at the command line")

    async def _follow_command_line(self) -> None:
        while True:
            await self.take_up()
            await asyncio.sleep(TAKE_UP_S)

    async def take_up(self) -> None:
        """Make an entry of each change that was made at the command line since the last time."""
        async with self._taking_up:
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
        """Make an entry; `caller` is None for somebody whom we do not know."""
        actor, via = (caller.actor, caller.via) if caller is not None else (STRANGER, "nothing")
        event = AuditRecorded(action=action, result=result, address=address, via=via, subject=subject)
        self._ctx.publish(event, actor=actor)

    def refused(self, action: str, caller: Caller | None, address: str, why: CommandError, subject: str | None) -> None:
        """Make an entry of a refusal that was about the caller or the state, and not about us."""
        if why.status < 500:
            self.record(action, caller, address, result=why.code, subject=subject)

    async def settle(self) -> None:
        """Return when all entries until now are on disk. Raises Unconfirmed."""
        try:
            await self._ctx.committed()
        except CommitFailed as error:
            text = f"It was done, but the journal cannot write, so the audit may lack it: {error}"
            raise Unconfirmed("notOnDiskYet", text) from error

    async def serve(self, scope: Scope, wanted: Filter) -> Reply:
        """`GET /api/audit`; what leaves it as a table is an entry of its own."""
        body = await self.read(wanted)
        if wanted.format == "json":
            return Reply(200, body)
        self.record(Action.EXPORT_AUDIT, scope["user"], address_of(scope), subject=wanted.format)
        name = f"attachment; filename=audit.{wanted.format}".encode()
        return Reply(200, body, ((b"content-disposition", name),), FORMATS[wanted.format])

    async def read(self, wanted: Filter) -> bytes:
        """The newest entries that fit, newest first, in the form that is asked for. Raises Unavailable."""
        await self.take_up()
        try:
            await self._ctx.committed()  # what has been done until now can be read from now on
        except CommitFailed as error:
            raise NotDurable("notDurable", f"The journal cannot write, so it is not whole: {error}") from error
        lines = self._ctx.hooks.recall(AuditRecorded.kind)
        if lines is None:
            raise Unavailable("noJournal", "No journal is running that could tell what has been.")
        try:
            records = await asyncio.to_thread(_collect, lines, wanted)
        except OSError as error:
            why = self._ctx.data_gone() or f"The journal cannot be read: {error.strerror}."
            raise Unavailable("noJournal", why) from error
        if wanted.format == "csv":
            return _csv(records)
        if wanted.format == "ndjson":
            return b"".join(encode(record) + b"\n" for record in records)
        return encode(AuditPage(records))


def subject_of(command: Command[Any], created: object = None) -> str | None:
    """What a command is about: what it created, or the thing that it names."""
    if isinstance(created, str):
        return created
    named = (getattr(command, field, None) for field in SUBJECTS if field in command.__struct_fields__)
    return next((value for value in named if isinstance(value, str)), None)


def _collect(lines: Iterator[bytes], wanted: Filter) -> list[Record]:
    kept: deque[Record] = deque(maxlen=wanted.limit)
    decoder = msgspec.json.Decoder(_Line)
    for line in lines:
        entry = decoder.decode(line)
        event = msgspec.json.decode(entry.payload, type=AuditRecorded)
        at = entry.ts if event.happened_at is None else event.happened_at
        who = (entry.seq, at, entry.actor)
        record = Record(*who, event.action, event.result, event.address, event.via, event.subject)
        if wanted.takes(record):
            kept.append(record)
    return list(reversed(kept))


def _csv(records: list[Record]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(Record.__struct_fields__)
    for record in records:
        table.writerow([_harmless(value) for value in msgspec.structs.astuple(record)])
    return text.getvalue().encode()


def _harmless(value: object) -> object:
    """A table program takes what begins like this for a formula, and carries it out."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
