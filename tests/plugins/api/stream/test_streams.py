"""The event stream: every client holds the server's state, whenever it comes and however slow it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from kernel.events import ChatMessageReceived, ChatStarted, ErrorLogged, StopWordAdded
from kernel.hookspecs import hookimpl
from kernel.ids import SteamId64, new_chat_id, new_message_id
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.roles import Role
from kernel.rows import Message, Row, Sender
from kernel.testing import NOON, FakeTransport, idle
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from plugins.api.stream import channels, streams
from tests.histories import history
from tests.plugins.api.client import DEADLINE_S, Mirror, Site, contents, serving

PLAYER = SteamId64("76561198000000001")


class DiskAtWill(Plugin[PluginConfig]):
    """Takes the journal's seat, and says that events are on disk when the test says so."""

    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        recovery.commits.take_charge(0)


@asynccontextmanager
async def following(site: Site, mirror: Mirror) -> AsyncIterator[asyncio.Task[None]]:
    """Keep the mirror up to date, while the block runs."""
    http = site.client({"authorization": f"Bearer {site.token}"})
    async with http:
        task = asyncio.create_task(mirror.follow(http))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})


def measured(site: Site) -> dict[str, object]:
    """What the api measures of its streams."""
    return {measure.name: measure.samples[()] for measure in site.world.ctx.hooks.measures()}


async def happen(site: Site, length: int, seed: int) -> dict[int, dict[str, dict[str, Row]]]:
    """Publish a history, with breaks. Returns the server's own state after each event, by its seq."""
    held = {}
    breaks = Random(seed)
    for envelope in history(Random(seed), length):
        published = site.world.ctx.publish(envelope.payload, actor=envelope.actor)
        held[published.seq] = contents(site.world.state)
        if breaks.random() < 0.1:
            await asyncio.sleep(0.01 * breaks.random())
    return held


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
async def test_clients_are_told_the_checksums_of_all_that_they_see(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "BATCHES_PER_CHECK", 1)
    async with serving(FakeTransport, batch_window_ms=5) as site, site.member(role) as http:
        mirror = Mirror()  # it fails at a checksum that is not its own
        following = asyncio.create_task(mirror.follow(http))
        await mirror.reach(site.world.state.seq)
        held = await happen(site, 600, seed=4)
        await mirror.reach(max(held))
        all_rows = {(table.name, number) for table in site.world.state.tables for number in range(len(table))}
        await mirror.until(lambda: mirror.checked >= all_rows or following.done())

        assert not following.done(), following.result()
        following.cancel()
        await asyncio.wait({following})


async def test_two_clients_one_of_them_late_hold_the_servers_state_at_every_seq_they_are_shown() -> None:
    async with serving(FakeTransport, batch_window_ms=10) as site:
        early, late = Mirror(), Mirror()
        async with following(site, early):
            await early.reach(site.world.state.seq)
            first = asyncio.create_task(happen(site, 400, seed=1))
            await early.reach(100)
            async with following(site, late):
                held = await first
                await early.reach(max(held))
                await late.reach(max(held))

        assert late.snapshots == early.snapshots == 1
        assert min(late.cuts) > min(early.cuts)
        for mirror in (early, late):
            assert mirror.batches > 5
            shown = {seq: cut for seq, cut in mirror.cuts.items() if seq in held}
            assert shown == {seq: held[seq] for seq in shown}
        both = set(early.cuts) & set(late.cuts)
        assert max(held) in both
        assert all(early.cuts[seq] == late.cuts[seq] for seq in both)


async def test_whoever_reconnects_begins_with_a_new_snapshot_whatever_it_says_it_had() -> None:
    async with serving(FakeTransport, batch_window_ms=1) as site:
        await happen(site, 50, seed=2)
        again = Mirror()
        site.anna.headers["last-event-id"] = "3"
        task = asyncio.create_task(again.follow(site.anna))
        await again.reach(site.world.state.seq)

        assert list(again.cuts) == [site.world.state.seq]
        assert again.state.seq == site.world.state.seq
        assert contents(again.state) == contents(site.world.state)
        task.cancel()
        await asyncio.wait({task})


