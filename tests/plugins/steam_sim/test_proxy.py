"""The bots' proxies: two kinds, a user name each, loopback only, and an account of what came through."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httpx
import pytest
from python_socks import ProxyError as RefusedByProxy
from python_socks.async_.asyncio import Proxy
from websockets.exceptions import ConnectionClosed, InvalidProxyStatus, ProxyError

from plugins.steam_sim.egress import proxy_address
from plugins.steam_sim.proxy import ProxyUser
from tests.plugins.steam_sim.client import SteamClient
from tests.plugins.steam_sim.steam import Steam

SOCKS, HTTP = 0, 1  # the numbers of the bots that have these


async def tunnel(proxy_url: str, host: str, port: int) -> None:
    """Ask a proxy for a connection; raises python_socks' `ProxyError` with the proxy's code."""
    proxy = Proxy.from_url(proxy_url.replace("socks5h", "socks5"), rdns=True)
    (await proxy.connect(host, port, timeout=10)).close()


def test_bots_have_socks_and_http_proxies_in_turn(steam: Steam) -> None:
    urls = [urlsplit(steam.proxy(number)) for number in (SOCKS, HTTP)]

    assert [url.scheme for url in urls] == ["socks5h", "http"]
    assert [url.username for url in urls] == [steam.bot(number).login for number in (SOCKS, HTTP)]
    assert len({url.password for url in urls}) == 2


@pytest.mark.parametrize("number", [SOCKS, HTTP])
async def test_a_bot_signs_in_through_its_proxy_and_comes_from_its_address(steam: Steam, number: int) -> None:
    traffic = steam.simulation.proxy.traffic
    token = await steam.token(number)
    async with await steam.client(steam.proxy(number)) as client:
        response = await client.log_on(steam.bot(number).steam_id64, token)

    own, other = traffic[steam.bot(number).login], traffic[steam.bot(1 - number).login]
    assert (own.connections, other.connections) == (1, 0)
    assert own.bytes_up > 1_000
    assert own.bytes_down > 1_000
    assert list(own.targets) == [urlsplit(steam.ready.cm_url).netloc]
    assert response.public_ip.v4 == int.from_bytes(bytes(map(int, proxy_address(number).split("."))), "big")


async def test_without_a_proxy_a_bot_comes_from_the_address_it_has(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as client:
        response = await client.log_on(steam.bot().steam_id64, token)

    assert response.public_ip.v4 == 0x7F000001


@pytest.mark.parametrize(("number", "error"), [(SOCKS, ProxyError), (HTTP, InvalidProxyStatus)])
@pytest.mark.parametrize("old", ["password", "login"])
async def test_a_wrong_user_or_password_is_refused(steam: Steam, number: int, error: type[Exception], old: str) -> None:
    url = urlsplit(steam.proxy(number))
    wrong = {"password": url.password, "login": url.username}[old]
    assert wrong is not None
    with pytest.raises(error):
        await steam.client(steam.proxy(number).replace(wrong, "wrong"))

    assert steam.simulation.proxy.refusals == 1
    assert not any(traffic.connections for traffic in steam.simulation.proxy.traffic.values())


@pytest.mark.parametrize("number", [SOCKS, HTTP])
async def test_names_are_looked_up_by_the_proxy(steam: Steam, number: int) -> None:
    url = steam.ready.cm_url.replace("127.0.0.1", "cm.localhost")
    async with await SteamClient.open(url, steam.ready.ca_file, steam.proxy(number)) as client:
        await client.begin(steam.bot().login, steam.bot().password)

    (target,) = steam.simulation.proxy.traffic[steam.bot(number).login].targets
    assert target.startswith("cm.localhost:")


@pytest.mark.parametrize("number", [SOCKS, HTTP])
@pytest.mark.parametrize("host", ["example.com", "192.0.2.1", "localhost.example.com"])
async def test_the_proxy_leads_to_loopback_only(steam: Steam, number: int, host: str) -> None:
    with pytest.raises(RefusedByProxy) as refused:
        await tunnel(steam.proxy(number), host, 80)

    assert refused.value.error_code == {SOCKS: 2, HTTP: 403}[number]


@pytest.mark.parametrize("number", [SOCKS, HTTP])
async def test_a_closed_port_behind_the_proxy_is_told_as_such(steam: Steam, number: int) -> None:
    with pytest.raises(RefusedByProxy) as refused:
        await tunnel(steam.proxy(number), "127.0.0.1", 1)

    assert refused.value.error_code == {SOCKS: 5, HTTP: 502}[number]


@pytest.mark.parametrize("number", [SOCKS, HTTP])
async def test_the_directory_is_read_through_either_proxy(steam: Steam, number: int) -> None:
    async with httpx.AsyncClient(proxy=steam.proxy(number)) as client:
        listed = await client.get(steam.ready.directory_url, params={"cmtype": "websockets"})
        posted = await client.post(steam.ready.directory_url.split("/ISteam")[0] + "/ITwoFactorService/QueryTime/v1/")

    assert listed.json()["response"]["serverlist"][0]["type"] == "websockets"
    assert posted.json()["response"]["server_time"] == str(int(steam.wall))
    traffic = steam.simulation.proxy.traffic[steam.bot(number).login]
    assert sum(traffic.targets.values()) == traffic.connections > 0
    assert traffic.bytes_down > len(listed.content)


async def test_with_the_proxy_stopped_what_went_through_it_is_cut(steam: Steam) -> None:
    token = await steam.token()
    client = await steam.client(steam.proxy(SOCKS))
    await client.log_on(steam.bot().steam_id64, token)
    await steam.simulation.proxy.stop()

    with pytest.raises(ConnectionClosed):
        while True:
            await client._next()
    with pytest.raises((ProxyError, OSError)):
        await steam.client(steam.proxy(SOCKS))


@pytest.mark.parametrize(
    ("port", "data", "answer"),
    [
        ("socks", b"\x04\x01", b""),
        ("socks", b"\x05\x01\x00", b"\x05\xff"),
        ("http_proxy", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b""),
        ("http_proxy", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 407"),
        (
            "http_proxy",
            b"CONNECT localhost:1 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic !\r\n\r\n",
            b"HTTP/1.1 407",
        ),
    ],
)
async def test_what_is_no_proxy_request_is_sent_away(steam: Steam, port: str, data: bytes, answer: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", getattr(steam.ready.ports, port))
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(10):
        received = await reader.read()
    writer.close()

    assert received.startswith(answer)
    assert bool(received) is bool(answer)


async def test_tls_ends_at_the_cm_and_not_at_the_proxy(steam: Steam) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await SteamClient.open(steam.ready.cm_url, ca_file=_system_ca(), proxy=steam.proxy(HTTP))


def _system_ca() -> str:
    return httpx.__file__.replace("httpx/__init__.py", "certifi/cacert.pem")


def test_no_password_is_shown(steam: Steam) -> None:
    password = steam.bot().proxy_password

    assert password not in repr(ProxyUser("bot", password, "198.18.0.1", 0))
    assert password not in repr(steam.ready)
