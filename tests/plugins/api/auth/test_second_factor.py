"""Second factors over HTTP: set up, asked for at the sign-in, good once, guessed in vain, lost, and reset."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from kernel.clock import MINUTE, SECOND
from kernel.roles import Role
from kernel.testing import FakeTransport, ManualClock
from plugins.api.auth import operators, pending, tokens, totp
from plugins.api.auth.lockouts import ACCOUNT_FREE
from plugins.api.stream import streams
from plugins.journal import Journal
from tests.plugins.api.auth.test_secrets import everything_below
from tests.plugins.api.auth.test_sign_in import OURS, SECRET, add, cheap_hashes, sign_in, who
from tests.plugins.api.cli.test_operators import operator, roster
from tests.plugins.api.client import DEADLINE_S, Site, serving

__all__ = ["cheap_hashes"]


class Phone:
    """An authenticator app: it has read the QR code, and shows codes by its own clock."""

    def __init__(self, site: Site, uri: str) -> None:
        text = httpx.URL(uri).params["secret"]
        self.secret = base64.b32decode(text + "=" * (-len(text) % 8))
        self.text = text
        self._site = site

    def code(self, steps: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(self._site.world.clock.now()) + steps)

    async def next_code(self) -> str:
        await self._site.world.clock.advance(totp.STEP)
        return self.code()


async def give(http: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    return await http.post(f"/api/{path}", json=form, headers=OURS)


async def done(http: httpx.AsyncClient, path: str, **form: Any) -> dict[str, Any]:
    answer = await give(http, path, **form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def enrol(site: Site, browser: httpx.AsyncClient) -> tuple[Phone, list[str]]:
    """Set up codes in a browser that is signed in."""
    begun = await done(browser, "second-factor/begin")
    assert set("".join(begun["qr"])) == {"0", "1"}
    assert len({len(begun["qr"]), *map(len, begun["qr"])}) == 1, "it is a square"
    phone = Phone(site, begun["uri"])
    assert begun["secret"] == phone.text
    confirmed = await done(browser, "second-factor/confirm", code=phone.code())
    return phone, confirmed["recoveryCodes"]


async def half(http: httpx.AsyncClient, name: str = "olga") -> str:
    """The ticket of a sign-in whose password was right."""
    answer = await sign_in(http, name)
    body = answer.json()
    assert (body["ok"], body["next"], body["ways"]) == (True, "secondFactor", ["code"])
    assert "set-cookie" not in answer.headers, "a password alone is no session"
    return str(body["ticket"])


async def signed_in_with_phone(site: Site, browser: httpx.AsyncClient, name: str = "olga") -> tuple[Phone, list[str]]:
    add(site, name)
    await sign_in(browser, name)
    return await enrol(site, browser)


async def test_a_person_sets_up_codes_and_signs_in_with_password_and_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    async with serving(Journal, data=tmp_path) as site, site.client() as browser, site.client() as other:
        add(site, "olga")
        assert [(await sign_in(one, "olga")).json() for one in (browser, other)] == [{"ok": True}] * 2
        phone, codes = await enrol(site, browser)
        assert (await who(browser), await who(other)) == ("operator:olga", None), "the other browser proved no code"
        seen = (await browser.get("/api/second-factor", headers=OURS)).json()
        assert (seen["mode"], seen["ways"], seen["recoveryLeft"]) == ("optional", ["code"], 10)

        ticket = await half(other)
        assert "set-cookie" not in (await give(other, "sign-in/code", ticket=ticket, code="000000")).headers
        signed = await give(other, "sign-in/code", ticket=ticket, code=await phone.next_code())
        assert (signed.status_code, signed.json()) == (200, {"ok": True})
        assert await who(other) == "operator:olga"
        again = await give(other, "sign-in/code", ticket=ticket, code=await phone.next_code())
        assert refusal(again) == (401, "signInExpired"), "a ticket is good for one sign-in"

        async with site.member(Role.ADMIN, name="root") as root:
            records = (await root.get("/api/audit")).json()["records"]
            people = (await root.get("/api/operators")).json()["operators"]
        told = [(r["actor"], r["action"], r["result"], r["subject"]) for r in reversed(records)]
        assert told == [
            ("operator:olga", "SignIn", "ok", None),
            ("operator:olga", "SignIn", "ok", None),
            ("operator:olga", "SetSecondFactor", "ok", None),
            ("stranger", "SignIn", "badCode", "olga"),
            ("operator:olga", "SignIn", "ok", None),
        ]
        assert [(one["secondFactor"], one["recoveryLeft"]) for one in people] == [(["code"], 10)]
        places = [json.dumps([records, people, seen]), caplog.text, *capsys.readouterr()]
        places += everything_below(tmp_path)
        secrets = [phone.text, phone.secret.decode("latin-1"), base64.b64encode(phone.secret).decode(), ticket]
        for secret in [*secrets, *codes, *(one.replace("-", "") for one in codes)]:
            assert not [text for text in places if secret in text]
        assert (tmp_path / "api" / "key").stat().st_mode & 0o777 == 0o600


async def test_a_code_is_good_once_also_after_a_restart_and_so_is_that_of_the_step_before(tmp_path: Path) -> None:
    clock = ManualClock()
    async with serving(Journal, data=tmp_path, clock=clock) as site, site.client() as browser:
        phone, _ = await signed_in_with_phone(site, browser)
        await site.world.clock.advance(10 * totp.STEP)
        before, now = phone.code(-1), phone.code()
        answers = await asyncio.gather(
            *[give(browser, "sign-in/code", ticket=await half(browser), code=now) for _ in "ab"]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 401], "of two at once, one"
        assert [refusal(one) for one in answers if one.status_code == 401] == [(401, "codeUsed")]
        assert (await give(browser, "sign-in/code", ticket=await half(browser), code=before)).status_code == 200
        refused = await give(browser, "sign-in/code", ticket=await half(browser), code=before)
        assert refusal(refused) == (401, "codeUsed")
        old = await give(browser, "sign-in/code", ticket=await half(browser), code=phone.code(-3))
        assert refusal(old) == (401, "clockOff")
        ticket = await half(browser)
        now_at = site.world.clock.now()
        tokens.revoke(site.tokens, "anna")

    async with serving(Journal, data=tmp_path, clock=ManualClock(now_at)) as site, site.client() as browser:
        gone = await give(browser, "sign-in/code", ticket=ticket, code=phone.code(1))
        assert refusal(gone) == (401, "signInExpired"), "a half sign-in does not outlive the process"
        refused = await give(browser, "sign-in/code", ticket=await half(browser), code=now)
        assert refusal(refused) == (401, "codeUsed")
        assert (await give(browser, "sign-in/code", ticket=await half(browser), code=phone.code(1))).status_code == 200


async def test_whoever_knows_the_password_and_guesses_codes_is_locked_out_whatever_comes_between() -> None:
    async with serving(FakeTransport) as site, site.client() as owner, site.client() as thief:
        phone, codes = await signed_in_with_phone(site, owner)
        for _ in range(ACCOUNT_FREE):
            refused = await give(
                thief, "sign-in/code", ticket=await half(thief), code="000000"
            )  # a right password before
            assert refusal(refused) == (401, "badCode")
        ticket = (await sign_in(thief, "olga")).json()
        assert ticket["error"]["code"] == "tooManyAttempts", "the password does not wipe the wrong codes away"
        assert await who(owner) == "operator:olga", "its owner is not disturbed"
        assert refusal(await give(owner, "proof", code=codes[0]))[1] == "tooManyAttempts", "nor is that a way around"

        await site.world.clock.advance(30 * SECOND)
        kept = await half(thief)
        assert refusal(await give(thief, "sign-in/code", ticket=kept, code="000000")) == (401, "badCode")
        waiting = await give(thief, "sign-in/code", ticket=kept, code=phone.code())
        assert (waiting.status_code, waiting.json()["error"]["retryAfter"]) == (429, MINUTE), (
            "twice as long, right or not"
        )
        change = await give(owner, "password", current=SECRET, password="short")
        assert refusal(change) == (429, "tooManyAttempts")
        await site.world.clock.advance(MINUTE)
        assert (await give(thief, "sign-in/code", ticket=kept, code=phone.code())).status_code == 200


async def test_a_changed_password_that_is_refused_wipes_no_wrong_codes_away() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        await signed_in_with_phone(site, browser)
        for _ in range(ACCOUNT_FREE - 1):
            assert refusal(await give(browser, "proof", code="000000")) == (403, "badCode")
        weak = await give(browser, "password", current=SECRET, password="short")
        assert refusal(weak) == (400, "weakPassword")
        assert refusal(await give(browser, "proof", code="000000")) == (403, "badCode")
        assert refusal(await give(browser, "proof", code="000000")) == (429, "tooManyAttempts")


async def test_a_recovery_code_signs_in_once_and_is_in_the_audit_and_needs_no_key_of_ours() -> None:
    async with serving(Journal) as site, site.client() as browser, site.member(Role.ADMIN, name="root") as root:
        phone, codes = await signed_in_with_phone(site, browser)
        assert len(set(codes)) == 10
        first = await give(browser, "sign-in/code", ticket=await half(browser), code=codes[0].upper().replace("-", " "))
        assert first.status_code == 200
        again = await give(browser, "sign-in/code", ticket=await half(browser), code=codes[0])
        assert refusal(again) == (401, "badCode")
        records = (await root.get("/api/audit", params={"action": "UseRecoveryCode"})).json()["records"]
        assert [(one["result"], one["subject"]) for one in records] == [("ok", "olga")]

        (site.world.data / "api" / "key").rename(site.world.data / "api" / "key.lost")
        ticket = await half(browser)
        assert refusal(await give(browser, "sign-in/code", ticket=ticket, code=await phone.next_code())) == (
            503,
            "fileUnreadable",
        )
        assert (await give(browser, "sign-in/code", ticket=ticket, code=codes[1])).status_code == 200
        seen = (await browser.get("/api/second-factor", headers=OURS)).json()
        assert seen["recoveryLeft"] == 8
        renewed = await done(browser, "second-factor/recovery-codes")
        assert len(renewed["recoveryCodes"]) == 10
        old = await give(browser, "sign-in/code", ticket=await half(browser), code=codes[2])
        assert refusal(old) == (401, "badCode"), "those before are void"


async def test_a_lost_phone_is_reset_by_another_admin_or_at_the_command_line_and_all_sessions_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.02)
    async with (
        serving(Journal, data=tmp_path) as site,
        site.client() as browser,
        site.member(Role.ADMIN, name="root") as root,
    ):
        await signed_in_with_phone(site, browser)
        assert refusal(await give(browser, "operators/reset-second-factor", name="olga")) == (403, "roleTooLow")
        async with browser.stream("GET", "/api/event-stream", headers=OURS) as stream, asyncio.timeout(DEADLINE_S):
            lines = stream.aiter_lines()
            await anext(lines)
            await done(root, "operators/reset-second-factor", name="olga")
            with pytest.raises(httpx.HTTPError):  # cut off
                async for _ in lines:
                    pass
        assert await who(browser) is None
        assert refusal(await give(root, "operators/reset-second-factor", name="olga")) == (409, "noSecondFactor")

        assert (await sign_in(browser, "olga")).json() == {"ok": True}, "by the password alone"
        await enrol(site, browser)
        assert operator(tmp_path, "reset-second-factor", "olga") == 0
        assert await who(browser) is None
        assert operator(tmp_path, "reset-second-factor", "olga") == 1, "there is none any more"
        records = (await root.get("/api/audit", params={"action": "ResetSecondFactor"})).json()["records"]
        told = [(one["actor"].partition(":")[0], one["result"], one["subject"]) for one in records]
        assert told == [
            ("shell", "ok", "olga"),
            ("operator", "noSecondFactor", "olga"),
            ("operator", "ok", "olga"),
            ("operator", "roleTooLow", "olga"),
        ]


async def test_where_it_is_required_nobody_of_the_role_comes_in_without_one() -> None:
    required = serving(FakeTransport, second_factor="required")
    async with required as site, site.client() as browser, site.client() as other:
        path = add(site, "dina", Role.DEVELOPER)
        add(site, "olga", Role.OPERATOR)
        assert (await sign_in(other, "olga")).json() == {"ok": True}, "her role takes none"
        body = (await sign_in(browser, "dina")).json()
        assert (body["next"], await who(browser)) == ("enrolment", None)
        ticket = body["ticket"]
        assert refusal(await give(browser, "sign-in/code", ticket=ticket, code="000000")) == (401, "noSecondFactor")
        begun = await done(browser, "sign-in/enrol", ticket=ticket)
        phone = Phone(site, begun["uri"])
        assert refusal(await give(browser, "sign-in/enrolled", ticket=ticket, code=phone.code(9))) == (403, "clockOff")
        assert refusal(await give(browser, "sign-in/enrolled", ticket=ticket, code="000000")) == (403, "badCode")
        rival = (await sign_in(other, "dina")).json()["ticket"]
        enrolled = await done(browser, "sign-in/enrolled", ticket=ticket, code=phone.code())
        assert len(enrolled["recoveryCodes"]) == 10
        assert await who(browser) == "operator:dina"
        assert refusal(await give(other, "sign-in/enrol", ticket=rival)) == (401, "signInExpired"), "it was before"
        later = await half(other, "dina")
        assert refusal(await give(other, "sign-in/enrol", ticket=later)) == (409, "secondFactorRequired"), (
            "no way around"
        )
        assert refusal(await give(other, "sign-in/enrolled", ticket=later, code=phone.code())) == (
            409,
            "secondFactorRequired",
        )
        assert refusal(await give(browser, "second-factor/remove")) == (409, "secondFactorRequired")

        operators.alter(path, "olga", operators.with_role(Role.ADMIN))
        assert await who(other) is None, "the role has changed, and takes one from now on"
        assert (await sign_in(other, "olga")).json()["next"] == "enrolment"
        link = operators.renew_link(path, "olga", site.world.clock.now())
        assert (await give(other, "welcome", link=link, password=SECRET)).json()["next"] == "enrolment"


async def test_a_one_time_link_for_a_forgotten_password_is_no_way_around_the_second_factor() -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as other:
        phone, _ = await signed_in_with_phone(site, browser)
        path = site.world.data / "api" / "operators.json"
        link = operators.renew_link(path, "olga", site.world.clock.now())
        answer = await done(other, "welcome", link=link, password="another horse battery")
        assert (answer["next"], await who(other), await who(browser)) == ("secondFactor", None, None)
        await done(other, "sign-in/code", ticket=answer["ticket"], code=await phone.next_code())
        assert await who(other) == "operator:olga"


async def test_a_half_sign_in_ends_with_time_and_with_the_account() -> None:
    async with serving(FakeTransport) as site, site.client() as browser, site.client() as other:
        phone, _ = await signed_in_with_phone(site, browser)
        path = site.world.data / "api" / "operators.json"
        late, cut = await half(other), await half(other)
        await site.world.clock.advance(pending.LASTS + 1)
        assert refusal(await give(other, "sign-in/code", ticket=late, code=phone.code())) == (401, "signInExpired")
        for change in (operators.disable, operators.sign_out):
            cut = await half(other)
            operators.alter(path, "olga", change)
            assert refusal(await give(other, "sign-in/code", ticket=cut, code=phone.code())) == (401, "signInExpired")
            operators.alter(path, "olga", operators.enable)
        for ticket in ("", "x", cut[:-1], cut + "="):
            assert refusal(await give(other, "sign-in/code", ticket=ticket, code=phone.code())) == (
                401,
                "signInExpired",
            )


async def test_whoever_has_a_new_phone_reads_a_new_code_and_the_old_phone_is_good_no_more() -> None:
    async with serving(FakeTransport) as site, site.client() as browser:
        old, codes = await signed_in_with_phone(site, browser)
        assert refusal(await give(browser, "second-factor/confirm", code=old.code())) == (409, "notBegun")
        new, new_codes = await enrol(site, browser)
        assert set(codes).isdisjoint(new_codes)
        ticket = await half(browser)
        assert refusal(await give(browser, "sign-in/code", ticket=ticket, code=await old.next_code())) == (
            401,
            "badCode",
        )
        assert refusal(await give(browser, "sign-in/code", ticket=ticket, code=codes[0])) == (401, "badCode")
        await done(browser, "sign-in/code", ticket=ticket, code=new.code())
        await done(browser, "second-factor/remove")
        assert (await sign_in(browser, "olga")).json() == {"ok": True}
        assert refusal(await give(browser, "second-factor/remove")) == (409, "noSecondFactor")


async def test_one_persons_sealed_secret_is_no_use_to_another(tmp_path: Path) -> None:
    async with serving(FakeTransport, data=tmp_path) as site, site.client() as browser, site.client() as other:
        await signed_in_with_phone(site, browser)
        theirs, _ = await signed_in_with_phone(site, other, "vera")
        kept = roster(tmp_path).known("vera").second_factor
        operators.alter(
            tmp_path / "api" / "operators.json", "olga", lambda one: operators.replace(one, second_factor=kept)
        )
        refused = await give(other, "sign-in/code", ticket=await half(other), code=await theirs.next_code())
        assert refusal(refused) == (503, "fileUnreadable")
        assert str(tmp_path) not in refused.text


async def test_switched_off_it_is_asked_of_nobody(tmp_path: Path) -> None:
    async with serving(Journal, data=tmp_path) as site, site.client() as browser:
        await signed_in_with_phone(site, browser)
        tokens.revoke(site.tokens, "anna")
    async with serving(Journal, data=tmp_path, second_factor="off") as site, site.client() as browser:
        assert (await sign_in(browser, "olga")).json() == {"ok": True}
        assert (await browser.get("/api/second-factor", headers=OURS)).json() == {"mode": "off"}
        assert refusal(await give(browser, "second-factor/begin")) == (409, "secondFactorOff")


async def test_a_token_has_no_second_factor(tmp_path: Path) -> None:
    async with serving(FakeTransport) as site:
        for path in ("begin", "confirm", "remove", "recovery-codes"):
            form = {"code": "000000"} if path == "confirm" else {}
            answer = await site.anna.post(f"/api/second-factor/{path}", json=form)
            assert refusal(answer) == (403, "notSignedInByPassword"), path
        assert refusal(await site.anna.get("/api/second-factor")) == (403, "notSignedInByPassword")
        assert refusal(await site.anna.post("/api/proof", json={"code": "000000"})) == (403, "notSignedInByPassword")
