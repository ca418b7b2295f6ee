"""Operators and tokens over HTTP: an admin adds, changes and removes them, nobody else does, and one admin stays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from kernel.clock import DAY, HOUR
from kernel.roles import Role
from plugins.api import Api
from plugins.api.auth import operators, passwords
from plugins.api.auth.lockouts import ACCOUNT_FREE
from plugins.api.http.endpoints import HttpEndpoint
from plugins.api.stream import streams
from plugins.journal import Journal
from tests.plugins.api.auth.test_secrets import everything_below
from tests.plugins.api.auth.test_sign_in import OURS, SECRET, add, cheap_hashes, sign_in, who
from tests.plugins.api.cli.test_operators import operator, roster
from tests.plugins.api.client import DEADLINE_S, Site, serving

__all__ = ["cheap_hashes"]


LISTS = ("/api/operators", "/api/tokens", "/api/blocks", "/api/audit", "/api/diagnose")


def for_admins(site: Site) -> list[HttpEndpoint[Any]]:
    return [endpoint for endpoint in site.world.plugin(Api).endpoints if endpoint.role is Role.ADMIN]


async def give(http: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    return await http.post(f"/api/{path}", json=form, headers=OURS)


async def done(http: httpx.AsyncClient, path: str, **form: Any) -> dict[str, Any]:
    answer = await give(http, path, **form)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["ok"] is True
    return body


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("field")


async def seen(http: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await http.get("/api/operators", headers=OURS)).json()["operators"]
    (one,) = [each for each in found if each["name"] == name]
    return dict(one)


async def admin_of(site: Site, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    add(site, "ada", Role.ADMIN)
    assert (await sign_in(browser, "ada")).status_code == 200
    return browser


def secret_in(link: str) -> str:
    return link.partition("#welcome=")[2].partition("&")[0]


async def test_an_operator_who_is_added_chooses_a_password_by_the_link_works_and_is_signed_out_when_removed() -> None:
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        link = (await done(ada, "operators/add", name="olga", role="operator"))["link"]
        assert link.startswith(f"{site.url}/#welcome=")
        assert link.endswith("&name=olga")
        before = await seen(ada, "olga")
        assert (before["hasPassword"], before["sessions"]) == (False, 0)
        assert before["linkEndsAt"] == site.world.clock.now() + DAY

        await done(theirs, "welcome", link=secret_in(link), password=SECRET)
        assert await who(theirs) == "operator:olga"
        after = await seen(ada, "olga")
        assert (after["hasPassword"], after["sessions"], after["lastSeenAt"]) == (True, 1, site.world.clock.now())
        assert "linkEndsAt" not in after, "it has been used"

        await done(ada, "operators/role", name="olga", role="viewer")
        assert (await theirs.get("/api/session", headers=OURS)).json()["role"] == "viewer"
        await done(ada, "operators/remove", name="olga")
        assert await who(theirs) is None
        assert (await sign_in(theirs, "olga")).status_code == 401


async def test_the_stream_of_somebody_who_is_removed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.02)
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        add(site, "olga")
        await sign_in(theirs, "olga")
        async with theirs.stream("GET", "/api/event-stream", headers=OURS) as stream, asyncio.timeout(DEADLINE_S):
            lines = stream.aiter_lines()
            await anext(lines)
            await done(ada, "operators/remove", name="olga")
            with pytest.raises(httpx.HTTPError):  # cut off
                async for _ in lines:
                    pass


async def test_an_account_that_is_removed_and_added_anew_has_none_of_the_sessions_of_the_first() -> None:
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        add(site, "olga")
        await sign_in(theirs, "olga")
        await done(ada, "operators/remove", name="olga")
        await done(ada, "operators/add", name="olga", role="admin")
        assert await who(theirs) is None


async def test_a_new_link_voids_the_one_before_and_the_password_stays_until_another_is_chosen() -> None:
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        first = (await done(ada, "operators/add", name="olga", role="operator"))["link"]
        second = (await done(ada, "operators/link", name="olga"))["link"]
        refused = await give(theirs, "welcome", link=secret_in(first), password=SECRET)
        assert refusal(refused) == (401, "badLink", None)
        await done(theirs, "welcome", link=secret_in(second), password=SECRET)
        await done(ada, "operators/link", name="olga")
        assert (await sign_in(theirs, "olga")).status_code == 200


async def test_who_is_signed_out_everywhere_or_disabled_is_nobody_until_let_in_again() -> None:
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        add(site, "olga")
        await sign_in(theirs, "olga")
        await done(ada, "operators/sign-out", name="olga")
        assert await who(theirs) is None
        await sign_in(theirs, "olga")
        await done(ada, "operators/disable", name="olga")
        assert await who(theirs) is None
        assert (await seen(ada, "olga"))["disabled"] is True
        assert (await sign_in(theirs, "olga")).status_code == 401
        await done(ada, "operators/enable", name="olga")
        assert (await sign_in(theirs, "olga")).status_code == 200


async def test_the_last_admin_who_can_sign_in_stays_one(tmp_path: Path) -> None:
    async with serving(Journal, data=tmp_path) as site, site.client() as browser:
        ada = await admin_of(site, browser)
        await done(ada, "operators/add", name="vera", role="admin")  # who has not chosen a password
        assert refusal(await give(ada, "operators/role", name="ada", role="viewer")) == (409, "lastAdmin", "role")
        assert refusal(await give(ada, "operators/disable", name="ada"))[:2] == (409, "lastAdmin")
        assert refusal(await give(ada, "operators/remove", name="ada")) == (409, "lastAdmin", "name")
        assert operator(tmp_path, "remove", "ada") == 1, "nor at the command line"
        assert await who(ada) == "operator:ada"

        operators.alter(site.world.data / "api" / "operators.json", "vera", with_password)
        await done(ada, "operators/remove", name="ada")
        assert await who(ada) is None


def with_password(one: operators.OperatorAccount) -> operators.OperatorAccount:
    return operators.replace(one, password=passwords.make(SECRET))


async def test_the_only_token_of_an_admin_is_kept_while_no_admin_could_sign_in() -> None:
    async with serving(Journal) as site, site.member(Role.ADMIN, name="root") as root:
        assert refusal(await give(root, "tokens/revoke", name="root")) == (409, "lastAdmin", "name")
        add(site, "ada", Role.ADMIN)
        await done(root, "tokens/revoke", name="root")
        assert (await root.get("/api/session")).status_code == 401


async def test_a_token_is_made_used_listed_and_taken_back() -> None:
    async with serving(Journal) as site, site.client() as browser:
        ada = await admin_of(site, browser)
        form = {"name": "lab", "role": "viewer", "kind": "notebook", "days": 7}
        made = await done(ada, "tokens/create", **form)
        assert made["endsAt"] == site.world.clock.now() + 7 * DAY

        async def lab() -> dict[str, Any]:
            found = (await ada.get("/api/tokens", headers=OURS)).json()["tokens"]
            return next(dict(one) for one in found if one["name"] == "lab")

        assert "lastUsedAt" not in await lab()
        await site.world.clock.advance(HOUR)
        async with site.client({"authorization": f"Bearer {made['token']}"}) as theirs:
            session = (await theirs.get("/api/session")).json()
            assert session == {"actor": "notebook:lab", "role": "viewer", "by": "token"}
            assert (await lab())["lastUsedAt"] == site.world.clock.now()
            assert (await lab())["endsAt"] == made["endsAt"]
            await done(ada, "tokens/revoke", name="lab")
            assert (await theirs.get("/api/session")).status_code == 401


async def test_who_has_to_wait_is_seen_at_the_account_and_may_be_let_try_again() -> None:
    async with serving(Journal) as site, site.client() as browser, site.client() as theirs:
        ada = await admin_of(site, browser)
        add(site, "olga")
        for _ in range(ACCOUNT_FREE):
            await sign_in(theirs, "olga", "wrong")
        until = (await seen(ada, "olga"))["blockedUntil"]
        assert until > site.world.clock.now()
        lift = {"kind": "LiftBlock", "payload": {"subject": "account olga"}}
        assert (await ada.post("/api/command", json=lift, headers=OURS)).status_code == 200
        assert "blockedUntil" not in await seen(ada, "olga")
        assert (await sign_in(theirs, "olga")).status_code == 200


async def test_what_is_wrong_is_said_beside_its_field_and_changes_nothing() -> None:
    async with serving(Journal) as site, site.client() as browser:
        ada = await admin_of(site, browser)
        before = roster(site.world.data)
        for path, form, expected in (
            ("operators/add", {"name": "ol ga", "role": "viewer"}, (400, "invalidName", "name")),
            ("operators/add", {"name": "olga\n", "role": "viewer"}, (400, "invalidName", "name")),
            ("operators/add", {"name": "ada", "role": "viewer"}, (409, "nameTaken", "name")),
            ("operators/add", {"name": "olga", "role": "boss"}, (400, "invalidForm", "role")),
            ("operators/add", {"name": "olga"}, (400, "invalidForm", "role")),
            ("operators/add", {"name": "olga", "role": "viewer", "password": "x"}, (400, "invalidForm", "password")),
            ("operators/remove", {"name": "boris"}, (404, "noSuchOperator", "name")),
            ("operators/link", {"name": "boris"}, (404, "noSuchOperator", "name")),
            ("tokens/create", {"name": "anna"}, (409, "nameTaken", "name")),
            ("tokens/create", {"name": "lab", "days": 0}, (400, "invalidDays", "days")),
            ("tokens/create", {"name": "lab", "days": "many"}, (400, "invalidForm", "days")),
            ("tokens/revoke", {"name": "boris"}, (404, "noSuchToken", "name")),
        ):
            assert refusal(await give(ada, path, **form)) == expected, (path, form)
        long = await ada.post(
            "/api/operators/add", content=b" " * 5_000, headers={**OURS, "content-type": "application/json"}
        )
        assert long.status_code == 413
        assert roster(site.world.data) == before


async def test_nobody_but_an_admin_on_a_page_of_ours_is_answered(tmp_path: Path) -> None:
    async with serving(Journal, data=tmp_path) as site, site.client() as browser, site.client() as stranger:
        ada = await admin_of(site, browser)
        before = roster(tmp_path)
        async with site.member(Role.OPERATOR, name="boris") as boris:
            forms = [endpoint for endpoint in for_admins(site) if endpoint.path not in LISTS]
            assert len(forms) == 10
            assert {endpoint.path for endpoint in for_admins(site)} == {*LISTS, *(form.path for form in forms)}
            for form in forms:
                path = form.path
                body = {"name": "ada", **({"role": "viewer"} if "role" in form.takes.__struct_fields__ else {})}
                assert refusal(await boris.post(path, json=body))[:2] == (403, "roleTooLow"), path
                assert (await stranger.post(path, json=body)).status_code == 401, path
                elsewhere = await ada.post(path, json=body, headers={"sec-fetch-site": "same-site"})
                assert refusal(elsewhere)[:2] == (403, "crossSite"), path
                assert (await ada.get(path, headers=OURS)).status_code == 405, path
            for path in LISTS:
                assert refusal(await boris.get(path))[:2] == (403, "roleTooLow"), path
                assert (await stranger.get(path)).status_code == 401, path
        assert roster(tmp_path) == before


async def test_who_did_it_is_in_the_audit_and_what_was_shown_once_is_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with serving(Journal, data=tmp_path) as site, site.client() as browser:
        ada = await admin_of(site, browser)
        said = [
            secret_in((await done(ada, "operators/add", name="olga", role="operator"))["link"]),
            secret_in((await done(ada, "operators/link", name="olga"))["link"]),
            (await done(ada, "tokens/create", name="lab"))["token"],
        ]
        for verb in ("sign-out", "disable", "enable"):
            await done(ada, f"operators/{verb}", name="olga")
        await done(ada, "operators/role", name="olga", role="viewer")
        await give(ada, "operators/remove", name="ada")
        await done(ada, "operators/remove", name="olga")
        await done(ada, "tokens/revoke", name="lab")
        answer = await ada.get("/api/audit", params={"actor": "operator:ada"}, headers=OURS)
        told = [(r["action"], r["result"], r["subject"]) for r in reversed(answer.json()["records"])][1:]
        lists = [(await ada.get(path, headers=OURS)).text for path in LISTS]

        assert told == [
            ("AddOperator", "ok", "olga"),
            ("InviteOperator", "ok", "olga"),
            ("CreateToken", "ok", "lab"),
            ("SignOutOperator", "ok", "olga"),
            ("DisableOperator", "ok", "olga"),
            ("EnableOperator", "ok", "olga"),
            ("SetRole", "ok", "olga"),
            ("RemoveOperator", "lastAdmin", "ada"),
            ("RemoveOperator", "ok", "olga"),
            ("RevokeToken", "ok", "lab"),
        ]
        places = [answer.text, *lists, caplog.text, *everything_below(tmp_path)]
        assert len(said) == 3
        for secret in said:
            assert len(secret) > 40
            assert not [text for text in places if secret in text]


async def test_a_file_that_cannot_be_used_is_said_without_its_place(tmp_path: Path) -> None:
    async with serving(Journal, data=tmp_path) as site, site.member(Role.ADMIN, name="root") as root:
        (tmp_path / "api" / "operators.json").write_text("?")
        for answer in (await root.get("/api/operators"), await give(root, "operators/add", name="olga", role="viewer")):
            assert refusal(answer)[:2] == (503, "fileUnreadable")
            assert str(tmp_path) not in answer.text


async def test_a_link_bears_the_name_by_which_people_find_the_server() -> None:
    public = serving(Journal, public_url="https://switchboard.example/")
    async with public as site, site.member(Role.ADMIN, name="root") as root:
        link = (await done(root, "operators/add", name="olga", role="viewer"))["link"]
        assert link.startswith("https://switchboard.example/#welcome=")
