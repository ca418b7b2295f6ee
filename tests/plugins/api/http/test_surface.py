"""What strangers can do to the server: names, floods, slow and endless requests, proxies that are none."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel.clock import MINUTE
from kernel.config import check
from kernel.errors import ConfigInvalid, PluginFailed
from kernel.roles import Role
from kernel.testing import FakeTransport, World
from plugins.api import Api
from plugins.api.auth import gate
from plugins.api.auth.lockouts import address
from plugins.api.http import connections
from tests.plugins.api.auth.test_gate import Shop
from tests.plugins.api.client import DEADLINE_S, Site, serving


async def head(site: Site, sent: bytes) -> bytes:
    """What the server says to bytes on a bare connection, until it closes it."""
    reader, writer = await site.connect()
    try:
        async with asyncio.timeout(DEADLINE_S):
            writer.write(sent)
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_request_whose_head_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.05)
    async with serving(FakeTransport) as site:
        for begun in (b"", b"GET /healthz HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: "):
            assert await head(site, begun) == b"", begun
        again = await head(site, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n")
        assert again.count(b"HTTP/1.1 200") == 1, "the second request of a connection has no more time"
        monkeypatch.undo()
        assert (await site.anna.get("/healthz")).status_code == 200, "others are served"


async def test_a_head_larger_than_any_browsers_is_refused() -> None:
    async with serving(FakeTransport) as site:
        for endless in (b"x: " + b"a" * 3_000_000, b"x: a\r\n" * 500_000):
            answer = await head(site, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n" + endless)
            assert answer in (b"", connections.HEAD_TOO_LARGE), answer[:80]
        assert (await site.anna.get("/healthz")).status_code == 200


async def test_an_answer_that_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SEND_S", 0.05)
    ended = asyncio.Event()

    class Flood(Shop):
        async def serve(self, scope: object, receive: object, send: object) -> None:
            try:
                await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
                while True:
                    await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})  # type: ignore[operator]
            finally:
                ended.set()

    async with serving(Flood) as site:
        reader, writer = await site.connect()
        writer.write(f"GET /shop HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(DEADLINE_S):
            await ended.wait()
        writer.transport.abort()


async def test_whoever_asks_too_often_is_asked_for_patience_and_the_others_are_served() -> None:
    many = serving(FakeTransport, requests_per_minute=10, strangers_per_minute=5)
    async with many as site, site.client() as stranger, site.member(Role.VIEWER) as vera:
        known = [(await site.anna.get("/api/session")).status_code for _ in range(12)]
        strange = [(await stranger.get("/api/session")).status_code for _ in range(7)]
        assert known == [200] * 10 + [429] * 2
        assert strange == [401] * 5 + [429] * 2
        assert (await vera.get("/api/session")).status_code == 200

        late = await site.anna.get("/api/session")
        assert (late.json()["error"]["code"], late.headers["retry-after"]) == ("tooManyRequests", "6")
        await site.world.clock.advance(MINUTE // 10)
        assert (await site.anna.get("/api/session")).status_code == 200
        assert (await site.anna.get("/api/session")).status_code == 429


async def test_strangers_are_counted_by_address_where_everything_is_open() -> None:
    async with serving(FakeTransport, strangers_per_minute=3) as site, site.client() as stranger:
        assert [(await stranger.get("/healthz")).status_code for _ in range(5)] == [200] * 3 + [429] * 2


async def test_a_name_that_is_made_to_lead_here_is_refused() -> None:
    async with serving(FakeTransport, public_url="https://switchboard.example") as site, site.client() as http:
        foreign = ("evil.example", "evil.example:8040", "localhost.evil.example", "", "127.0.0.1.evil.example")
        for host in (*foreign, "[:::]", "[1.2]:1"):
            answer = await http.get("/metrics", headers={"host": host})
            assert (answer.status_code, answer.json()["error"]["code"]) == (421, "wrongHost"), host
        for host in ("localhost:1", "127.0.0.1", "[::1]:8040", "switchboard.example", "Switchboard.Example"):
            assert (await http.get("/healthz", headers={"host": host})).status_code == 200, host


@pytest.mark.parametrize("public", [None, "https://switchboard.example"])
async def test_a_host_that_is_no_name_of_a_server_is_refused_and_is_no_failure_of_ours(
    public: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(FakeTransport, public_url=public) as site:
        for host in ("[::1", "x]", "[", "[]", "[::1]x", "a b", "evil@localhost", "localhost/", "http://x", "a:b"):
            for path in ("/healthz", "/api/session", "/", "/sign-in"):
                sent = f"GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
                said = await head(site, sent.encode())
                assert b"HTTP/1.1 400" in said, (host, path)
                assert b'"code":"invalidHost"' in said
        assert (await site.anna.get("/healthz", headers={"host": "[::1]:8040"})).status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_only_a_trusted_proxy_says_where_a_request_comes_from_and_over_what() -> None:
    said = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    for trusted, secure, subject in (((), False, "127.0.0.1"), (("127.0.0.1",), True, "203.0.113.9")):
        async with serving(FakeTransport, trusted_proxies=list(trusted)) as site, site.client() as http:
            answer = await http.get("/sign-in", params={"token": site.token}, headers=said)
            assert answer.headers["set-cookie"].endswith("; Secure") is secure
            for n in range(20):
                await http.post("/api/sign-in", json={"name": f"name{n}", "password": "?"}, headers=said)
            subjects = {block.subject for block in site.world.plugin(Api)._access.lockouts.blocks()}
            assert subjects == {address(subject)}


async def test_a_cookie_acts_only_with_a_body_that_no_form_can_send() -> None:
    async with serving(Shop) as site, site.client() as browser:
        await browser.get("/sign-in", params={"token": site.token})
        own = {"sec-fetch-site": "same-origin", "content-type": "text/plain"}
        answer = await browser.post("/api/command", content=b'{"kind":"PauseContact","payload":{}}', headers=own)

        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "notJson")
        assert not site.world.state.contact.paused


async def test_it_can_be_served_over_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    files = {"tls_certificate": str(certificate), "tls_key": str(key)}
    async with World(FakeTransport, Api, config={"api": {"port": 0, **files}}, data=tmp_path / "data") as world:
        url = (world.data / "api" / "address").read_text().strip()
        assert url.startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=str(certificate))
        async with httpx.AsyncClient(base_url=url, verify=trust, trust_env=False) as http:
            answer = await http.get("/healthz")

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_certificate_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    table = {"port": 0, "tls_certificate": str(certificate), "tls_key": str(tmp_path / "none.pem")}
    with pytest.raises(PluginFailed, match=r"\[api\] tls_certificate, tls_key: .* cannot be used together"):
        await World(FakeTransport, Api, config={"api": table}, data=tmp_path / "data").system.start()
    for wrong in ({"tls_key": "key.pem"}, {"public_url": "switchboard.example"}, {"requests_per_minute": 0}):
        with pytest.raises(ConfigInvalid):
            check({"kernel": {"plugins": ["api"]}, "api": wrong}, {"api": Api})


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and its key."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return paths
