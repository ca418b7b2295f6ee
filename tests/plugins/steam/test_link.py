"""When bytes leave, and what becomes of promises: a link on a connection that only remembers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from plugins.steam.connection import Connection
from plugins.steam.errors import Disconnected, RequestInDoubt, RequestNotSent
from plugins.steam.events import Answered, LoggedOff, SessionEvent
from plugins.steam.link import Link
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.frames import decode, encode, pack_multi

ANNA = 76561197960265730


class Wire(Connection):
    """Remembers what was sent, and hands in what a test puts there; None is the end."""

    def __init__(self) -> None:
        self.endpoint = "cm.example:443"
        self.sent: list[bytes] = []
        self.incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.aborted = False

    def send(self, message: bytes) -> None:
        if self.aborted:
            raise RequestNotSent("closed")
        self.sent.append(message)

    async def receive(self) -> bytes:
        message = await self.incoming.get()
        if message is None:
            raise Disconnected("the CM closed the connection")
        return message

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            self.incoming.put_nowait(None)

    def release(self) -> None:
        """It holds nothing of its own."""


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def heard() -> list[SessionEvent]:
    return []


@pytest.fixture
async def link(wire: Wire, heard: list[SessionEvent]) -> AsyncIterator[Link]:
    made = Link(wire, 20.0, heard.append, "a bot")
    yield made
    await made.drop()


def invite(link: Link) -> asyncio.Future[int]:
    return link.request(*link.session.invite(ANNA, link.deadline_ms), lambda answer: answer.result)


def answer(job: int, result: int = 1) -> bytes:
    return encode(
        EMsg.CLIENT_ADD_FRIEND_RESPONSE,
        m.CMsgClientAddFriendResponse(eresult=result),
        m.CMsgProtoBufHeader(jobid_target=job),
    )


async def test_the_bytes_of_a_request_have_left_before_anything_else_can_run(link: Link, wire: Wire) -> None:
    promise = invite(link)

    assert [decode(sent).emsg for sent in wire.sent] == [EMsg.CLIENT_ADD_FRIEND]
    promise.cancel()


async def test_a_promise_is_kept_by_the_answer_to_its_own_request(link: Link, wire: Wire) -> None:
    promises = [invite(link) for _ in range(3)]

    wire.incoming.put_nowait(answer(3, 25))
    wire.incoming.put_nowait(pack_multi([answer(1, 1), answer(2, 40)]))

    assert [await promise for promise in promises] == [1, 40, 25]


async def test_a_promise_that_nobody_waits_for_any_more_harms_nobody(link: Link, wire: Wire) -> None:
    given_up, other = invite(link), invite(link)

    given_up.cancel()
    wire.incoming.put_nowait(pack_multi([answer(1), answer(2)]))

    assert await other == 1


async def test_a_lost_connection_leaves_requests_in_doubt_and_later_ones_unsent(link: Link, wire: Wire) -> None:
    promise = invite(link)

    wire.incoming.put_nowait(None)

    with pytest.raises(RequestInDoubt):
        await promise
    with pytest.raises(RequestNotSent):
        invite(link)
    assert isinstance(link.closed.result(), Disconnected)


async def test_the_reason_that_steam_gives_is_the_reason_that_is_told(
    link: Link, wire: Wire, heard: list[SessionEvent]
) -> None:
    logon = m.CMsgClientLogonResponse(eresult=1, client_supplied_steamid=ANNA + 1)
    wire.incoming.put_nowait(encode(EMsg.CLIENT_LOG_ON_RESPONSE, logon))
    wire.incoming.put_nowait(encode(EMsg.CLIENT_LOGGED_OFF, m.CMsgClientLoggedOff(eresult=34)))

    reason = await link.closed

    assert isinstance(reason, Disconnected)
    assert reason.verdict is not None
    assert reason.verdict.result == 34
    assert heard[-1] == LoggedOff(34)
    assert wire.aborted


async def test_an_own_farewell_is_no_failure(link: Link, wire: Wire) -> None:
    await link.close(link.session.log_off(), timeout=0.01)

    assert link.closed.result() is None
    assert [decode(sent).emsg for sent in wire.sent] == [EMsg.CLIENT_LOG_OFF]


async def test_an_answer_is_told_to_nobody_but_its_asker(link: Link, wire: Wire, heard: list[SessionEvent]) -> None:
    promise = invite(link)
    wire.incoming.put_nowait(answer(1))
    await promise

    assert not [event for event in heard if isinstance(event, Answered)]


async def test_a_thousand_sessions_that_have_ended_leave_nothing_for_the_collector() -> None:
    """Each has an owner that hears it, and a CM that went away: the reason has the frames it was raised in."""

    class Owner:
        def __init__(self) -> None:
            self.wire = Wire()
            self.link = Link(self.wire, 20.0, self.hear, "a bot")

        def hear(self, event: SessionEvent) -> None:
            """As a client does, which the link holds and which holds the link."""

    async def comes_and_goes() -> None:
        owner = Owner()
        in_doubt = invite(owner.link)
        owner.wire.incoming.put_nowait(None)
        await asyncio.wait((owner.link.closed, in_doubt))
        assert isinstance(in_doubt.exception(), RequestInDoubt)
        await owner.link.drop()

    for _ in range(10):
        await comes_and_goes()
    with without_collector():
        before = len(gc.get_objects())
        for _ in range(1_000):
            await comes_and_goes()
        left = len(gc.get_objects()) - before

    assert left < 100, f"{left} objects for 1,000 sessions"


@contextmanager
def without_collector() -> Iterator[None]:
    """What is freed meanwhile is freed by counting references."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
