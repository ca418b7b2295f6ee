"""The ring: no client ever misses an event or gets one twice, whatever comes when."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import Millis
from kernel.events import ContactResumed, Envelope
from plugins.api.stream.encodings import EncodedMessage
from plugins.api.stream.ring import BATCH_BYTES, OVERHEAD, Ring

MOVES = st.lists(st.sampled_from(["push", "seal", "release", "come", "read", "read all"]), max_size=200)


def push(ring: Ring, seq: int, size: int = 20) -> None:
    ring.push(Envelope(seq, Millis(0), "test", None, "contact.resumed", ContactResumed()), b"%*d" % (size, seq))


def seqs(batch: EncodedMessage) -> list[int]:
    """The events of a batch; each was put in as its own number."""
    event, last, data = batch.plain.decode().removesuffix("\n\n").split("\n")
    found = [int(number) for number in re.findall(r"\d+", data)]
    assert (event, last) == ("event: batch", f"id: {found[-1]}")
    return found


@settings(deadline=None)
@given(MOVES)
async def test_a_client_gets_every_event_once_and_in_order_or_learns_that_it_has_fallen_off(moves: list[str]) -> None:
    ring = Ring(5 * (OVERHEAD + 60))
    seq = durable = 0
    clients: list[tuple[int, int]] = []
    """Each its place in the ring, and the seq that it stands at."""
    for move in moves:
        if move == "push":
            seq += 1
            push(ring, seq)
        elif move == "seal":
            ring.seal()
        elif move == "release":
            ring.release(ring.seal())
            durable = seq
        elif move == "come":
            clients.append((ring.seal(), seq))
        else:
            for number, (place, at) in enumerate(clients):
                while ring.holds(place) and (batch := ring.get(place)) is not None:
                    found = seqs(batch)
                    assert found == list(range(at + 1, at + 1 + len(found))), "a gap or an overlap"
                    assert found[-1] <= durable, "it was shown before it was on disk"
                    place, at = place + 1, found[-1]
                    if move == "read":
                        break
                clients[number] = (place, at)
                if move == "read all" and ring.holds(place):
                    assert at >= durable, "there was more, and it was not given"


async def test_what_is_kept_is_bounded() -> None:
    ring = Ring(1_000_000)
    for seq in range(1, 5_001):
        push(ring, seq, 1_000)
    place = ring.seal()
    ring.release(place)

    held = [batch for number in range(place) if ring.holds(number) and (batch := ring.get(number))]
    assert 0.8e6 < sum(len(batch.plain) for batch in held) <= 1e6
    assert max(len(batch.plain) for batch in held) <= BATCH_BYTES + 2_000, "a batch is sealed before it becomes long"
    assert seqs(held[-1])[-1] == 5_000


async def test_one_event_longer_than_the_ring_is_still_given() -> None:
    ring = Ring(1_000)
    place = ring.seal()
    push(ring, 1, 100_000)
    ring.release(ring.seal())

    assert ring.holds(place)
    batch = ring.get(place)
    assert batch is not None
    assert seqs(batch) == [1]


async def test_where_half_the_ring_has_gone_by_nobody_begins() -> None:
    ring = Ring(10 * (OVERHEAD + 60))
    place = ring.seal()
    assert ring.has_headroom(place)
    for seq in range(1, 10):
        push(ring, seq)
        ring.seal()

    assert ring.holds(place)
    assert not ring.has_headroom(place)
    assert ring.has_headroom(ring.seal())
