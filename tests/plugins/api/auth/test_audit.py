"""The audit: what people did from outside, what they were refused, and who may read it."""

from __future__ import annotations

import asyncio
import csv
import getpass
import io
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from kernel.clock import HOUR, MINUTE
from kernel.events import AuditRecorded, EventWithheld
from kernel.roles import Role
from kernel.testing import FakeTransport
from plugins.api.auth.audit import subject_of
from plugins.api.auth.lockouts import ACCOUNT_FREE, UNKNOWN
from plugins.contact_policy import ContactPolicy
from plugins.journal import Journal
from plugins.tasks import Tasks
from tests.plugins.api.auth.test_sign_in import OURS, SECRET, add, cheap_hashes, sign_in
from tests.plugins.api.cli.test_tokens import switchboard
from tests.plugins.api.client import Mirror, Site, serving
from tests.plugins.api.test_commands import TASK, Words

__all__ = ["cheap_hashes"]
WORD = {"kind": "AddStopWord", "payload": {"word": "enough"}}


async def audit(http: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    answer = await http.get("/api/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()["records"]
    return records


async def test_who_did_what_when_and_from_where_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    async with serving(Journal, Words, Tasks, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        task = (await site.command("CreateTask", TASK)).json()["id"]
        on_disk = (tmp_path / "journal" / "events.ndjson").read_text()
        assert '"audit.recorded"' in on_disk

        (record,) = await audit(admin)
        assert {name: record[name] for name in ("actor", "action", "result", "address", "via", "subject")} == {
            "actor": "operator:anna",
            "action": "CreateTask",
            "result": "ok",
            "address": "127.0.0.1",
            "via": "token anna",
            "subject": task,
        }
        assert record["ts"] == site.world.clock.now()


async def test_a_refusal_is_in_it_and_what_never_was_a_command_is_not(tmp_path: Path) -> None:
    async with serving(Journal, Words, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        async with site.member(Role.VIEWER, name="vera") as vera:
            await vera.post("/api/command", json=WORD)
        await site.command("AddStopWord", {"word": ""})
        await site.command("MakeTea")
        await site.anna.post("/api/command", json={**WORD, "dryRun": True})
        await site.command("CreateTask", TASK)  # which nobody carries out here

        (record,) = await audit(admin)
        assert (record["actor"], record["action"], record["result"]) == ("operator:vera", "AddStopWord", "roleTooLow")


async def test_a_command_that_comes_twice_is_recorded_as_done_once_and_each_repeat_as_one(tmp_path: Path) -> None:
    async with serving(Journal, Words, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        for _ in range(3):
            assert (await site.anna.post("/api/command", json={**WORD, "id": "cmd_1"})).status_code == 200

        assert [record["result"] for record in await audit(admin)] == ["repeated", "repeated", "ok"]
        assert await audit(admin, result="refused") == []


async def test_an_id_that_stands_for_something_else_is_refused_and_in_it_whoever_asks(tmp_path: Path) -> None:
    async with (
        serving(Journal, ContactPolicy, Tasks, data=tmp_path) as site,
        site.member(Role.ADMIN, name="olga") as olga,
    ):
        assert (await site.command("CreateTask", TASK, id="cmd_1")).status_code == 200
        others: list[tuple[httpx.AsyncClient, str, dict[str, str]]] = [
            (site.anna, "CreateTask", {**TASK, "item": "another"}),
            (olga, "CreateTask", TASK),
            (site.anna, "ResumeContact", {}),
        ]
        for who, kind, payload in others:
            answer = await who.post("/api/command", json={"kind": kind, "payload": payload, "id": "cmd_1"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idReused")
        assert (await site.command("PauseContact", {"reason": "now"}, id="cmd_1")).json() == {"ok": True}

        assert site.world.state.contact.paused
        assert [(r["actor"], r["action"], r["result"]) for r in reversed(await audit(olga))] == [
            ("operator:anna", "CreateTask", "ok"),
            ("operator:anna", "CreateTask", "idReused"),
            ("operator:olga", "CreateTask", "idReused"),
            ("operator:anna", "ResumeContact", "idReused"),
            ("operator:anna", "PauseContact", "ok"),
        ]
        assert len(site.world.state.tasks) == 1


async def test_signing_in_and_out_is_in_it_and_so_is_whoever_tried(tmp_path: Path) -> None:
    async with serving(Journal, data=tmp_path) as site, site.client() as browser, site.member(Role.ADMIN) as admin:
        add(site, "olga")
        await sign_in(browser, "olga", "wrong")
        await sign_in(browser, "<script>alert(1)</script>", "wrong")
        await sign_in(browser, "olga")
        await browser.post("/api/password", json={"current": "wrong", "password": SECRET}, headers=OURS)
        await browser.post("/api/sign-out", json={"everywhere": True}, headers=OURS)
        await browser.get("/sign-in", params={"token": site.token})
        await browser.get("/sign-in", params={"token": "swb_of_nobody"})
        await browser.post("/api/welcome", json={"link": "of nobody", "password": SECRET}, headers=OURS)
        for _ in range(ACCOUNT_FREE):
            await sign_in(browser, "nobody", "wrong")
        assert (await sign_in(browser, "nobody", "wrong")).status_code == 429
        told = [(r["actor"], r["action"], r["result"], r["subject"]) for r in reversed(await audit(admin))]

        assert told == [
            ("stranger", "SignIn", "badCredentials", "olga"),
            ("stranger", "SignIn", "badCredentials", UNKNOWN),
            ("operator:olga", "SignIn", "ok", None),
            ("operator:olga", "ChangePassword", "badCredentials", None),
            ("operator:olga", "SignOutEverywhere", "ok", None),
            ("operator:anna", "SignInByLink", "ok", None),
            ("stranger", "SignInByLink", "unauthorized", None),
            ("stranger", "ChoosePassword", "badLink", None),
            *[("stranger", "SignIn", "badCredentials", UNKNOWN)] * ACCOUNT_FREE,
            ("stranger", "SignIn", "tooManyAttempts", UNKNOWN),
        ]


async def test_a_password_that_is_typed_as_the_name_is_kept_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    typed = ("Tr0ub4dor", "Tr0ub4dor & 3", "Tr0ub4dor\n", "x" * 80 + "Tr0ub4dor")
    async with serving(Journal, data=tmp_path) as site, site.client() as browser, site.member(Role.ADMIN) as admin:
        for name in typed[:3]:
            for _ in range(ACCOUNT_FREE):
                assert (await sign_in(browser, name, "olga")).status_code == 401, "each name has its own tries"
            assert (await sign_in(browser, name, "olga")).status_code == 429, "as one that there is"
        assert (await sign_in(browser, typed[3], "olga")).status_code == 401
        (seen, *_) = [(await admin.get(path)).text for path in ("/api/blocks", "/api/audit")]

    assert UNKNOWN in seen
    assert "Tr0ub4dor" not in seen + caplog.text
    assert kept(tmp_path, b"Tr0ub4dor") == []


def kept(folder: Path, word: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word in path.read_bytes()]


async def test_what_is_changed_at_the_command_line_is_in_it_whether_the_system_ran_or_not(tmp_path: Path) -> None:
    def changed(*words: str) -> None:
        assert switchboard(*words, "--data", str(tmp_path)) == 0

    changed("operator", "add", "olga", "--role", "operator")
    changed("token", "create", "script", "--days", "1")
    changed("operator", "list")
    async with serving(Journal, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        changed("operator", "role", "olga", "viewer")
        changed("operator", "disable", "olga")
        changed("token", "revoke", "script")
        told = list(reversed(await audit(admin)))

        assert [(r["action"], r["subject"]) for r in told] == [
            ("AddOperator", "olga"),
            ("CreateToken", "script"),
            ("SetRole", "olga"),
            ("DisableOperator", "olga"),
            ("RevokeToken", "script"),
        ]
        assert {r["actor"] for r in told} == {f"shell:{getpass.getuser()}"}
        assert {r["via"] for r in told} == {"the command line"}
        assert all(abs(r["ts"] - time.time() * 1_000) < HOUR for r in told), "when it was done, not when it was read"
        assert len(await audit(admin)) == len(told), "each once"


async def test_it_is_narrowed_down_by_each_of_its_parts(tmp_path: Path) -> None:
    async with serving(Journal, Words, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        async with site.member(Role.OPERATOR, name="olga") as olga, site.member(Role.VIEWER, name="vera") as vera:
            for http in (olga, vera, site.anna):
                await http.post("/api/command", json=WORD)
                await site.world.clock.advance(MINUTE)
        await site.command("RemoveStopWord", {"word": "enough"})
        start = (await audit(admin))[-1]["ts"]

        async def count(**wanted: Any) -> int:
            return len(await audit(admin, **wanted))

        assert await count() == 4
        assert await count(actor="operator:olga") == 1
        assert await count(action="AddStopWord") == 3
        assert await count(result="refused") == await count(result="roleTooLow") == 1
        assert await count(subject="enough", result="ok") == 3
        assert await count(since=start + 1) == 3
        assert await count(until=start + MINUTE) == 1
        assert await count(address="10.0.0.1") == 0
        assert [r["action"] for r in await audit(admin, limit=1)] == ["RemoveStopWord"], "the newest"
        for wrong in ({"limit": 0}, {"limit": "many"}, {"format": "pdf"}, {"who": "anna"}):
            answer = await admin.get("/api/audit", params=wrong)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidFilter"), wrong


async def test_it_is_exported_in_lines_of_json_and_as_a_table_without_formulas(tmp_path: Path) -> None:
    async with serving(Journal, Words, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        await site.command("AddStopWord", {"word": '=HYPERLINK("evil")'})
        lines = await admin.get("/api/audit", params={"format": "ndjson"})
        table = await admin.get("/api/audit", params={"format": "csv", "action": "AddStopWord"})

        assert json.loads(lines.text)["subject"] == '=HYPERLINK("evil")'
        assert table.headers["content-disposition"] == "attachment; filename=audit.csv"
        assert table.headers["content-type"].startswith("text/csv")
        head, row = csv.reader(io.StringIO(table.text))
        assert dict(zip(head, row, strict=True))["subject"] == '\'=HYPERLINK("evil")'
        exports = await audit(admin, action="ExportAudit")
        assert [record["subject"] for record in exports] == ["csv", "ndjson"], "that is recorded too"


async def test_only_an_admin_reads_it_or_is_sent_it(tmp_path: Path) -> None:
    async with serving(Journal, Words, data=tmp_path) as site, site.member(Role.ADMIN) as admin:
        assert (await site.anna.get("/api/audit")).json()["error"]["code"] == "roleTooLow"
        async with site.member(Role.VIEWER, name="vera") as vera:
            seen = [await followed(site, http) for http in (vera, site.anna, admin)]
        outside, team, whole = seen
        assert AuditRecorded.kind not in outside + team
        assert EventWithheld.kind in outside
        assert EventWithheld.kind in team
        assert AuditRecorded.kind in whole
        assert EventWithheld.kind not in whole


async def followed(site: Site, http: httpx.AsyncClient) -> str:
    """What a client is sent while a command is given; fails when an event is missing."""
    mirror, said = Mirror(), []
    take = mirror.take

    def listen(event: str, data: str) -> None:
        said.append(data)
        take(event, data)

    mirror.take = listen  # type: ignore[method-assign]
    follow = asyncio.create_task(mirror.follow(http))
    await mirror.reach(site.world.state.seq)
    assert (await site.command("AddStopWord", {"word": f"word {len(said)}"})).status_code == 200
    await mirror.reach(site.world.state.seq)
    follow.cancel()
    await asyncio.wait({follow})
    return "\n".join(said)


async def test_without_a_journal_there_is_nothing_to_read(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(FakeTransport) as site, site.member(Role.ADMIN) as admin:
        answer = await admin.get("/api/audit")

        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "noJournal")


def test_no_field_of_a_command_that_may_hold_a_secret_or_a_text_is_its_subject() -> None:
    from decimal import Decimal

    from kernel import commands as c
    from kernel.ids import ChatId, SteamId64

    assert subject_of(c.SendMessage(chat_id=ChatId("chat_1"), text="hello")) == "chat_1"
    bot = c.AddBotFromMaFile(ma_file="secret", proxy_url="http://u:p@h:1", password="secret")
    assert subject_of(bot) is None
    assert subject_of(bot, "bot_1") == "bot_1"
    price = Decimal(1)
    player = SteamId64("76561198000000001")
    task = c.CreateTask(player=player, item="x", price_min=price, price_max=price, currency="USD")
    assert subject_of(task) == player