async def test_a_large_state_comes_in_parts_while_it_goes_on_changing() -> None:
    async with serving(FakeTransport, batch_window_ms=1) as site:
        for _ in range(1_700):
            site.world.add_bot(connected=False)
        mirror = Mirror()
        async with following(site, mirror):
            for number in range(200):
                site.world.ctx.publish(StopWordAdded(word=f"word {number}"))
                await asyncio.sleep(0)
            await mirror.reach(site.world.state.seq)

        assert mirror.snapshots == 1
        assert contents(mirror.state) == contents(site.world.state)


async def test_a_client_that_falls_off_the_ring_gets_a_new_snapshot_and_no_history_with_a_hole() -> None:
    async with serving(FakeTransport, batch_window_ms=1, ring_mib=1) as site:
        mirror = Mirror()
        async with slow_client(site, mirror) as catch_up:
            await flood(site)
            await catch_up()

        assert mirror.snapshots > 1
        assert contents(mirror.state) == contents(site.world.state)
        told = measured(site)
        assert told["api_stream_resets"] == mirror.snapshots - 1
        assert told["api_stream_snapshots"] == mirror.snapshots


async def test_a_client_that_falls_off_the_ring_in_the_midst_of_a_snapshot_gets_another() -> None:
    async with serving(FakeTransport, batch_window_ms=1, ring_mib=1) as site:
        for _ in range(40):
            site.world.ctx.publish(ChatStarted(chat_id=new_chat_id(), bot_id=site.world.add_bot(), player=PLAYER))
        for number in range(10_000):
            chat_id = list(site.world.state.chats)[number % 40]
            message_id = new_message_id()
            line = Message(id=message_id, sender=Sender.PLAYER, text="x" * 2_000, ts=NOON, author="player:1")
            site.world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=line))
        mirror = Mirror()
        async with slow_client(site, mirror) as catch_up:
            await flood(site)
            await catch_up()

        assert mirror.begun > mirror.snapshots >= 1
        assert contents(mirror.state) == contents(site.world.state)


async def test_a_client_that_takes_nothing_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(FakeTransport, batch_window_ms=1, stall_s=0.2) as site:
        reader, writer = await site.connect()
        writer.write(
            f"GET /api/event-stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n\r\n".encode()
        )
        await reader.readuntil(b"event: snapshot")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        caplog.set_level("INFO")

        async with asyncio.timeout(DEADLINE_S):
            while (await site.anna.get("/healthz")).json()["streams"]:
                for _ in range(200):
                    site.world.ctx.publish(ErrorLogged(source="test", message="x" * 10_000))

        assert "operator:anna read nothing for 0.2 s" in caplog.text
        assert (measured(site)["api_stream_cut_offs"], measured(site)["api_streams"]) == (1, 0)
        writer.transport.abort()


async def test_an_idle_stream_is_kept_alive_by_comments() -> None:
    async with (
        serving(FakeTransport, keep_alive_s=0.02) as site,
        site.anna.stream("GET", "/api/event-stream") as stream,
    ):
        lines = stream.aiter_lines()
        async with asyncio.timeout(DEADLINE_S):
            while (line := await anext(lines)) != ": still here":
                assert not line.startswith("event: batch")


async def test_what_happens_within_a_window_comes_in_one_batch() -> None:
    async with serving(FakeTransport, batch_window_ms=100) as site:
        mirror = Mirror()
        async with following(site, mirror):
            await mirror.reach(site.world.state.seq)
            for number in range(10):
                site.world.ctx.publish(StopWordAdded(word=f"word {number}"))
            await mirror.reach(site.world.state.seq)

        assert mirror.batches == 1


async def test_nothing_is_shown_that_is_not_on_disk() -> None:
    async with serving(DiskAtWill, FakeTransport, batch_window_ms=1) as site:
        commits, world = site.world.system.commits, site.world
        mirror = Mirror()
        async with following(site, mirror):
            await site.anna.get("/healthz")
            await idle()
            assert not mirror.snapshots, "the events of the start are not on disk yet"

            commits.advance(world.state.seq)
            await mirror.reach(world.state.seq)
            shown = world.state.seq
            world.ctx.publish(StopWordAdded(word="not yet"))
            await site.anna.get("/healthz")
            await site.anna.get("/healthz")
            assert mirror.state.seq == shown

            commits.advance(world.state.seq)
            await mirror.reach(world.state.seq)
            assert world.state.contact.stop_words == mirror.state.contact.stop_words == ("not yet",)


