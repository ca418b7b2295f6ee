"""Operators in a browser: how they sign in, stay signed in, and are signed out."""

from __future__ import annotations

import asyncio
import io
import json
import re
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.roles import Role
from kernel.testing import FakeTransport
from plugins.api.auth import operators, passwords, sessions
from plugins.api.stream import streams
from tests.plugins.api.client import DEADLINE_S, Site, serving

SECRET = "correct horse battery"
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at a cost that a test can bear."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._dummy_hash.cache_clear()


def add(site: Site, name: str, role: Role = Role.OPERATOR) -> Path:
    path = site.world.data / "api" / "operators.json"
    operators.add(path, name, role, 0, passwords.make(SECRET))
    return path


async def sign_in(http: httpx.AsyncClient, name: str, password: str = SECRET) -> httpx.Response:
    return await http.post("/api/sign-in", json={"name": name, "password": password}, headers=OURS)


async def who(http: httpx.AsyncClient) -> str | None:
    answer = await http.get("/api/session", headers=OURS)
    return str(answer.json()["actor"]) if answer.status_code == 200 else None


async def test_an_operator_signs_in_with_a_password_and_the_browser_keeps_no_secret_that_a_script_could_read() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        path = add(site, "olga")
        answer = await sign_in(browser, "olga")

        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        flags = answer.headers["set-cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags)
        session = (await browser.get("/api/session", headers=OURS)).json()
        assert session == {"actor": "operator:olga", "role": "operator", "by": "password"}
        cookie = browser.cookies["switchboard"]
        kept = "".join(file.read_text() for file in path.parent.iterdir())
        assert cookie not in kept
        assert SECRET not in kept
        assert "$argon2id$" in kept


async def test_a_wrong_password_an_unknown_name_and_a_disabled_account_are_told_the_same() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        path = add(site, "olga")
        add(site, "dina")
        operators.alter(path, "dina", lambda one: operators.replace(one, disabled=True))
        operators.add(path, "nora", Role.VIEWER, 0)  # who has not chosen a password yet
        tries = [("olga", "wrong"), ("nobody", SECRET), ("dina", SECRET), ("nora", ""), ("x" * 1_000, SECRET)]
        answers = {(a.status_code, a.text) for a in [await sign_in(browser, *one) for one in tries]}

        ((status, text),) = answers
        assert status == 401
        assert json.loads(text)["error"]["field"] == "password"
        assert not browser.cookies


async def test_whoever_guesses_at_an_account_has_to_wait_longer_each_time_and_its_owner_is_not_signed_out() -> None:
    async with serving(FakeTransport) as site, site.client() as owner, site.client() as thief:
        add(site, "olga")
        await sign_in(owner, "olga")
        for name in ("olga", "nobody"):
            wrong = [(await sign_in(thief, name, f"guess {n}")).status_code for n in range(5)]
            refused = await sign_in(thief, name)
            assert wrong == [401] * 5
            assert (refused.status_code, refused.json()["error"]["retryAfter"]) == (429, 30 * SECOND), name
        assert await who(owner) == "operator:olga"

        await site.world.clock.advance(30 * SECOND)
        assert (await sign_in(thief, "olga", "guess 6")).status_code == 401
        assert (await sign_in(thief, "olga")).json()["error"]["retryAfter"] == MINUTE
        await site.world.clock.advance(MINUTE)
        assert (await sign_in(thief, "olga")).status_code == 200, "it was olga herself"
        assert (await sign_in(thief, "olga", "wrong")).status_code == 401, "and she may err again"


async def test_many_guesses_at_once_are_no_more_than_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def wrong(_: str | None, password: str) -> bool:
        asked.append(password)
        return False

    monkeypatch.setattr(passwords, "matches", wrong)
    async with serving(FakeTransport) as site, site.client() as thief:
        add(site, "olga")
        answers = await asyncio.gather(*(sign_in(thief, "olga", f"guess {n}") for n in range(30)))

        assert len(asked) <= 5
        assert {answer.status_code for answer in answers} == {401, 429}


async def test_whoever_guesses_at_many_accounts_from_one_address_has_to_wait_too() -> None:
    async with serving(FakeTransport) as site, site.client() as thief:
        add(site, "olga")
        tries = [(await sign_in(thief, f"name{n}")).status_code for n in range(20)]

        assert tries == [401] * 20
        assert (await sign_in(thief, "olga")).status_code == 429


async def test_an_admin_sees_who_has_to_wait_and_lifts_it() -> None:
    async with serving(FakeTransport) as site, site.client() as thief, site.member(Role.ADMIN) as admin:
        add(site, "olga")
        for n in range(5):
            await sign_in(thief, "olga", f"guess {n}")
        assert (await site.anna.get("/api/blocks")).status_code == 403, "a developer is no admin"
        (block,) = (await admin.get("/api/blocks")).json()
        assert (block["subject"], block["guesses"]) == ("account olga", 5)

        lift = {"kind": "LiftBlock", "payload": {"subject": "olga"}}
        assert (await site.anna.post("/api/command", json=lift)).status_code == 403
        assert (await admin.post("/api/command", json=lift)).status_code == 200
        assert (await admin.get("/api/blocks")).json() == []
        assert (await sign_in(thief, "olga")).status_code == 200
        assert (await admin.post("/api/command", json=lift)).json()["error"]["code"] == "notBlocked"


async def test_a_cookie_is_changed_as_it_is_used_and_one_that_comes_again_late_ends_the_session() -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as thief:
        add(site, "olga")
        await sign_in(browser, "olga")
        first = browser.cookies["switchboard"]
        await site.world.clock.advance(sessions.ROTATED)
        assert await who(browser) == "operator:olga"
        second = browser.cookies["switchboard"]
        assert second != first
        await site.world.clock.advance(sessions.GRACE + 1)
        thief.cookies.set("switchboard", first)
        assert await who(thief) == "operator:olga", "nobody has used the second yet: its answer may have got lost"
        thief.cookies.clear()

        browser.cookies.clear()
        browser.cookies.set("switchboard", second)
        assert await who(browser) is None, "only the latest successor counts"


async def test_an_old_cookie_is_good_for_requests_that_cross_and_then_a_sign_of_theft(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as thief:
        add(site, "olga")
        await sign_in(browser, "olga")
        first = browser.cookies["switchboard"]
        await site.world.clock.advance(sessions.ROTATED)
        assert await who(browser) == await who(browser) == "operator:olga"
        old = {"cookie": f"switchboard={first}", **OURS}
        assert (await thief.get("/api/session", headers=old)).status_code == 200
        await site.world.clock.advance(sessions.GRACE + 1)

        assert (await thief.get("/api/session", headers=old)).status_code == 401
        assert await who(browser) is None, "both have to sign in again: which of them is the thief is not known"
        assert "a superseded cookie of operator olga" in caplog.text
        assert first not in caplog.text


async def test_signing_out_ends_the_session_here_or_everywhere_and_its_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.01)
    async with serving(FakeTransport) as site, site.client() as here, site.client() as there, site.client() as third:
        add(site, "olga")
        for browser in (here, there, third):
            await sign_in(browser, "olga")
        answer = await third.post("/api/sign-out", json={}, headers=OURS)
        assert answer.status_code == 200
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert [await who(browser) for browser in (here, there, third)] == ["operator:olga", "operator:olga", None]

        async with asyncio.timeout(DEADLINE_S), there.stream("GET", "/api/event-stream", headers=OURS) as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            await here.post("/api/sign-out", json={"everywhere": True}, headers=OURS)
            with pytest.raises(httpx.HTTPError):
                async for _ in lines:
                    pass
        assert [await who(browser) for browser in (here, there)] == [None, None]


async def test_a_session_ends_when_it_is_not_used_for_long_and_in_any_case_in_the_end() -> None:
    async with serving(FakeTransport) as site, site.client() as idle, site.client() as busy:
        add(site, "olga")
        await sign_in(idle, "olga")
        await sign_in(busy, "olga")
        for _ in range(5):
            assert await who(busy) == "operator:olga"
            await site.world.clock.advance(6 * DAY)
        assert await who(idle) is None
        assert await who(busy) is None


async def test_a_restart_signs_nobody_out(tmp_path: Path) -> None:
    async with serving(FakeTransport, data=tmp_path) as site, site.client() as browser:
        add(site, "olga")
        await sign_in(browser, "olga")
        cookie = browser.cookies["switchboard"]
    operators.invite(tmp_path / "api" / "operators.json", "olga", Role.VIEWER, 0)
    (tmp_path / "api" / "tokens.json").unlink()
    async with serving(FakeTransport, data=tmp_path) as site, site.client() as browser:
        browser.cookies.set("switchboard", cookie)
        assert await who(browser) == "operator:olga"


async def test_whoever_starts_the_system_with_nobody_in_it_is_given_a_link_that_makes_one_admin_once(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with serving(FakeTransport) as site, site.client() as browser:
        file = site.world.data / "api" / "first-admin-link"
        link = re.fullmatch(rf"{site.url}/#welcome=(\S+)\n", file.read_text())
        assert link is not None
        assert file.stat().st_mode & 0o777 == 0o600
        assert str(file) in caplog.text
        assert "welcome=" not in caplog.text + "".join(capsys.readouterr()), "a service's output is a log"

        async def choose(name: str, password: str = SECRET, secret: str = link[1]) -> httpx.Response:
            body = {"link": secret, "name": name, "password": password}
            return await browser.post("/api/welcome", json=body, headers=OURS)

        assert (await choose("ann a")).json()["error"]["field"] == "name"
        assert (await choose("ada", "short")).json()["error"]["field"] == "password"
        assert (await choose("ada", "my name is Ada, hello")).json()["error"]["code"] == "weakPassword"
        assert (await choose("ada", secret="guess")).json()["error"]["code"] == "badLink"
        both = await asyncio.gather(choose("ada"), choose("eve"))
        assert sorted(answer.status_code for answer in both) == [200, 401], "it is good once"
        session = (await browser.get("/api/session", headers=OURS)).json()
        assert (session["role"], session["by"]) == ("admin", "password")
        assert not file.exists(), "it is of no use any more"


async def test_whoever_starts_it_at_a_terminal_finds_the_link_there_and_in_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    async with serving(FakeTransport) as site:
        assert f"{site.url}/#welcome=" in terminal.getvalue()
        assert not (site.world.data / "api" / "first-admin-link").exists()


async def test_a_link_is_over_after_its_time_and_its_file_with_the_run(tmp_path: Path) -> None:
    file = tmp_path / "api" / "first-admin-link"
    async with serving(FakeTransport, data=tmp_path) as site, site.client() as browser:
        secret = file.read_text().partition("#welcome=")[2].strip()
        await site.world.clock.advance(HOUR)
        answer = await browser.post("/api/welcome", json={"link": secret, "name": "ada", "password": SECRET})

        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "badLink")
    assert not file.exists()


async def test_a_password_is_changed_by_whoever_knows_it_and_the_other_browsers_are_signed_out() -> None:
    async with serving(FakeTransport) as site, site.client() as here, site.client() as there:
        add(site, "olga")
        await sign_in(here, "olga")
        await sign_in(there, "olga")

        async def change(current: str, password: str) -> httpx.Response:
            return await here.post("/api/password", json={"current": current, "password": password}, headers=OURS)

        assert (await change("wrong", "another horse battery")).json()["error"]["field"] == "current"
        assert (await change(SECRET, "short")).json()["error"]["field"] == "password"
        assert (await change(SECRET, "another horse battery")).status_code == 200
        assert [await who(here), await who(there)] == ["operator:olga", None]
        assert (await sign_in(there, "olga")).status_code == 401
        assert (await sign_in(there, "olga", "another horse battery")).status_code == 200
        token = await site.anna.post("/api/password", json={"current": SECRET, "password": SECRET})
        assert token.json()["error"]["code"] == "notSignedInByPassword"


async def test_another_role_holds_at_once_and_a_disabled_operator_is_out() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        path = add(site, "olga")
        await sign_in(browser, "olga")
        operators.alter(path, "olga", lambda one: operators.replace(one, role=Role.VIEWER))
        assert (await browser.get("/api/session", headers=OURS)).json()["role"] == "viewer"

        operators.alter(path, "olga", lambda one: operators.replace(one, disabled=True))
        assert await who(browser) is None


async def test_signing_in_again_gives_another_session_and_ends_the_one_before() -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as other:
        add(site, "olga")
        add(site, "boris")
        await sign_in(browser, "olga")
        other.cookies.set("switchboard", browser.cookies["switchboard"])
        await sign_in(browser, "boris")

        assert await who(browser) == "operator:boris"
        assert await who(other) is None


async def test_a_page_of_another_site_signs_nobody_in_or_out() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        add(site, "olga")
        body = {"name": "olga", "password": SECRET}
        foreign: list[dict[str, str]] = [
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "null"},
        ]
        for headers in foreign:
            answer = await browser.post("/api/sign-in", json=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "crossSite"), headers
        link = {"token": site.token}
        answer = await browser.get("/sign-in", params=link, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        form = await browser.post("/api/sign-in", data=body, headers=OURS)
        assert (form.status_code, form.json()["error"]["code"]) == (400, "notJson")
        assert not browser.cookies
