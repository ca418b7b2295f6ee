"""The state as the stream tells it: snapshots and batches folded by the kernel's own reducers. No socket, no thread."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from kernel.codec import TooNew, decode_envelope
from kernel.errors import IllegalTransition
from kernel.events import Envelope
from kernel.reducers import reduce
from kernel.state import State
from switchboard.errors import Incompatible, Unreachable

_Tables: Final[type[Any]] = msgspec.defstruct(
    "Tables",
    [
        (table.name, list[table.row_type], msgspec.field(default_factory=list))  # type: ignore[name-defined]
        for table in State().tables
    ],
)


class _Part(Struct):
    seq: int
    ts: int
    part: int
    parts: int
    state: msgspec.Raw


_PARTS: Final = msgspec.json.Decoder(_Part)
_TABLES: Final = msgspec.json.Decoder(_Tables)
_BATCH: Final = msgspec.json.Decoder(list[msgspec.Raw])
_SAME_VERSION: Final = "Install the version of the package `switchboard` that the server runs."


class Mirror:
    """Holds the state of the latest whole snapshot and every event since."""

    def __init__(self) -> None:
        self.state = State()
        """Replaced as a whole by each snapshot; folded into by each batch."""
        self._loading = State()
        self._next_part = 1

    def snapshot(self, data: bytes) -> bool:
        """Take one part of a snapshot in. True when it was the last: the state is whole again. Raises Incompatible."""
        try:
            part = _PARTS.decode(data)
            tables = _TABLES.decode(part.state)
        except msgspec.MsgspecError as error:
            raise Incompatible(f"The server's snapshot cannot be read: {error}. {_SAME_VERSION}") from error
        if part.part == 1:
            self._loading, self._next_part = State(), 1
        if part.part != self._next_part:
            raise Incompatible(f"Part {self._next_part} of a snapshot belongs here, and this is part {part.part}.")
        self._next_part += 1
        for table in self._loading.tables:
            self._loading.load(table.name, getattr(tables, table.name))
        if part.part < part.parts:
            return False
        self._loading.set_position(part.seq, part.ts)
        self.state = self._loading
        return True

    def batch(self, data: bytes) -> list[Envelope]:
        """Fold a batch in. Returns its events. The state stays as it was before the bad one.

        Raises Incompatible; Unreachable when an event is missing, which a new snapshot mends.
        """
        try:
            lines = _BATCH.decode(data)
        except msgspec.MsgspecError as error:
            raise Incompatible(f"The server's batch is no list of events: {error}.") from error
        return [self._fold(bytes(line)) for line in lines]

    def _fold(self, line: bytes) -> Envelope:
        envelope = read(line)
        if envelope.seq != self.state.seq + 1:
            raise Unreachable(f"event {self.state.seq + 1} belongs here, and this is event {envelope.seq}")
        try:
            reduce(self.state, envelope)
        except IllegalTransition as error:
            text = f"Event {envelope.seq}, {envelope.kind}, does not fit the state: {error}. {_SAME_VERSION}"
            raise Incompatible(text) from error
        return envelope


def read(line: bytes) -> Envelope:
    """An event from its JSON. Raises Incompatible."""
    try:
        return decode_envelope(line)
    except TooNew as error:
        raise Incompatible(f"{str(error)[0].upper()}{str(error)[1:]}. {_SAME_VERSION}") from error
    except msgspec.MsgspecError as error:
        raise Incompatible(f"An event cannot be read: {error}. {_SAME_VERSION}") from error
