"""What the routes of an import take and answer. No secret is in any answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from kernel.commands import LABEL_LENGTH
from plugins.steam.importing.plan import Step
from plugins.steam.lists import BadLine

ImportId = Annotated[str, Meta(max_length=64)]


class UploadedFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file by its path within what was chosen; `content` is base64."""

    name: Annotated[str, Meta(max_length=1024)]
    content: bytes

    def __repr__(self) -> str:
        return f"UploadedFile(name={self.name!r}, …)"


class Upload(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Files of an import, to be added to what was sent before; without an id a new import begins."""

    import_id: ImportId | None = None
    files: Annotated[list[UploadedFile], Meta(max_length=20_000)]


class PlanRequest(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The lists that go with the files, as they are on disk, in base64; and the passkey of encrypted maFiles."""

    import_id: ImportId
    passwords: bytes = b""
    proxies: bytes = b""
    passkey: Annotated[str, Meta(max_length=1024)] | None = None

    def __repr__(self) -> str:
        return f"PlanRequest(import_id={self.import_id!r}, …)"


class ImportNamed(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The import that the request is about."""

    import_id: ImportId


class RunRequest(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Carry the plan of an import out; `labels` are of bots by the files of their accounts."""

    import_id: ImportId
    labels: Annotated[dict[str, Annotated[str, Meta(max_length=LABEL_LENGTH)]], Meta(max_length=20_000)] = {}


class RowsWanted(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A page of the accounts of an import."""

    import_id: ImportId
    start: Annotated[int, Meta(ge=0)] = 0


class ImportStage(StrEnum):
    """How far an import is."""

    FILES = "files"
    """They are sent."""
    READING = "reading"
    PLANNED = "planned"
    ADDING = "adding"
    DONE = "done"
    FAILED = "failed"


class Told(Struct, frozen=True, omit_defaults=True):
    """A code and a sentence, of a line of a list where there is one."""

    code: str
    message: str
    line: int | None = None


class ImportState(Struct, frozen=True, kw_only=True, rename="camel"):
    """How an import stands; `counts` are its accounts by what is or was to be done with them."""

    ok: bool = True
    import_id: str
    stage: ImportStage
    done: int
    """Of `total`: files while they are read, new accounts while they are added."""
    total: int
    accounts: int
    counts: dict[str, int]
    problems: Sequence[Told]
    """Of the lists: lines that are passed over."""
    passed_over: Sequence[str]
    """Files that are no maFiles, the first of them."""
    passed_over_count: int
    proxies: int
    """Usable ones in the list; of these are bots' already:"""
    proxies_taken: int
    proxies_left: int
    """What nobody has once the plan is carried out."""
    failure: str | None = None
    """Why it failed, where it did."""


class ImportRow(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One account: where it stands, what is or was to be done with it, and why."""

    file: str
    standing: str
    account: str = ""
    steam_id64: str | None = None
    code: str = ""
    message: str = ""
    proxy: str = ""
    """As it may be shown."""
    bot_id: str = ""
    has_password: bool = False
    notes: Sequence[Told] = ()


class ImportRows(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of the accounts, in the order of the files."""

    ok: bool = True
    rows: Sequence[ImportRow]
    total: int


def row_of(step: Step) -> ImportRow:
    """What may be told of a step."""
    found = step.found
    return ImportRow(
        file=found.name,
        standing=str(step.standing),
        account=found.account_name,
        steam_id64=None if found.steam_id64 is None else str(found.steam_id64),
        code=step.code,
        message=step.message,
        proxy=step.shown_proxy,
        bot_id=step.bot_id,
        has_password=step.password is not None,
        notes=[Told(str(note.code), note.text) for note in step.notes],
    )


def told(problems: Sequence[BadLine], most: int) -> list[Told]:
    """The first of the lines that are passed over."""
    return [Told(str(one.code), one.told, one.line) for one in problems[:most]]
