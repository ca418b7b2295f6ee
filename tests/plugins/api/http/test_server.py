"""Where the API listens, what keeps it from starting, and how it stops."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import httpx
import pytest

from kernel.config import check
from kernel.errors import ConfigInvalid, PluginFailed
from kernel.events import ErrorLogged
from kernel.testing import FakeTransport, World
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from plugins.api.http.server import UNSENT_BYTES, listen, resolve
from tests.plugins.api.client import DEADLINE_S, serving


async def test_any_port_will_do_and_the_address_is_written_down_while_it_runs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with serving(FakeTransport) as site:
        address = site.world.data / "api" / "address"
        assert address.read_text() == f"{site.url}\n"
        assert address.stat().st_mode & 0o777 == 0o600
        assert f"listening on {site.url}" in caplog.text
        assert httpx.URL(site.url).host == "127.0.0.1"
        async with site.client() as http:
            assert (await http.get("/healthz")).status_code == 200
        await site.world.system.host.disable("api")

        assert not address.exists()


async def test_ipv6_is_an_address_like_any_other() -> None:
    async with serving(FakeTransport, host="::1") as site:
        assert site.url.startswith("http://[::1]:")
        assert (await site.anna.get("/healthz")).status_code == 200


async def test_a_port_that_is_taken_is_said_in_a_sentence_and_nothing_is_left_running(tmp_path: Path) -> None:
    async with serving(FakeTransport) as site:
        port = httpx.URL(site.url).port
        other = World(FakeTransport, Api, config={"api": {"port": port}}, data=tmp_path)
        with pytest.raises(PluginFailed, match=rf"\[api\] port: {port} of 127\.0\.0\.1 is taken by another program"):
            await other.system.start()

        assert (await site.anna.get("/healthz")).status_code == 200, "the first goes on"


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
async def test_a_host_that_is_not_this_machine_is_said_in_a_sentence(host: str, tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    tokens.create(tmp_path / "api" / "tokens.json", "anna", Kind.OPERATOR, 0)
    world = World(FakeTransport, Api, config={"api": {"host": host, "port": 0}}, data=tmp_path)

    with pytest.raises(PluginFailed, match=r"\[api\] host: .* is no address of this machine"):
        await world.system.start()


async def test_elsewhere_than_on_loopback_there_must_be_somebody_who_can_sign_in(tmp_path: Path) -> None:
    config = {"api": {"host": "0.0.0.0", "port": 0}}
    with pytest.raises(PluginFailed, match=r"can be reached from elsewhere, and nobody can sign in yet; switch"):
        await World(FakeTransport, Api, config=config, data=tmp_path).system.start()


async def test_elsewhere_than_on_loopback_only_the_probes_and_the_page_are_open(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    tokens.create(tmp_path / "api" / "tokens.json", "ops", Kind.OPERATOR, 0)
    async with serving(FakeTransport, host="0.0.0.0", data=tmp_path) as site, site.client() as http:
        assert site.url.startswith("http://127.0.0.1:"), "where a client on this machine finds it"
        assert [(await http.get(path)).status_code for path in ("/healthz", "/readyz", "/")] == [200] * 3
        for path in ("/metrics", "/api/openapi.json", "/api/schema.json"):
            assert (await http.get(path)).status_code == 401, "others than this machine can ask"


async def test_a_broken_file_of_tokens_keeps_it_from_starting(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "tokens.json").write_text("{")

    with pytest.raises(PluginFailed, match=r"tokens\.json cannot be used: .* No token is accepted"):
        await World(FakeTransport, Api, config={"api": {"port": 0}}, data=tmp_path).system.start()


def test_settings_that_cannot_be_meant_are_refused() -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"port": 65_536}, "port: must be from 0 to 65535"),
        ({"max_streams": 0}, "max_streams: must be at least 1"),
        ({"stall_s": 0.0}, "must be above 0"),
        ({"open_paths": ["metrics"]}, "does not begin with a slash"),
        ({"open_paths": ["/api/command"]}, "always needs a token"),
        ({"prot": 1}, "there is no such setting; did you mean port"),
    ]
    for table, says in wrong:
        with pytest.raises(ConfigInvalid, match=says):
            check({"kernel": {"plugins": ["api"]}, "api": table}, {"api": Api})


async def test_it_stops_within_two_seconds_with_streams_open_even_one_that_takes_nothing() -> None:
    async with serving(FakeTransport, batch_window_ms=1) as site:
        streams = [await site.connect() for _ in range(5)]
        for reader, writer in streams:
            head = f"GET /api/event-stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n\r\n"
            writer.write(head.encode())
            await reader.readuntil(b"event: snapshot")
        stuck, *others = streams
        stuck[1].transport.pause_reading()  # type: ignore[attr-defined]
        reading = [asyncio.create_task(reader.read()) for reader, _ in others]
        for _ in range(2_000):
            site.world.ctx.publish(ErrorLogged(source="test", message="x" * 10_000))
            await asyncio.sleep(0)
        assert (await site.anna.get("/healthz")).json()["streams"] == 5

        clock = asyncio.get_running_loop().time
        began = clock()
        await site.world.system.host.disable("api")
        took = clock() - began

        async with asyncio.timeout(DEADLINE_S):
            ends = [(await rest)[-5:] for rest in reading]
        for _, writer in streams:
            writer.transport.abort()
        assert took < 2
        assert ends == [b"0\r\n\r\n"] * 4, "the others were ended, not cut off"
        with pytest.raises(ConnectionRefusedError), socket.create_connection(site.address):
            pass


async def test_it_can_be_started_again_on_the_same_port_at_once(tmp_path: Path) -> None:
    async with serving(FakeTransport, data=tmp_path) as site:
        port = httpx.URL(site.url).port
        async with site.anna.stream("GET", "/api/event-stream"):
            pass
    again = World(FakeTransport, Api, config={"api": {"port": port}}, data=tmp_path)
    async with again, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200


async def test_signals_stay_with_whoever_runs_the_system() -> None:
    import signal

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    async with serving(FakeTransport):
        assert {number: signal.getsignal(number) for number in before} == before
    assert threading.current_thread() is threading.main_thread(), "where uvicorn would have taken them"


async def test_a_client_that_takes_nothing_soon_has_no_room_instead_of_megabytes_in_the_system() -> None:
    family, address = await resolve("127.0.0.1", 0)
    with listen(family, address) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            connection.setblocking(False)
            taken = 0
            with pytest.raises(BlockingIOError):
                while taken < 64 << 20:
                    taken += connection.send(bytes(16 * 1024))
    assert UNSENT_BYTES <= taken < 1 << 20
