"""Ten thousand hostile frames and a thousand hostile maFiles in every test run; `make fuzz` goes on for an hour."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings

from kernel.testing import ManualClock
from plugins.steam.session import Session
from plugins.steam_protocol import frames
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.errors import Oversized
from plugins.steam_sim.connection import CmConnection
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.simulation import Simulation
from tests.fuzz import decoders, hostile
from tests.plugins.steam_sim.keys import with_key

ROUNDS = 400
"""Of 25 frames each."""


@pytest.mark.slow
@settings(max_examples=ROUNDS)
@given(hostile.streams)
def test_a_session_outlives_ten_thousand_hostile_frames_and_counts_those_that_are_none(messages: list[bytes]) -> None:
    decoders.transport_takes(messages)


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    folder: Path = tmp_path_factory.mktemp("steam")
    simulation = with_key(Simulation(SimOptions(folder=folder, bots=1, players=0), ManualClock()))
    with simulation.offline():
        yield simulation


@settings(max_examples=100)
@given(hostile.streams)
def test_the_simulated_steam_outlives_hostile_clients(simulation: Simulation, messages: list[bytes]) -> None:
    decoders.simulator_takes(CmConnection(simulation.desk, decoders.Deaf(), "198.18.0.1"), messages)


@pytest.mark.slow
@settings(max_examples=1_000)
@given(hostile.mafiles)
def test_every_file_is_a_mafile_or_refused_in_words(raw: bytes) -> None:
    decoders.mafile_is_read_or_refused(raw)


def test_among_the_hostile_there_are_good_ones_so_that_more_than_the_first_check_is_tried() -> None:
    session = decoders.transport_takes(hostile.CORPUS)

    assert session.malformed <= 1
    assert session.steam_id64 == hostile.BOT


def multis_in_multis() -> bytes:
    layer = frames.encode(EMsg.CLIENT_HEART_BEAT, bytes(2_000_000))
    for _ in range(6):
        layer = frames.pack_multi([layer] * 4) if len(layer) < 1_000_000 else frames.pack_multi([layer])
    return layer


BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {
    "a promise of a gigabyte": lambda: frames.encode(EMsg.MULTI, m.CMsgMulti(size_unzipped=1 << 30, message_body=b"x")),
    "Multis in Multis": multis_in_multis,
    "a crowd of tiny ones": lambda: frames.pack_multi([frames.encode(EMsg.CLIENT_HEART_BEAT)] * 200_000),
}
"""Each is made by its test alone: whoever only collects needs none."""


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_stopped_counted_and_leaves_no_memory_behind(what: str) -> None:
    bomb = BOMBS[what]()
    session = Session(0)
    for _ in range(3):
        session.receive(bomb, 0)
    tracemalloc.start()  # under which it takes seven times as long
    session.receive(bomb, 0)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert session.malformed == 4, what
    assert held < 200_000
    assert peak < 3 * frames.MAX_UNPACKED


def test_a_multi_of_too_many_messages_is_refused_where_it_gets_too_many() -> None:
    crowd = frames.pack_multi([frames.encode(EMsg.CLIENT_HEART_BEAT)] * (frames.MAX_MESSAGES + 1))
    taken: list[frames.Frame] = []

    with pytest.raises(Oversized):
        taken.extend(frames.unpack(crowd))

    assert len(taken) <= frames.MAX_MESSAGES
