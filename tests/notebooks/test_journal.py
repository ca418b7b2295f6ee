"""The journal is read as it lies there: every event, and the state after any of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

import switchboard
from kernel import segments
from kernel.codec import encode
from kernel.events import Envelope
from kernel.snapshot import Snapshot
from switchboard import journal as journal_module
from tests.contract.fold import whole
from tests.histories import fold, history

EVENTS = history(Random(23), 700)


def written(folder: Path, events: list[Envelope], end: bytes = b"") -> Path:
    """A data folder with these events in its journal."""
    (folder / "journal").mkdir()
    path = folder / "journal" / "events.ndjson"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events) + end)
    return path


@pytest.mark.parametrize("stride", [50, 5_000])
def test_the_state_at_any_event_is_the_fold_of_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    monkeypatch.setattr(journal_module, "STRIDE", stride)
    monkeypatch.setattr(segments, "CHUNK", 1_000)
    written(tmp_path, EVENTS)
    journal = switchboard.Journal(tmp_path)

    for seq in (700, 1, 349, 350, 351, 0, 699, 50):
        assert whole(Snapshot.of(journal.at(seq).state)) == whole(Snapshot.of(fold(EVENTS[:seq]))), seq
    assert journal.at().seq == 700


def test_the_state_at_a_time_is_that_after_the_last_event_until_then(tmp_path: Path) -> None:
    written(tmp_path, EVENTS)
    journal = switchboard.Journal(tmp_path)
    moment = EVENTS[300].ts
    expected = max(event.seq for event in EVENTS if event.ts <= moment)
    past = journal.at(time=datetime.fromtimestamp(moment / 1_000, UTC))

    assert past.seq == expected
    assert any(later.ts < earlier.ts for earlier, later in pairwise(EVENTS)), "no clock was set back"
    assert past.time <= datetime.fromtimestamp(moment / 1_000, UTC)
    assert journal.at(time=datetime.fromtimestamp(moment / 1_000, UTC).isoformat()[:-6]).seq == expected
    assert journal.at(time="1990-01-01").seq == 0


def test_the_past_is_shown_in_the_same_forms_as_the_present(tmp_path: Path) -> None:
    written(tmp_path, EVENTS)
    past = switchboard.Journal(tmp_path).at(400)

    assert "As it was at event 400" in repr(past)
    assert "at event 400" in past._repr_html_()
    assert len(past.tasks.to_pandas()) == len(fold(EVENTS[:400]).tasks)


def test_events_are_picked_by_kind_and_become_frames_with_a_column_for_each_field(tmp_path: Path) -> None:
    written(tmp_path, EVENTS)
    journal = switchboard.Journal(tmp_path)
    kinds = ("task.created", "task.waiting", "bot.disconnected", "command.completed")
    expected = [event for event in EVENTS if event.kind in kinds]
    frame, polars_frame = journal.to_pandas(*kinds), journal.to_polars(*kinds)

    assert list(journal.events(*kinds)) == expected
    assert list(frame["seq"]) == list(polars_frame["seq"]) == [event.seq for event in expected]
    assert list(frame.columns[:5]) == ["seq", "ts", "actor", "cause", "kind"]
    created = frame[frame["kind"] == "task.created"]
    assert list(created["price_min"]) == [e.payload.price_min for e in expected if e.kind == "task.created"]  # type: ignore[attr-defined]
    assert created["bot_id"].isna().all()
    assert len(journal.to_pandas()) == len(EVENTS)


def test_what_is_being_written_or_was_torn_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, EVENTS[:10], end=encode(EVENTS[10])[:20])
    journal = switchboard.Journal(path)
    assert [event.seq for event in journal] == list(range(1, 11))

    path.write_bytes(path.read_bytes()[:-20] + encode(EVENTS[10]) + b"\n")
    assert journal.at().seq == 11


def test_a_line_that_is_no_event_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, EVENTS[:10], end=b'{"kind":"bot.sang"}\n')

    with pytest.raises(switchboard.JournalUnreadable, match=r"events.ndjson, line 11: There is no event 'bot.sang'"):
        list(switchboard.Journal(path))
    with pytest.raises(switchboard.JournalUnreadable, match=r"line 11"):
        switchboard.Journal(path).at()
    with pytest.raises(switchboard.JournalUnreadable, match="There is no journal at"):
        switchboard.Journal(tmp_path / "nowhere")
