"""Passkeys and security keys: added by name, asked for at the sign-in and as a proof, refused in every other form."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest

from kernel.clock import MINUTE
from kernel.errors import Conflict
from kernel.testing import FakeTransport
from plugins.api.auth.lockouts import ACCOUNT_FREE
from plugins.api.auth.security_keys import Site as PageSite
from plugins.journal import Journal
from tests.plugins.api.auth.authenticator import SoftKey, b64, unb64
from tests.plugins.api.auth.test_second_factor import Phone, done, enrol, give, refusal
from tests.plugins.api.auth.test_sign_in import OURS, add, cheap_hashes, sign_in, who
from tests.plugins.api.client import Site, serving

__all__ = ["cheap_hashes"]
HOME = "https://switchboard.example"


async def key_of(browser: httpx.AsyncClient, name: str = "blue one") -> tuple[SoftKey, dict[str, Any]]:
    """A new key of whoever is signed in."""
    key = SoftKey(HOME)
    options = (await done(browser, "second-factor/keys/options"))["options"]
    return key, await done(browser, "second-factor/keys/add", name=name, credential=key.create(options))


async def asked(http: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """A sign-in at its second step, and what a key is to sign for it."""
    body = (await sign_in(http, "olga")).json()
    assert "key" in body["ways"]
    return body["ticket"], (await done(http, "sign-in/key/options", ticket=body["ticket"]))["options"]


async def signed_in(site: Site, browser: httpx.AsyncClient) -> None:
    add(site, "olga")
    assert (await sign_in(browser, "olga")).status_code == 200


async def test_a_person_adds_a_key_signs_in_with_it_proves_by_it_and_removes_it() -> None:
    async with serving(Journal, public_url=HOME) as site, site.client() as browser:
        await signed_in(site, browser)
        key, added = await key_of(browser)
        assert len(added["recoveryCodes"]) == 10
        _, second = await key_of(browser, "green one")
        assert "recoveryCodes" not in second, "they were shown with the first"
        assert await who(browser) == "operator:olga", "who has proved more is not signed out"

        ticket, options = await asked(browser)
        assert {one["id"] for one in options["allowCredentials"]} >= {b64(key.id)}
        answer = key.get(options)
        assert (await give(browser, "sign-in/key", ticket=ticket, credential=answer)).status_code == 200
        listed = (await browser.get("/api/second-factor", headers=OURS)).json()
        assert (listed["ways"], [one["name"] for one in listed["keys"]]) == (["key"], ["blue one", "green one"])
        assert listed["keys"][0]["usedAt"] == site.world.clock.now()
        assert key.id.hex() not in str(listed)

        await site.world.clock.advance(6 * MINUTE)
        assert refusal(await give(browser, "second-factor/keys/remove", name="green one")) == (403, "proofNeeded")
        options = (await done(browser, "proof/key-options"))["options"]
        await done(browser, "proof/key", credential=key.get(options))
        await done(browser, "second-factor/keys/remove", name="green one")
        assert refusal(await give(browser, "second-factor/keys/remove", name="green one")) == (404, "noSuchKey")
        await done(browser, "second-factor/keys/remove", name="blue one")
        assert (await sign_in(browser, "olga")).json() == {"ok": True}, "there is none left"


async def test_what_a_key_has_signed_is_good_once_for_one_sign_in_at_one_site() -> None:
    async with serving(FakeTransport, public_url=HOME) as site, site.client() as browser, site.client() as other:
        await signed_in(site, browser)
        key, _ = await key_of(browser)
        ticket, options = await asked(other)
        answer = key.get(options)
        signature = bytearray(unb64(answer["response"]["signature"]))
        signature[-1] ^= 1
        forged = copy.deepcopy(answer)
        forged["response"]["signature"] = b64(bytes(signature))
        elsewhere = SoftKey("https://switchboard.example.evil")
        elsewhere._key, elsewhere.id, elsewhere.count = key._key, key.id, key.count
        stranger = SoftKey(HOME)
        for wrong in (forged, elsewhere.get(options), stranger.get(options)):
            assert refusal(await give(other, "sign-in/key", ticket=ticket, credential=wrong)) == (401, "keyRefused")
            assert refusal(await give(other, "sign-in/key", ticket=ticket, credential=answer)) == (409, "notBegun")
            await done(other, "sign-in/key/options", ticket=ticket)
        assert refusal(await give(other, "sign-in/key", ticket=ticket, credential=answer)) == (401, "keyRefused"), (
            "its time is over"
        )
        options = (await done(other, "sign-in/key/options", ticket=ticket))["options"]
        good = key.get(options)
        assert (await give(other, "sign-in/key", ticket=ticket, credential=good)).status_code == 200
        ticket, options = await asked(other)
        assert refusal(await give(other, "sign-in/key", ticket=ticket, credential=good)) == (401, "keyRefused")
        copied = SoftKey(HOME)
        copied._key, copied.id, copied.count = key._key, key.id, 0
        options = (await done(other, "sign-in/key/options", ticket=ticket))["options"]
        refused = await give(other, "sign-in/key", ticket=ticket, credential=copied.get(options))
        assert refused.status_code in (401, 429), "a copy counts from an earlier number"


async def test_wrong_answers_count_in_the_lockouts() -> None:
    async with serving(FakeTransport, public_url=HOME) as site, site.client() as browser, site.client() as thief:
        await signed_in(site, browser)
        await key_of(browser)
        ticket, _ = await asked(thief)
        for _ in range(ACCOUNT_FREE):
            options = (await done(thief, "sign-in/key/options", ticket=ticket))["options"]
            wrong = await give(thief, "sign-in/key", ticket=ticket, credential=SoftKey(HOME).get(options))
            assert refusal(wrong) == (401, "keyRefused")
        await done(thief, "sign-in/key/options", ticket=ticket)
        assert refusal(await give(thief, "sign-in/key", ticket=ticket, credential={}))[1] == "tooManyAttempts"


JUNK: list[Any] = [{}, [], "x", 7, None, {"id": "a"}, {"id": 1}, {"id": "é", "rawId": "é", "type": "public-key"}]


async def test_whatever_is_sent_in_the_place_of_a_credential_is_refused_and_no_bug() -> None:
    async with serving(FakeTransport, public_url=HOME) as site, site.client() as browser:
        await signed_in(site, browser)
        junk = [*JUNK]
        for response in (
            {},
            {"clientDataJSON": "AA", "attestationObject": "AA"},
            {"attestationObject": b64(b"\xa1\x01")},
        ):
            junk.append({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})
        for one in junk:
            await done(browser, "second-factor/keys/options")
            answer = await give(browser, "second-factor/keys/add", name="k", credential=one)
            assert refusal(answer) == (403, "keyRefused"), one
        assert "ways" not in (await browser.get("/api/second-factor", headers=OURS)).json()
        for name in ("", " ", "x" * 41):
            options = (await done(browser, "second-factor/keys/options"))["options"]
            answer = await give(browser, "second-factor/keys/add", name=name, credential=SoftKey(HOME).create(options))
            assert answer.json()["error"]["field"] == "name"


async def test_the_last_key_of_whoever_has_to_have_one_stays_and_codes_stand_beside_it() -> None:
    required = serving(FakeTransport, public_url=HOME, second_factor="required", second_factor_role="operator")
    async with required as site, site.client() as browser:
        add(site, "olga")
        ticket = (await sign_in(browser, "olga")).json()["ticket"]
        begun = await done(browser, "sign-in/enrol", ticket=ticket)
        phone = Phone(site, begun["uri"])
        await done(browser, "sign-in/enrolled", ticket=ticket, code=phone.code())
        _, added = await key_of(browser)
        assert "recoveryCodes" not in added
        assert (await sign_in(browser, "olga")).json()["ways"] == ["code", "key"]
        await done(browser, "second-factor/keys/remove", name="blue one")
        _, _ = await enrol(site, browser)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8040", "http://[::1]:8040", "https://192.0.2.7", "http://switchboard.example", ""]
)
def test_where_browsers_give_no_keys_the_reason_is_told(url: str) -> None:
    with pytest.raises(Conflict) as refused:
        PageSite.at(url)
    assert refused.value.code == "keysNotHere"


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("http://localhost:8040", "localhost", "http://localhost:8040"),
        ("https://Switchboard.example/", "switchboard.example", "https://Switchboard.example"),
        ("https://switchboard.example:8443", "switchboard.example", "https://switchboard.example:8443"),
    ],
)
def test_a_key_is_for_the_name_of_the_page(url: str, host: str, origin: str) -> None:
    assert PageSite.at(url) == (host, origin)
