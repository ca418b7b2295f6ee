"""Step-up: what cannot be taken back is done for a person who has just shown once more who they are."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx
import pytest

from kernel.clock import MINUTE
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from plugins.api import Api
from plugins.api.auth.lockouts import ACCOUNT_FREE
from plugins.journal import Journal
from plugins.live_shell.commands import OpenLiveShell
from tests.plugins.api.auth.test_second_factor import done, enrol, give, refusal
from tests.plugins.api.auth.test_sign_in import OURS, SECRET, add, cheap_hashes, sign_in, who
from tests.plugins.api.client import Site, serving

__all__ = ["cheap_hashes"]

FORMS: Final[dict[str, dict[str, str]]] = {
    "operators/add": {"name": "nina", "role": "viewer"},
    "operators/link": {"name": "olga"},
    "operators/role": {"name": "olga", "role": "viewer"},
    "operators/reset-second-factor": {"name": "olga"},
    "tokens/create": {"name": "prices", "role": "viewer"},
}
EXPORTS: Final = ({"format": "csv"}, {"format": "ndjson"}, {"limit": "1001"})


class StubShell(Plugin[PluginConfig]):
    """Counts how often it is opened."""

    Config = PluginConfig
    opened = 0

    async def start(self) -> None:
        StubShell.opened = 0
        self.ctx.handle(OpenLiveShell, self._open)

    def _open(self, _: OpenLiveShell) -> str:
        StubShell.opened += 1
        return "connection.json"


async def ask(http: httpx.AsyncClient, **filter: str) -> httpx.Response:
    return await http.get("/api/audit", params=filter, headers=OURS)


async def grown_old(site: Site) -> None:
    """The last proof lies too far back."""
    await site.world.clock.advance(5 * MINUTE + 1)


async def admin(site: Site, browser: httpx.AsyncClient) -> None:
    add(site, "ada", Role.ADMIN)
    assert (await sign_in(browser, "ada")).status_code == 200


async def test_what_cannot_be_taken_back_takes_a_proof_of_the_last_five_minutes_and_is_then_done_once() -> None:
    async with serving(Journal, StubShell) as site, site.client() as browser:
        await admin(site, browser)
        path = add(site, "olga")
        await grown_old(site)
        before = path.read_bytes(), site.tokens.read_bytes()
        shell = {"id": "open-1", "kind": "OpenLiveShell", "payload": {}}
        for form, body in FORMS.items():
            assert refusal(await give(browser, form, **body)) == (403, "proofNeeded"), form
        for wanted in EXPORTS:
            assert refusal(await ask(browser, **wanted)) == (403, "proofNeeded"), wanted
        assert refusal(await give(browser, "command", **shell)) == (403, "proofNeeded")
        assert (path.read_bytes(), site.tokens.read_bytes(), StubShell.opened) == (*before, 0)
        assert (await ask(browser)).status_code == 200, "what is read on the page is no export"
        told = {(one["action"], one["result"]) for one in (await ask(browser, result="refused")).json()["records"]}
        assert ("CreateToken", "proofNeeded") in told
        assert ("OpenLiveShell", "proofNeeded") in told

        assert refusal(await give(browser, "proof", password="wrong")) == (403, "badCredentials")
        assert refusal(await give(browser, "tokens/create", name="prices")) == (403, "proofNeeded")
        await done(browser, "proof", password=SECRET)
        for _ in range(2):
            assert (await give(browser, "command", **shell)).status_code == 200, "the same id: it was refused, not done"
        assert StubShell.opened == 1
        for form, body in FORMS.items():
            answer = await give(browser, form, **body)
            assert answer.status_code == (409 if "reset" in form else 200), form
        for wanted in EXPORTS:
            assert (await ask(browser, **wanted)).status_code == 200
        exports = (await ask(browser, action="ExportAudit")).json()["records"]
        assert [one["subject"] for one in exports] == ["json", "ndjson", "csv"]
        await site.world.clock.advance(5 * MINUTE)
        assert (await ask(browser, format="csv")).status_code == 200
        await site.world.clock.advance(1)
        assert refusal(await ask(browser, format="csv")) == (403, "proofNeeded")


async def test_the_routes_that_take_a_proof_are_these() -> None:
    async with serving(Journal) as site:
        marked = {one.path for one in site.world.plugin(Api).endpoints if one.proof is not None}
        assert marked == {
            *(f"/api/{form}" for form in FORMS),
            "/api/audit",
            *(
                f"/api/second-factor/{path}"
                for path in ("begin", "keys/options", "keys/remove", "recovery-codes", "remove")
            ),
        }
        described = (await site.anna.get("/api/openapi.json")).json()["paths"]
        for path in marked:
            assert "proofNeeded" in json.dumps(described[path]), path


async def test_whoever_has_a_second_factor_proves_it_and_not_the_password() -> None:
    async with serving(Journal) as site, site.client() as browser:
        await admin(site, browser)
        phone, codes = await enrol(site, browser)
        await grown_old(site)
        wrong = await give(browser, "proof", password=SECRET)
        assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "code")
        assert refusal(await give(browser, "second-factor/remove")) == (403, "proofNeeded")
        change = await give(browser, "password", current=SECRET, password="another horse battery")
        assert refusal(change) == (403, "proofNeeded"), "a new password would be a fresh proof"
        used = phone.code()
        await done(browser, "proof", code=used)
        assert refusal(await give(browser, "proof", code=used)) == (403, "codeUsed")
        await done(browser, "tokens/create", name="prices")
        await grown_old(site)
        await done(browser, "proof", code=codes[3])
        assert refusal(await give(browser, "proof", code=codes[3])) == (403, "badCode")
        await done(browser, "password", current=SECRET, password="another horse battery")
        actions = [one["action"] for one in (await ask(browser, actor="operator:ada")).json()["records"]]
        assert actions[:2] == ["ChangePassword", "Prove"]
        assert "UseRecoveryCode" in actions


async def test_guesses_at_a_proof_are_locked_out_and_a_stolen_cookie_opens_nothing() -> None:
    async with serving(Journal) as site, site.client() as browser:
        await admin(site, browser)
        await grown_old(site)
        for n in range(ACCOUNT_FREE):
            assert refusal(await give(browser, "proof", password=f"guess {n}")) == (403, "badCredentials")
        assert refusal(await give(browser, "proof", password=SECRET)) == (429, "tooManyAttempts")
        assert refusal(await give(browser, "tokens/create", name="prices")) == (403, "proofNeeded")


@pytest.mark.parametrize("form", [{}, {"code": "123456"}, {"password": None}])
async def test_a_proof_that_is_none_is_said_beside_its_field(form: dict[str, Any]) -> None:
    async with serving(Journal) as site, site.client() as browser:
        await admin(site, browser)
        answer = await give(browser, "proof", **form)
        assert (*refusal(answer), answer.json()["error"]["field"]) == (400, "invalidForm", "password")


async def test_a_token_is_no_person_and_a_browser_that_came_by_its_link_opens_it_anew() -> None:
    async with serving(Journal) as site, site.client() as browser:
        root = site.member(Role.ADMIN, name="root")
        token = root.headers["authorization"].removeprefix("Bearer ")
        await site.world.clock.advance(60 * MINUTE)
        async with root:
            await done(root, "tokens/create", name="lab")
        await browser.get(f"/sign-in?token={token}")
        await done(browser, "tokens/create", name="lab2")
        await grown_old(site)
        assert refusal(await give(browser, "tokens/create", name="lab3")) == (403, "proofNeeded")
        assert refusal(await give(browser, "proof", password=SECRET)) == (403, "notSignedInByPassword")
        await browser.get(f"/sign-in?token={token}")
        await done(browser, "tokens/create", name="lab3")


async def test_a_proof_is_of_one_session_and_is_forgotten_with_the_process_and_lasts_as_long_as_is_set() -> None:
    async with serving(Journal, proof_minutes=1) as site, site.client() as browser, site.client() as other:
        await admin(site, browser)
        await sign_in(other, "ada")
        await site.world.clock.advance(MINUTE + 1)
        await done(browser, "proof", password=SECRET)
        assert refusal(await give(other, "tokens/create", name="lab")) == (403, "proofNeeded")
        site.world.plugin(Api)._access.proofs._at.clear()  # as a new process begins
        assert refusal(await give(browser, "tokens/create", name="lab")) == (403, "proofNeeded")
        assert await who(browser) == "operator:ada"
