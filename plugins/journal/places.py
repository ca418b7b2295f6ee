"""Where in events.ndjson something is wrong, and what a person is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kernel.codec import TooNew, decode_envelope
from kernel.events import Envelope
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


def unreadable(history: History, chunk: bytes, offset: int) -> JournalUnusable:
    """What to say of the first line in the chunk that cannot be decoded."""
    for place, line in lines_of(chunk, offset):
        try:
            decode_envelope(line)
        except TooNew as error:
            return JournalTooNew(f"{at(history, place)}: {error}; a newer one wrote it. Start that one again.")
        except ValueError as error:
            return damaged(history, place, f"cannot be read: {error}")
    raise AssertionError("the chunk cannot be decoded, and yet each of its lines can")


def misplaced(history: History, place: int, seq: int, envelope: Envelope, error: Exception) -> JournalDamaged:
    """What to say of an event that can be read, and is not the one `seq` or cannot be folded."""
    if envelope.seq != seq:
        return damaged(history, place, f"event {seq} belongs here, and this is event {envelope.seq}")
    return damaged(history, place, f"{envelope.kind} cannot follow on what was before: {error}")


def damaged(history: History, place: int, what: str) -> JournalDamaged:
    """The refusal of a start for what is wrong with the line that begins at `place`."""
    text = f"{at(history, place)}: {what}. {way_back(history.path.parent)}"
    return JournalDamaged(text, place=place)


def at(history: History, place: int) -> str:
    """A place as a person looks it up."""
    return f"{history.path}, line {history.line_number(place)} (byte {place})"