async def test_a_snapshot_that_nobody_waits_for_any_more_is_not_encoded_to_its_end() -> None:
    def encoding() -> list[str]:
        return [task.get_name() for task in asyncio.all_tasks() if "snapshot at" in task.get_name()]

    async with serving(DiskAtWill, FakeTransport, batch_window_ms=1) as site:
        mirror = Mirror()
        async with asyncio.timeout(DEADLINE_S):
            async with following(site, mirror):
                while not encoding():  # noqa: ASYNC110 - it begins with a request, which sets no event of ours
                    await asyncio.sleep(0)
            while encoding():  # noqa: ASYNC110 - as above: it hangs up
                await asyncio.sleep(0)

        assert not mirror.snapshots, "its events never came to the disk"


async def test_without_a_disk_open_streams_stand_still_and_new_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "JOURNAL_RETRY_S", 0.01)
    async with serving(DiskAtWill, FakeTransport, batch_window_ms=1) as site:
        commits, world = site.world.system.commits, site.world
        commits.advance(world.state.seq)
        mirror = Mirror()
        async with following(site, mirror):
            await mirror.reach(world.state.seq)
            commits.fail("No space left on device")
            world.ctx.publish(StopWordAdded(word="later"))
            refused = await site.anna.get("/api/event-stream")

            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "notDurable"
            assert "No space left on device" in refused.json()["error"]["message"]

            commits.advance(world.state.seq)
            await mirror.reach(world.state.seq)
            assert mirror.snapshots == 1


async def test_there_are_only_so_many_streams() -> None:
    async with serving(FakeTransport, max_streams=1) as site:
        async with site.anna.stream("GET", "/api/event-stream"):
            refused = await site.anna.get("/api/event-stream")
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "tooManyStreams"
            assert refused.headers["retry-after"] == "5"
        async with asyncio.timeout(DEADLINE_S):
            while (await site.anna.get("/healthz")).json()["streams"]:
                pass
        async with site.anna.stream("GET", "/api/event-stream") as stream:
            assert stream.status_code == 200


async def test_the_stream_of_a_revoked_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.01)
    async with serving(FakeTransport) as site:
        stays = tokens.create(site.tokens, "boris", Kind.NOTEBOOK, 0)
        anna, boris = Mirror(), Mirror()
        async with following(site, anna) as annas, site.client({"authorization": f"Bearer {stays}"}) as http:
            boriss = asyncio.create_task(boris.follow(http))
            await anna.reach(site.world.state.seq)
            await boris.reach(site.world.state.seq)
            tokens.revoke(site.tokens, "anna")
            done, _ = await asyncio.wait({annas, boriss}, timeout=DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)

            assert done == {annas}
            assert annas.exception() is not None, "it was cut off, not ended"
            boriss.cancel()
            await asyncio.wait({boriss})


@asynccontextmanager
async def slow_client(site: Site, mirror: Mirror) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A client that takes the first bytes of its stream, and the rest when it is called."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.setblocking(False)
        await loop.sock_connect(connection, site.address)
        await loop.sock_sendall(connection, stream_request(site))
        received = await loop.sock_recv(connection, 1_024)

        async def catch_up() -> None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            text, looked = bytearray(received), 0
            async with asyncio.timeout(DEADLINE_S):
                while mirror.state.seq < site.world.state.seq:
                    text += await loop.sock_recv(connection, 1 << 20)
                    while (end := text.find(b"\n\n", looked)) >= 0:
                        _feed(mirror, text[:end].decode())
                        del text[: end + 2]
                        looked = 0
                    looked = max(0, len(text) - 1)

        yield catch_up


async def flood(site: Site) -> None:
    """Have more happen than the ring and all buffers on the way hold together."""
    for number in range(8_000):
        site.world.ctx.publish(ErrorLogged(source="test", message=f"line {number}", detail="x" * 2_000))
        if number % 20 == 0:
            await asyncio.sleep(0.001)
    site.world.ctx.publish(StopWordAdded(word="the last"))


def stream_request(site: Site) -> bytes:
    return f"GET /api/event-stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n\r\n".encode()


def _feed(mirror: Mirror, message: str) -> None:
    """Hand one message over, past the response's head, the head of its chunk, and comments."""
    message = message.rpartition("\r\n")[2]
    fields = dict(line.split(": ", 1) for line in message.splitlines())
    if "event" in fields:
        mirror.take(fields["event"], fields["data"])
