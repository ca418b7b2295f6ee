"""The journal read: every event there has been, and the state as it was after any of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kernel.codec import decode_envelopes
from kernel.errors import IllegalTransition
from kernel.events import Envelope
from kernel.manifest import FILE as MANIFEST
from kernel.reducers import reduce
from kernel.segments import LIVE, EventsUnreadable, Segments
from kernel.snapshot import Snapshot
from kernel.state import State
from switchboard import brief, eventframes
from switchboard.errors import ClientError, JournalUnreadable
from switchboard.mirror import read
from switchboard.view import View
from switchboard.watching import Kind, names

if TYPE_CHECKING:
    import pandas
    import polars

STRIDE: Final = 5_000
"""Events between two states that are kept, so that the next look at a time near one need not begin anew."""


class _Place(msgspec.Struct, gc=False):
    """Of an event no more than its place in the order, and when it was."""

    seq: int
    ts: int


_PLACES: Final = msgspec.json.Decoder(_Place)


class Past(View):
    """The state as it was after the event `seq`."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def state(self) -> State:
        return self._state

    @property
    def time(self) -> datetime:
        """When it was so."""
        return datetime.fromtimestamp(self._state.ts / 1_000, UTC)

    def __repr__(self) -> str:
        return f"As it was at event {self.seq}, {brief.when(self._state.ts)} UTC\n{self.fleet!r}"

    def _repr_html_(self) -> str:
        return self.fleet._repr_html_()


class Journal:
    """Its segments and `events.ndjson`, read as far as it is written: a running system's too. Nothing is ever written
    to it. What was pruned is not there any more: events begin behind it, and the state is not known then.
    """

    def __init__(self, path: str | Path) -> None:
        """The data folder of the system, or the file, with the segments that lie beside it. Raises JournalUnreadable
        when there is none."""
        named = Path(path)
        self.path = named / "journal" / LIVE if named.is_dir() else named
        if not self.path.is_file() and not (self.path.name == LIVE and (self.path.parent / MANIFEST).is_file()):
            raise JournalUnreadable(
                f"There is no journal at {self.path}; give the data folder, or events.ndjson itself."
            )
        self._segments = Segments(self.path.parent, live=self.path.name)
        self._kept: list[Snapshot] = []

    def __iter__(self) -> Iterator[Envelope]:
        """Every event, from the first."""
        line = self._begin()
        for chunk in self._chunks(line):
            try:
                events = list(decode_envelopes(chunk))
            except msgspec.MsgspecError:
                raise self._unreadable(chunk, line) from None
            yield from events
            line += len(events)

    def events(self, *kinds: Kind) -> Iterator[Envelope]:
        """The events of these kinds; all, when none is named."""
        wanted = names(kinds)
        return (event for event in self if event.kind in wanted)

    def at(self, seq: int | None = None, *, time: datetime | str | None = None) -> Past:
        """The state after the event `seq`, or as it was at a time (UTC, where it names no zone); else at the end.

        A time that there has been twice, because the clock was set back, is meant the second time.
        """
        if time is not None:
            seq = self._last_at(_milliseconds(time))
        state = self._nearest(seq)
        for event in self._after(state.seq):
            if seq is not None and event.seq > seq:
                break
            try:
                reduce(state, event)
            except IllegalTransition as error:
                raise JournalUnreadable(
                    f"{self.path}: event {event.seq} does not fit what was before: {error}"
                ) from error
            if event.seq % STRIDE == 0 and (not self._kept or event.seq > self._kept[-1].seq):
                self._kept.append(Snapshot.of(state))
        return Past(state)

    def to_pandas(self, *kinds: Kind) -> pandas.DataFrame:
        """Events as a pandas frame: seq, ts, actor, cause, kind, and a column for each field of these kinds."""
        return eventframes.to_pandas(list(self.events(*kinds)))

    def to_polars(self, *kinds: Kind) -> polars.DataFrame:
        """The same as a polars frame."""
        return eventframes.to_polars(list(self.events(*kinds)))

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    def _begin(self) -> int:
        """The first event that there is."""
        try:
            return self._segments.before + 1
        except EventsUnreadable as error:
            raise JournalUnreadable(str(error)) from error

    def _chunks(self, begin: int) -> Iterator[bytes]:
        """Whole lines; what a crash tore at the end, or is being written just now, is left out."""
        try:
            yield from self._segments.lines(begin - 1)
        except EventsUnreadable as error:
            raise JournalUnreadable(str(error)) from error

    def _last_at(self, moment: int) -> int:
        """The number of the last event until that moment; 0 when the first one came later."""
        line = self._begin()
        last = line - 1
        for chunk in self._chunks(line):
            try:
                places = _PLACES.decode_lines(chunk)
            except msgspec.MsgspecError:
                raise self._unreadable(chunk, line) from None
            last = next((place.seq for place in reversed(places) if place.ts <= moment), last)
            line += len(places)
        return last

    def _nearest(self, seq: int | None) -> State:
        """A state that is not later than the one that is looked for, to go on from."""
        place = len(self._kept) if seq is None else bisect_right([cut.seq for cut in self._kept], seq)
        state = State()
        if place:
            cut = self._kept[place - 1]
            for name, rows in cut.tables.items():
                state.load(name, rows)
            state.set_position(cut.seq, cut.ts)
        return state

    def _after(self, seq: int) -> Iterator[Envelope]:
        """The events after that one."""
        if (before := self._begin() - 1) > seq:
            raise JournalUnreadable(
                f"{self.path.parent}: the events up to {before} were pruned, so nobody can say how it was at any event."
            )
        line = seq + 1
        for chunk in self._chunks(line):
            try:
                events = list(decode_envelopes(chunk))
            except msgspec.MsgspecError:
                raise self._unreadable(chunk, line) from None
            yield from events
            line += len(events)

    def _unreadable(self, chunk: bytes, first: int) -> JournalUnreadable:
        for number, line in enumerate(chunk.split(b"\n"), start=first):
            try:
                read(line)
            except ClientError as error:
                return JournalUnreadable(f"{self._named()} {number}: {error}")
        return JournalUnreadable(f"{self._named()} {first}, or behind it: cannot be read.")

    def _named(self) -> str:
        """How a place is said: line n is event n, in whatever file that is."""
        alone = self._segments.manifest is None or not self._segments.manifest.last
        return f"{self.path}, line" if alone else f"{self.path.parent}, event"


def _milliseconds(time: datetime | str) -> int:
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return int(zoned.timestamp() * 1_000)
