"""The way out: real sockets, and proxies that stutter, stall, hang up, or are not there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress

import pytest

from plugins.steam import eyeballs
from plugins.steam.connection import Connection, tls_context
from plugins.steam.dial import dial
from plugins.steam.errors import (
    CmUnreachable,
    DirectoryUnreachable,
    ProxyRefusedCredentials,
    ProxyRefusedTarget,
    ProxyUnreachable,
)
from plugins.steam.fetch import MAX_BODY, fetch
from plugins.steam.proxy import HTTP, SOCKS5, Proxy
from tests.plugins.steam.scripted import Server, http, says, serving

TLS = tls_context()


def proxy(server: Server, scheme: str = HTTP) -> Proxy:
    return Proxy(scheme, "127.0.0.1", server.port, "bob", "hunter2")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def echoed(sock: socket.socket, data: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, data)
    return await loop.sock_recv(sock, 100)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def test_a_proxy_that_answers_in_pieces_opens_a_clean_tunnel() -> None:
    async with serving(says(b"HTTP/1.1 200 Connec", b"tion established\r\nVia: x\r\n", b"\r\n")) as server:
        sock = await dial(proxy(server), "cm.example", 443)
        with sock:
            assert await echoed(sock, b"hello") == b"hello"


async def test_a_proxy_that_is_not_there_is_unreachable_and_the_cm_is_not_tried_directly() -> None:
    async with serving(hang) as cm:
        for scheme in (HTTP, SOCKS5):
            with pytest.raises(ProxyUnreachable, match="cannot be reached: connection refused"):
                await dial(Proxy(scheme, "127.0.0.1", free_port()), "127.0.0.1", cm.port)
            with pytest.raises(ProxyUnreachable):
                await Connection.open(cm.authority, Proxy(scheme, "127.0.0.1", free_port()), TLS)
            with pytest.raises(ProxyUnreachable):
                await fetch(f"http://{cm.authority}/", Proxy(scheme, "127.0.0.1", free_port()), TLS)

        assert cm.connections == 0


async def test_a_proxy_whose_name_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody_knows(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody_knows)

    with pytest.raises(ProxyUnreachable, match="name or service not known"):
        await dial(Proxy(HTTP, "proxy.example", 1), "cm.example", 443)


@pytest.mark.parametrize("scheme", [HTTP, SOCKS5])
async def test_a_proxy_that_says_nothing_is_given_up_in_time(scheme: str) -> None:
    async with serving(hang) as server:
        with pytest.raises(ProxyUnreachable, match=r"within 0\.05 s"):
            await dial(proxy(server, scheme), "cm.example", 443, timeout=0.05)


@pytest.mark.parametrize("scheme", [HTTP, SOCKS5])
async def test_a_proxy_that_hangs_up_is_unreachable(scheme: str) -> None:
    async with serving(hang_up) as server:
        with pytest.raises(ProxyUnreachable):
            await dial(proxy(server, scheme), "cm.example", 443)


async def test_a_proxy_without_end_of_its_headers_is_given_up() -> None:
    async with serving(says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)) as server:
        with pytest.raises(ProxyUnreachable):
            await dial(proxy(server), "cm.example", 443)


async def test_what_a_proxy_refuses_is_told_apart() -> None:
    async with serving(says(b"HTTP/1.1 407 No\r\n\r\n")) as server:
        with pytest.raises(ProxyRefusedCredentials):
            await Connection.open("cm.example:443", proxy(server), TLS)
    async with serving(says(b"HTTP/1.1 502 No\r\n\r\n")) as server:
        with pytest.raises(ProxyRefusedTarget):
            await Connection.open("cm.example:443", proxy(server), TLS)


async def test_what_is_no_cm_at_the_far_end_is_the_cms_fault() -> None:
    async with serving(says(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        with pytest.raises(CmUnreachable, match=r"cm\.example:443"):
            await Connection.open("cm.example:443", proxy(server), TLS)


async def test_a_cm_that_says_nothing_is_given_up_in_time() -> None:
    async def connect_and_hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.Event().wait()

    async with serving(connect_and_hang) as server:
        with pytest.raises(CmUnreachable, match="no answer in time"):
            await Connection.open("cm.example:443", proxy(server), TLS, timeout=0.2)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
    ],
    ids=["length", "chunks", "until closed"],
)
async def test_an_answer_is_fetched_however_it_is_framed(answer: bytes) -> None:
    async with serving(http(answer)) as server:
        assert await fetch("http://api.example/list?a=b", proxy(server), TLS) == b"{}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "middle of its answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "middle of its answer"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "status 302"),
        (b"no http at all\r\n\r\n", "cannot be read|can be read"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY + 100_000), "more than"),
    ],
    ids=["nothing", "cut", "error", "redirect", "no http", "too much"],
)
async def test_an_answer_that_is_none_says_why(answer: bytes, reason: str) -> None:
    async with serving(http(answer)) as server:
        with pytest.raises(DirectoryUnreachable, match=reason):
            await fetch("http://api.example/list", proxy(server), TLS)


@pytest.mark.parametrize(
    "url", ["ftp://api.example/", "https://", "", "http://h:99999/", "http://[::1/", "http://я.рф/"]
)
async def test_an_address_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(DirectoryUnreachable, match="correct directory_url"):
        await fetch(url, Proxy(HTTP, "127.0.0.1", 1), TLS)


def named(monkeypatch: pytest.MonkeyPatch, *hosts: str, port: int) -> None:
    """The proxy's name has these addresses."""

    async def getaddrinfo(*_: object, **__: object) -> list[object]:
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in host], socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@contextmanager
def black_hole(port: int) -> Iterator[None]:
    """127.0.0.2 takes no connection and refuses none: its backlog is full."""
    with ExitStack() as held:
        listening = held.enter_context(socket.socket())
        listening.bind(("127.0.0.2", port))
        listening.listen(0)
        for _ in range(3):
            filler = held.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.2", port))
        yield


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eyeballs, "CONNECT_DELAY", 0.05)
    monkeypatch.setattr(eyeballs, "TALK_DELAY", 0.1)


