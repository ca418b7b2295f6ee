"""Who may: tokens in a header or a cookie, pages of ours and of others, and what is open to all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kernel.commands import PauseContact
from kernel.events import ContactPaused
from kernel.hookspecs import Health, Mount, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from tests.plugins.api.client import serving

PAUSE = {"kind": "PauseContact", "payload": {}}


class Shop(Plugin[PluginConfig]):
    """Serves two pages, one of which fails, and takes one command."""

    ready = True

    async def start(self) -> None:
        self.ctx.handle(PauseContact, self.pause)

    def pause(self, _: PauseContact) -> None:
        self.ctx.publish(ContactPaused())

    @hookimpl
    def mounts(self) -> Mapping[str, Mount]:
        return {"/shop": self.serve, "/broken": self.fail, "/half": self.fail_halfway}

    @hookimpl
    def health(self) -> Health:
        return Health("shop", self.ready, "open" if self.ready else "out of stock")

    async def serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        user = scope["user"].actor if scope["user"] else "somebody"
        body = f"{user} at {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def fail(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        raise LookupError("s3cret")

    async def fail_halfway(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        raise LookupError("s3cret")


async def test_whoever_has_no_token_or_a_wrong_one_is_told_the_same() -> None:
    async with serving(Shop) as site:
        wrong = ["swb_" + "A" * 43, site.token[:-1], site.token + "A", site.token.upper(), "\x80", site.token[4:]]
        values = [b"Bearer", f"Basic {site.token}".encode(), site.token.encode()]
        values += [f"Bearer {token}".encode("latin-1") for token in wrong]
        headers: list[dict[bytes, bytes]] = [{}, {b"cookie": b"switchboard="}]
        headers += [{b"authorization": value} for value in values]
        answers = set()
        async with site.client() as http:
            for header in headers:
                for method, path in (("POST", "/api/command"), ("GET", "/api/event-stream"), ("GET", "/no/such/page")):
                    answer = await http.request(method, path, headers=header)
                    answers.add((answer.status_code, answer.headers["www-authenticate"], answer.text))

        ((status, challenge, text),) = answers
        assert (status, challenge) == (401, 'Bearer realm="switchboard"')
        assert '"code":"unauthorized"' in text
        assert not site.world.happened(ContactPaused)


async def test_a_new_token_is_good_at_once_and_a_revoked_one_is_not() -> None:
    async with serving(Shop) as site:
        async with site.client() as http:
            lab = tokens.create(site.tokens, "lab", Kind.NOTEBOOK, 0)
            http.headers["authorization"] = f"bearer {lab}"
            assert (await http.post("/api/command", json=PAUSE)).status_code == 200
            assert site.world.state.contact.paused_by == "notebook:lab"

            tokens.revoke(site.tokens, "lab")
            assert (await http.post("/api/command", json=PAUSE)).status_code == 401
        assert (await site.command("PauseContact")).status_code == 200


async def test_a_broken_file_of_tokens_lets_nobody_in_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Shop) as site:
        good = site.tokens.read_bytes()
        for broken in (b"[", b'[{"name": 7}]', b"\xff"):
            site.tokens.write_bytes(broken)
            assert [(await site.command("PauseContact")).status_code for _ in range(3)] == [503] * 3
        site.tokens.write_bytes(good)
        assert (await site.command("PauseContact")).status_code == 200

        assert caplog.text.count("No token is accepted") == 3


async def test_a_browser_signs_in_by_link_and_keeps_the_token_where_no_script_reads_it() -> None:
    async with serving(Shop) as site, site.client() as browser:
        answer = await browser.get("/sign-in", params={"token": site.token})

        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        kept = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(kept.split("; "))
        assert "Secure" not in kept
        assert (await browser.get("/api/session")).json() == {
            "actor": "operator:anna",
            "role": "developer",
            "by": "link",
        }
        own = {"sec-fetch-site": "same-origin"}
        assert (await browser.post("/api/command", json=PAUSE, headers=own)).status_code == 200

        async with site.client() as stranger:
            for link in ("/sign-in", "/sign-in?token=", "/sign-in?token=swb_x"):
                answer = await stranger.get(link)
                assert answer.status_code == 401
                assert "set-cookie" not in answer.headers
            assert (await stranger.get("/api/session")).status_code == 401


async def test_a_cookie_acts_only_from_a_page_of_ours() -> None:
    async with serving(Shop) as site, site.client() as browser:
        session = (await browser.get("/sign-in", params={"token": site.token})).cookies["switchboard"]
        browser.cookies.clear()
        cases: list[tuple[dict[str, str], int, int]] = [
            ({"sec-fetch-site": "same-origin"}, 200, 200),
            ({"sec-fetch-site": "none"}, 200, 403),
            ({"sec-fetch-site": "same-site"}, 403, 403),
            ({"sec-fetch-site": "cross-site"}, 403, 403),
            ({"sec-fetch-site": "cross-site", "origin": site.url}, 403, 403),
            ({"origin": site.url}, 200, 200),
            ({"origin": "http://127.0.0.1:1"}, 403, 403),
            ({"origin": "https://evil.example"}, 403, 403),
            ({"origin": "null"}, 403, 403),
            ({}, 200, 403),
        ]
        for headers, reads, writes in cases:
            signed = headers | {"cookie": f"theme=dark; switchboard={session}"}
            before = len(site.world.happened(ContactPaused))

            assert (await browser.get("/shop", headers=signed)).status_code == reads, headers
            assert (await browser.post("/api/command", json=PAUSE, headers=signed)).status_code == writes, headers
            assert len(site.world.happened(ContactPaused)) - before == (writes == 200), headers


async def test_no_log_line_and_no_error_holds_a_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with serving(Shop, open_paths=["/sign-in", "/broken"]) as site, site.client() as browser:
        await browser.get("/sign-in", params={"token": site.token})
        await browser.get("/broken", params={"token": site.token})
        await browser.get("/sign-in", params={"token": "swb_wrong"})
        (entry,) = tokens.read(site.tokens)

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any("/broken failed" in line for line in ours)
    assert not [line for line in ours if site.token in line or "swb_wrong" in line]
    assert entry.sha256 not in repr(entry)


async def test_on_loopback_the_probes_the_metrics_and_the_contract_are_open() -> None:
    async with serving(Shop) as site, site.client() as http:
        for path in ("/", "/healthz", "/readyz", "/api/openapi.json", "/api/schema.json"):
            assert (await http.get(path)).status_code == 200, path
        assert (await http.get("/shop")).status_code == 401
        assert (await http.get("/metrics")).json()["error"]["code"] == "notFound", "nobody offers it here"


async def test_what_is_open_can_be_said_in_the_config_with_all_that_is_under_a_mount() -> None:
    async with serving(Shop, open_paths=["/shop"]) as site, site.client() as http:
        assert (await http.get("/shop/window/2")).text == "somebody at /shop/window/2"
        assert (await http.get("/healthz")).status_code == 401
        assert (await site.anna.get("/shop/")).text == "operator:anna at /shop/"
        assert (await http.get("/shopping")).status_code == 401, "which is not under /shop"


async def test_mounts_come_and_go_with_their_plugins() -> None:
    async with serving(Shop, FakeTransport) as site:
        assert (await site.anna.get("/shop")).status_code == 200
        await site.world.system.host.disable("shop")
        assert (await site.anna.get("/shop")).status_code == 404


async def test_an_application_that_fails_is_an_answer_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Shop) as site:
        answer = await site.anna.get("/broken")
        half = b""
        reader, writer = await site.connect()
        writer.write(f"GET /half HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n\r\n".encode())
        half = await reader.read()
        writer.close()

        assert answer.status_code == 500
        assert answer.json()["error"]["code"] == "internal"
        assert half.startswith(b"HTTP/1.1 200")
        assert b"s3cret" not in answer.content + half
        assert caplog.text.count("LookupError: s3cret") >= 2


async def test_every_answer_has_the_same_shape_and_the_headers_of_a_careful_server() -> None:
    async with serving(Shop) as site:
        expected = {
            ("GET", "/nope"): (404, "notFound"),
            ("POST", "/healthz"): (405, "methodNotAllowed"),
            ("GET", "/api/command"): (405, "methodNotAllowed"),
            ("POST", "/api/event-stream"): (405, "methodNotAllowed"),
            ("GET", "/api/"): (404, "notFound"),
            ("GET", "/broken"): (500, "internal"),
        }
        for (method, path), (status, code) in expected.items():
            answer = await site.anna.request(method, path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), path
            assert answer.json()["ok"] is False
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert "server" not in answer.headers
            if status == 405:
                assert answer.headers["allow"]


CLOCK = {"name": "clock", "ok": True, "detail": ""}


async def test_readiness_is_what_all_plugins_say_and_health_is_that_we_answer() -> None:
    async with serving(Shop) as site:
        ready = await site.anna.get("/readyz")
        ours = {"name": "api", "ok": True, "detail": "operators and tokens are readable"}
        assert ready.json() == {"ok": True, "checks": [{"name": "shop", "ok": True, "detail": "open"}, ours, CLOCK]}
        site.world.plugin(Shop).ready = False

        not_ready = await site.anna.get("/readyz")
        assert not_ready.status_code == 503
        assert not_ready.json()["checks"] == [{"name": "shop", "ok": False, "detail": "out of stock"}, ours, CLOCK]
        for path, asked in (("/readyz", not_ready), ("/healthz", await site.anna.get("/healthz"))):
            told = await site.anna.head(path)
            assert (told.status_code, told.content) == (asked.status_code, b"")
            assert told.headers["content-type"] == asked.headers["content-type"]
        assert (await site.anna.head("/api/session")).status_code == 405
        alive = (await site.anna.get("/healthz")).json()
        assert alive["ok"] is True
        assert alive["lateMs"] >= 0
        assert alive["seq"] == site.world.state.seq
