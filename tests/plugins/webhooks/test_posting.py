"""What leaves goes to an address that was judged, and no server keeps us longer, or makes us read more, than is set."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kernel.public_addresses import AllowedNetworks
from plugins.steam_sim.certificate import Certificates
from plugins.webhooks.codes import DeliveryFault
from plugins.webhooks.posting import JudgedAddress, Poster, PostFailed, retry_after
from plugins.webhooks.target import WebhookTarget
from tests.plugins.webhooks.receivers import Act, Receiver, drop, endless_body, endless_headers, hang, receiver, status

TLS = ssl.create_default_context()
LOOPBACK = AllowedNetworks(["127.0.0.0/8"])
Resolve = Callable[[str, int], Sequence[JudgedAddress]]


def poster(networks: AllowedNetworks = LOOPBACK, timeout: float = 5, tls: ssl.SSLContext | None = None) -> Poster:
    return Poster(networks, tls or TLS, timeout)


def url(to: Receiver, scheme: str = "http", host: str = "127.0.0.1", path: str = "/hook") -> WebhookTarget:
    return WebhookTarget.of(f"{scheme}://{host}:{to.port}{path}")


async def fault(made: Poster, target: WebhookTarget) -> DeliveryFault:
    with pytest.raises(PostFailed) as failed:
        await made.post(target, [], b"{}")
    return failed.value.fault


async def test_a_post_arrives_as_it_was_made_and_its_answer_is_told() -> None:
    async with receiver() as server:
        server.answers = [
            status(202, body=b"thanks"),
            status(429, "Retry-After: 7"),
            status(307, "location: http://x/"),
        ]

        answers = [
            await poster().post(url(server, path="/a?b=c"), [("webhook-id", "msg_1")], b'{"a":1}') for _ in "123"
        ]

        assert [(one.status, one.retry_after) for one in answers] == [(202, None), (429, 7_000), (307, None)]
        assert len(server.got) == 3, "a redirect is not followed"
        assert (server.got[0].path, server.got[0].body, server.got[0].id) == ("/a?b=c", b'{"a":1}', "msg_1")
        assert server.got[0].headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (hang, DeliveryFault.LATE),
        (drop, DeliveryFault.DROPPED),
        (b"", DeliveryFault.DROPPED),
        (b"HTTP/1.1 20", DeliveryFault.DROPPED),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", DeliveryFault.NONSENSE),
        (b"HTTP/1.1 100 C\r\n\r\n" * 9, DeliveryFault.NONSENSE),
        (endless_headers, DeliveryFault.NONSENSE),
    ],
)
async def test_whatever_a_server_does_has_a_name(answer: bytes | Act, expected: DeliveryFault) -> None:
    async with receiver() as server:
        server.answers = [answer]
        assert await fault(poster(timeout=0.3), url(server)) is expected


async def test_a_body_without_an_end_keeps_nobody_and_one_that_never_comes_neither() -> None:
    async with receiver() as server, asyncio.timeout(10):
        server.answers = [endless_body, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12"]
        assert [(await poster().post(url(server), [], b"{}")).status for _ in "12"] == [200, 200]


async def test_where_nobody_listens_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = WebhookTarget.of(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        assert await fault(poster(), target) is DeliveryFault.UNREACHABLE


async def test_a_certificate_has_to_hold_for_the_name_and_by_an_authority_that_is_known(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    async with receiver(certificates.server_context()) as server:
        known = ssl.create_default_context(cafile=str(certificates.ca_file))
        assert (await poster(tls=known).post(url(server, "https", "localhost"), [], b"{}")).status == 204
        assert await fault(poster(), url(server, "https", "localhost")) is DeliveryFault.TLS

        async def elsewhere(host: str, port: int) -> Sequence[JudgedAddress]:
            return [JudgedAddress(socket.AF_INET, ("127.0.0.1", port))]

        named = Poster(LOOPBACK, known, 5, elsewhere)
        assert await fault(named, url(server, "https", "other.example")) is DeliveryFault.TLS
        assert len(server.got) == 1, "nothing was said to a server that is not who it should be"
    async with receiver() as plain:
        assert await fault(poster(timeout=0.3), url(plain, "https")) is DeliveryFault.LATE, "it waits for HTTP"


PRIVATE = (
    *("127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::]", "localhost", "10.0.0.7", "192.168.1.1", "172.20.0.1"),
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[fe80::1]", "[::ffff:127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::7f00:1]", "2130706433"),
    *("0x7f.1", "127.1", "0177.0.0.1", "[64:ff9b:1::7f00:1]", "[fec0::1]", "224.0.0.1", "255.255.255.255"),
)


async def test_without_the_setting_nothing_connects_to_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sockets tell it: whatever is connected to is counted here, and judged again."""
    connected: list[object] = []
    loop = asyncio.get_running_loop()

    async def sock_connect(sock: socket.socket, address: object) -> None:
        connected.append(address)
        raise OSError("no network in tests")

    monkeypatch.setattr(loop, "sock_connect", sock_connect, raising=False)
    for host in PRIVATE:
        found = await fault(poster(AllowedNetworks()), WebhookTarget.of(f"https://{host}:8443/"))
        assert found in (DeliveryFault.PRIVATE_ADDRESS, DeliveryFault.NO_ADDRESS), host
    assert connected == []


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """A name that says another address each time it is asked."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[JudgedAddress]:
        asked.append(host)
        return [JudgedAddress(socket.AF_INET, ("127.0.0.2" if len(asked) == 1 else "127.0.0.1", port))]

    async with receiver() as server:
        made = Poster(AllowedNetworks(["127.0.0.2/32"]), TLS, 5, rebinding)
        target = WebhookTarget.of(f"http://rebinding.example:{server.port}/")
        assert await fault(made, target) is DeliveryFault.UNREACHABLE, "127.0.0.2 has nobody listening there"
        assert await fault(made, target) is DeliveryFault.PRIVATE_ADDRESS
        assert (len(asked), server.connections) == (2, 0)


async def test_of_several_addresses_only_those_that_may_be_are_tried() -> None:
    async def mixed(host: str, port: int) -> Sequence[JudgedAddress]:
        return [JudgedAddress(socket.AF_INET, (digits, port)) for digits in ("10.0.0.1", "127.0.0.3", "127.0.0.1")]

    async with receiver() as server:
        made = Poster(LOOPBACK, TLS, 5, mixed)
        assert (await made.post(WebhookTarget.of(f"http://mixed.example:{server.port}/"), [], b"{}")).status == 204


async def test_plain_http_is_for_networks_that_the_setting_names() -> None:
    async def public(host: str, port: int) -> Sequence[JudgedAddress]:
        return [JudgedAddress(socket.AF_INET, ("93.184.215.14", port))]

    made = Poster(LOOPBACK, TLS, 1, public)
    assert await fault(made, WebhookTarget.of("http://example.com/")) is DeliveryFault.PLAIN_HTTP


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://a:b@example.com/",
        ),
        *(
            "https://example.com:99999/",
            "https://exa mple.com/",
            "https://example.com\\@10.0.0.1/",
            "https://example.com/\r\nx: y",
        ),
        *("https://user@example.com/", "javascript:alert(1)", "//example.com", "https://пример.рф/", "https://[::1/"),
    ],
)
def test_what_is_no_address_of_an_endpoint_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^url: ") as refused:
        WebhookTarget.of(wrong)
    assert len(wrong) < 12 or wrong not in str(refused.value)


def test_a_target_shows_no_path() -> None:
    target = WebhookTarget.of("https://hooks.example.com/services/T0/SECRET?token=SECRET")
    assert "SECRET" not in f"{target!r}{target.shown}" and target.path.endswith("SECRET")


def test_a_retry_after_is_seconds_and_bounded() -> None:
    said = [retry_after(text) for text in ("5", " 120 ", "", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "999999999")]
    assert said == [5_000, 120_000, None, None, None, None, 86_400_000]
