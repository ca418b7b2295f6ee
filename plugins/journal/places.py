"""Where in the journal something is wrong, and what a person is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kernel.codec import TooNew, decode_envelope
from kernel.events import Envelope
from kernel.segments import LIVE, Segments
from plugins.journal.errors import JournalDamaged, JournalTooNew, JournalUnusable
from plugins.journal.history import History


def way_back(folder: Path) -> str:
    """What to do about a damaged journal; `folder` is the journal's, in the data folder."""
    return (
        "Nothing was changed. Bring the data folder back from a backup (switchboard restore FILE --data NEW), or see "
        f"what can be kept of this one: switchboard journal repair --data {folder.parent}"
    )


def lines_of(chunk: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Each line with the offset of its beginning in the file; blank ones are passed over, as the decoder does."""
    for line in chunk.split(b"\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1


class SegmentPart:
    """Some lines of a segment, in the place of a History: their offsets count from the first of them."""

    def __init__(self, segments: Segments, chunk: bytes, before: int) -> None:
        """`before` is the event before the first of these lines."""
        manifest = segments.manifest
        found = [one for one in (manifest.segments if manifest is not None else ()) if one.first <= before + 1]
        self.path = segments.folder / (found[-1].name if found else LIVE)
        self._chunk = chunk
        self._lines_before = before + 1 - (found[-1].first if found else 1)

    def line_number(self, offset: int) -> int:
        """The line of the segment that begins there, counted from 1."""
        return 1 + self._lines_before + self._chunk[:offset].count(b"\n")


Part = History | SegmentPart


def unreadable(part: Part, chunk: bytes, offset: int) -> JournalUnusable:
    """What to say of the first line in the chunk that cannot be decoded."""
    for place, line in lines_of(chunk, offset):
        try:
            decode_envelope(line)
        except TooNew as error:
            return JournalTooNew(f"{at(part, place)}: {error}; a newer one wrote it. Start that one again.")
        except ValueError as error:
            return damaged(part, place, f"cannot be read: {error}")
    raise AssertionError("the chunk cannot be decoded, and yet each of its lines can")


def misplaced(part: Part, place: int, seq: int, envelope: Envelope, error: Exception) -> JournalDamaged:
    """What to say of an event that can be read, and is not the one `seq` or cannot be folded."""
    if envelope.seq != seq:
        return damaged(part, place, f"event {seq} belongs here, and this is event {envelope.seq}")
    return damaged(part, place, f"{envelope.kind} cannot follow on what was before: {error}")


def damaged(part: Part, place: int, what: str) -> JournalDamaged:
    """The refusal of a start for what is wrong with the line that begins at `place`."""
    text = f"{at(part, place)}: {what}. {way_back(part.path.parent)}"
    return JournalDamaged(text, place=place if isinstance(part, History) else None)


def at(part: Part, place: int) -> str:
    """A place as a person looks it up."""
    line = f"{part.path}, line {part.line_number(place)}"
    return f"{line} (byte {place})" if isinstance(part, History) else line
