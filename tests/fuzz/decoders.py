"""What must hold of every decoder, whatever it is fed; each function is one trial."""

from __future__ import annotations

import json
from collections.abc import Iterable

from plugins.steam import mafile
from plugins.steam.errors import MaFileInvalid
from plugins.steam.events import MessageArrived
from plugins.steam.session import MAX_FRIENDS, MAX_TEXT, Session
from plugins.steam_protocol import frames
from plugins.steam_protocol.errors import FrameError
from plugins.steam_sim.connection import CmConnection
from tests.fuzz.hostile import BOT, CORPUS


class Deaf:
    """A line that keeps nothing."""

    def send(self, data: bytes) -> None:
        frames.decode(data)

    def hang_up(self) -> None: ...

    def cut(self) -> None: ...


def transport_takes(messages: Iterable[bytes]) -> Session:
    """A session outlives all of them, counts what it cannot read, and keeps no more than it may."""
    session = Session(0)
    session.invite(BOT + 1, 60_000)
    for message in messages:
        counted = session.malformed
        unreadable = _unreadable(message)
        events = session.receive(message, 1)
        assert not unreadable or session.malformed > counted
        assert all(len(event.text) <= MAX_TEXT for event in events if isinstance(event, MessageArrived))
        assert len(session.friends) <= MAX_FRIENDS
    session.tick(60_000)
    assert session.due_ms > 60_000
    return session


def simulator_takes(connection: CmConnection, messages: Iterable[bytes]) -> None:
    """A connection of the simulated Steam outlives them too."""
    for message in messages:
        connection.receive(message)
    connection.receive(CORPUS[0])


def mafile_is_read_or_refused(raw: bytes) -> mafile.MaFile | None:
    """Either a maFile whose document says the same when it is read again, or one error with a code and a sentence."""
    try:
        read = mafile.parse(raw)
    except MaFileInvalid as refused:
        assert refused.code.startswith("maFile.")
        assert str(refused)
        return None
    assert mafile.parse(read.document) == read
    assert len(read.shared_secret) == mafile.SECRET_SIZE
    json.loads(read.document)
    return read


def _unreadable(message: bytes) -> bool:
    try:
        for _ in frames.unpack(message):
            pass
    except FrameError:
        return True
    return False
