"""The mirror folds what the stream sends to the state that the server has, however it was cut."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.codec import encode
from kernel.events import Envelope
from kernel.snapshot import Snapshot
from switchboard.errors import Incompatible, Unreachable
from switchboard.mirror import Mirror
from tests.contract.fold import whole
from tests.histories import fold, histories, history


@given(events=histories(), cut=st.integers(0, 120), rows=st.integers(1, 20), batch=st.integers(1, 9))
def test_a_snapshot_in_parts_and_batches_of_any_size_give_the_state(
    events: list[Envelope], cut: int, rows: int, batch: int
) -> None:
    before, after = events[:cut], events[cut:]
    mirror = Mirror()
    whole_at_last = [mirror.snapshot(part) for part in Snapshot.of(fold(before)).encoded(rows)]
    for start in range(0, len(after), batch):
        mirror.batch(encode(after[start : start + batch]))

    assert whole_at_last == [False] * (len(whole_at_last) - 1) + [True]
    assert whole(Snapshot.of(mirror.state)) == whole(Snapshot.of(fold(events)))


def test_the_old_state_is_shown_until_a_new_snapshot_is_whole() -> None:
    events = history(Random(3), 300)
    mirror = Mirror()
    for part in Snapshot.of(fold(events[:100])).encoded():
        mirror.snapshot(part)
    *first, last = Snapshot.of(fold(events)).encoded(rows=5)
    for part in first:
        mirror.snapshot(part)
        assert mirror.state.seq == 100
    mirror.snapshot(last)

    assert mirror.state.seq == 300


def test_what_does_not_fit_is_found_out() -> None:
    events = history(Random(3), 150)
    mirror = Mirror()
    for part in Snapshot.of(fold(events[:10])).encoded():
        mirror.snapshot(part)

    with pytest.raises(Unreachable, match="event 11 belongs here, and this is event 12"):
        mirror.batch(encode(events[11:13]))
    with pytest.raises(Incompatible, match=r"no event 'bot.sang' in this version. Install the version"):
        mirror.batch(b'[{"seq":11,"ts":1,"actor":"kernel","cause":null,"kind":"bot.sang","payload":{}}]')
    with pytest.raises(Incompatible, match="cannot be read"):
        mirror.batch(b'[{"seq":11,"ts":1,"actor":"kernel","cause":null,"kind":"bot.removed","payload":{}}]')
    with pytest.raises(Incompatible):
        mirror.snapshot(b"nonsense")
    parts = list(Snapshot.of(fold(events)).encoded(rows=5))
    mirror.snapshot(parts[0])
    with pytest.raises(Incompatible, match="Part 2 of a snapshot belongs here"):
        mirror.snapshot(parts[2])
