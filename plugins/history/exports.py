"""Answers as files: NDJSON, and CSV for spreadsheets. Prices and SteamIDs are texts, moments UTC milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from kernel.codec import encode
from kernel.routes import Download
from kernel.spreadsheets import csv_of
from plugins.history.answers import TimelineEntry
from plugins.history.questions import FORMATS
from plugins.history.report_types import Count, CurrencySum, DealReport, MoneySum

TABLES: Final = (
    "items",
    "sums",
    "failures",
    "causes",
    "handovers",
    "answers",
    "leaders",
    "days",
    "fallthroughs",
    "outcomes",
)
"""Of a report."""


def download(name: str, form: str, of: type[Struct], records: Sequence[Struct]) -> Download:
    """These records of one type."""
    if form == "ndjson":
        body = b"".join(encode(record) + b"\n" for record in records)
    elif of is TimelineEntry:
        body = csv_of(_TIMELINE, map(_happened, records))
    else:
        fields = msgspec.structs.fields(of)
        header = [field.encode_name for field in fields]
        body = csv_of(header, ([_cell(getattr(record, field.name)) for field in fields] for record in records))
    return Download(f"{name}.{form}", FORMATS[form], body)


def table(report: DealReport, name: str, form: str) -> Download:
    """One table of a report. In CSV a number stands without the query of its rows."""
    records: list[Struct] = getattr(report, name)
    file = f"report-{name}-{report.first_day}-{report.last_day}"
    if not records:
        return Download(f"{file}.{form}", FORMATS[form], b"")
    return download(file, form, type(records[0]), records)


def _cell(value: Any) -> object:
    if isinstance(value, Count):
        return value.n
    if isinstance(value, list):
        sums = [f"{one.sum} {one.currency}" if isinstance(one, CurrencySum | MoneySum) else str(one) for one in value]
        return " ".join(sums) if all(isinstance(one, int) for one in value) else ", ".join(sums)
    return value


_TIMELINE: Final = ("seq", "ts", "kind", "botId", "chatId", "taskId", "who", "text")


def _happened(entry: Any) -> Sequence[object]:
    assert isinstance(entry, TimelineEntry)
    who: str | None = None
    text: str | None = None
    if entry.message is not None:
        who, text = entry.message.author, entry.message.text
    elif entry.note is not None:
        who, text = entry.note.author, entry.note.text
    elif entry.handover is not None:
        who, text = entry.handover.actor, entry.handover.why or entry.handover.reason
    elif entry.task is not None:
        who = entry.task.created_by if entry.kind == "taskCreated" else entry.task.operator or entry.task.agent
        text = entry.task.item if entry.kind == "taskCreated" else entry.task.status
    elif entry.outcome is not None:
        who, text = entry.outcome.by, entry.outcome.kind
    elif entry.invite is not None:
        text = entry.invite.outcome
    return (entry.seq, entry.ts, entry.kind, entry.bot_id, entry.chat_id, entry.task_id, who, text)