GRANTED = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("first", ["nothing is taken", "nothing is said", "it hangs up", "refused", "no proxy"])
async def test_no_address_of_a_proxy_holds_up_the_next_one(
    first: str, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as held:
        good = await held.enter_async_context(serving(says(GRANTED)))
        if first == "nothing is taken":
            held.enter_context(black_hole(good.port))
        elif first != "refused":
            answers = {"nothing is said": hang, "it hangs up": hang_up, "no proxy": says(b"SSH-2.0\r\n\r\n")}[first]
            await held.enter_async_context(serving(answers, "127.0.0.2", good.port))
        named(monkeypatch, "127.0.0.2", "127.0.0.1", port=good.port)
        async with asyncio.timeout(2):
            for _ in range(2):
                with await dial(Proxy(HTTP, f"{first.replace(' ', '-')}.example", good.port), "cm", 443) as sock:
                    assert sock.getpeername() == ("127.0.0.1", good.port)
                    assert await echoed(sock, b"hello") == b"hello"

        assert good.connections == 2


async def test_a_proxy_that_is_well_is_connected_to_at_one_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(says(GRANTED)) as good, serving(says(GRANTED), "127.0.0.2", good.port) as other:
        named(monkeypatch, "127.0.0.1", "127.0.0.2", port=good.port)
        with await dial(Proxy(HTTP, "well.example", good.port), "cm", 443):
            pass

        assert (good.connections, other.connections) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"HTTP/1.1 407 No\r\n\r\n", ProxyRefusedCredentials), (b"HTTP/1.1 403 No\n\n", ProxyRefusedTarget)],
)
async def test_a_no_of_one_address_is_the_proxys_no(
    answer: bytes, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(says(answer)) as server:
        named(monkeypatch, "127.0.0.1", "127.0.0.2", port=server.port)
        with pytest.raises(error):
            await dial(Proxy(HTTP, "refusing.example", server.port), "cm", 443)

        assert server.connections == 1


async def test_where_no_address_serves_it_is_said_and_no_socket_is_left(
    hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(hang) as silent:
        named(monkeypatch, "127.0.0.1", "127.0.0.2", "127.0.0.3", port=silent.port)
        with pytest.raises(ProxyUnreachable, match=r"within 0\.5 s"):
            await dial(Proxy(HTTP, "dead.example", silent.port), "cm", 443, timeout=0.5)
    named(monkeypatch, "127.0.0.2", "127.0.0.3", port=free_port())
    with pytest.raises(ProxyUnreachable, match="connection refused"):
        await dial(Proxy(HTTP, "gone.example", 1), "cm", 443)


async def test_families_take_turns_and_the_address_that_served_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "2001:db8::1", "2001:db8::2", "10.0.0.1", "10.0.0.1", port=1)
    found = await eyeballs.resolve("both.example", 1)
    eyeballs.prefer("both.example", 1, found[-1])

    assert [address.sockaddr[0] for address in found] == ["2001:db8::1", "10.0.0.1", "2001:db8::2"]
    assert (await eyeballs.resolve("both.example", 1))[0].sockaddr[0] == "2001:db8::2"
