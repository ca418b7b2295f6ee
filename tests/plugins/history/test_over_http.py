"""The past over HTTP: who may ask what, in pages that join without a gap, and as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random
from typing import Any

import apsw
import httpx
import pytest

from kernel.codec import decode_envelope, encode
from kernel.errors import Malformed
from kernel.events import AuditRecorded, ChatMessageReceived
from kernel.roles import Role
from kernel.testing import World
from plugins.history import History, words
from plugins.journal import Journal
from tests.histories import history
from tests.plugins.api.client import Site, serving
from tests.plugins.history.archives import rows
from tests.plugins.journal.folders import Folder

EVENTS = history(Random(23), 1_500)
PAGE = 30
URL = "/api/history"
STAGE_OF = {
    "task.traded": "traded",
    "task.settled": "settled",
    "task.reversed": "reversed",
    "task.fellThrough": "fellThrough",
}
SAID = (
    "Ещё есть AK-47 | Redline (Field-Tested)?",
    "=HYPERLINK(evil) продам ёлку",
    "The StatTrak™ one is 12.50, или йогурт",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose journal holds EVENTS, in which some players say SAID."""
    data = tmp_path_factory.mktemp("data")
    (data / "journal").mkdir()
    said = iter(SAID)
    events = []
    for event in EVENTS:
        line = json.loads(encode(event))
        if event.kind == ChatMessageReceived.kind and (text := next(said, None)) is not None:
            line["payload"]["message"]["text"] = text
        events.append(decode_envelope(json.dumps(line).encode()))
    Folder(data / "journal").write(events)
    return data


async def got(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"{URL}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pages(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All records, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = await got(client, path, limit=PAGE, **query)
        assert len(page["records"]) <= PAGE
        found += page["records"]
        if "next" not in page:
            return found
        query["before"] = page["next"]


async def test_the_past_over_http(folder: Path) -> None:
    async with (
        serving(Journal, History, data=folder) as site,
        site.member(Role.VIEWER) as vera,
        site.client() as stranger,
    ):
        await site.world.plugin(History).caught_up()
        await lists_join_without_a_gap(site, vera)
        await lines_are_found_by_their_words(vera)
        await one_chat_and_one_player_are_whole(site, vera)
        await files_are_safe_and_audited(site, vera)
        await what_may_not_or_is_none_is_refused(vera, stranger)
        await the_document_has_the_routes(site)
        await a_query_that_takes_too_long_is_ended_with_words(site, vera)


async def lists_join_without_a_gap(site: Site, vera: httpx.AsyncClient) -> None:
    path = site.world.plugin(History).follower.writer.path
    for of, table in (("tasks", "tasks"), ("chats", "chats"), ("messages", "messages")):
        found = await pages(vera, f"/{of}")
        numbers = [int(record["no"] if "no" in record else record["seq"]) for record in found]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) == len(set(numbers)) == rows(path, f"select count(*) from {table}")[0][0]
    tasks = await pages(vera, "/tasks")
    somebody = tasks[0]["playerSteamId64"]
    for query, keep in (
        ({"status": "failed"}, lambda t: t["status"] == "failed"),
        ({"stage": "talked"}, lambda t: "talkedAt" in t),
        ({"causedBy": "hand"}, lambda t: t.get("causedBy") == "hand"),
        ({"itemLike": "redl"}, lambda t: "Redline" in t["item"]),
        ({"item": "AK-47 | Redline"}, lambda t: t["item"] == "AK-47 | Redline"),
        ({"currency": "EUR"}, lambda t: False),
        ({"playerSteamId64": somebody}, lambda t: t["playerSteamId64"] == somebody),
        ({"createdSince": tasks[5]["createdAt"]}, lambda t: t["createdAt"] >= tasks[5]["createdAt"]),
        ({"priceFrom": "11", "priceTo": "20"}, lambda t: overlaps(t, 11, 20)),
    ):
        assert await pages(vera, "/tasks", **query) == [t for t in tasks if keep(t)], query
    status = await got(vera, "/status")
    assert (status["zone"], status.get("trouble"), status.get("behind", 0) < 20) == ("UTC", None, True)


def overlaps(task: dict[str, Any], low: float, high: float) -> bool:
    agreed = task.get("agreedPrice")
    return float(agreed or task["priceMax"]) >= low and float(agreed or task["priceMin"]) <= high


async def lines_are_found_by_their_words(vera: httpx.AsyncClient) -> None:
    for query, found in (
        ("еще", [0]), ("ЁЛКУ", [1]), ("елк", [1]), ("AK-47", [0]), ('"AK-47 | Redline"', [0]), ("redline ak", [0]),
        ("field-tested", [0]), ("stattrak", [2]), ("12.50", [2]), ("йогу", [2]), ("иогурт", []), ("edlin", []),
        ('"redl"', []), ("redl ", []), ("re", []), ("evil) AND (", []), ("или* NEAR", []), ("evil", [1]),
    ):  # fmt: skip
        records = (await got(vera, "/messages", words=query))["records"]
        assert sorted(SAID.index(r["text"]) for r in records if r["text"] in SAID) == found, query
    for query in ("★", '"', "!?", "   ", "😀"):
        refused = await vera.get(f"{URL}/messages", params={"words": query})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "noWords"), query
    (line,) = (await got(vera, "/messages", words="stattrak"))["records"]
    assert {"seq", "id", "ts", "author", "from", "text", "chatId", "botId", "playerSteamId64"} <= line.keys()
    assert (await got(vera, "/messages", words="stattrak", playerSteamId64="76561198999999999"))["records"] == []
    assert len((await got(vera, "/messages", words="stattrak", chatId=line["chatId"]))["records"]) == 1


async def one_chat_and_one_player_are_whole(site: Site, vera: httpx.AsyncClient) -> None:
    chats = await pages(vera, "/chats")
    chat = max(chats, key=lambda one: one["lines"])
    page = await got(vera, "/chat", id=chat["id"], limit=3)
    seen = [page["messages"]]
    while "next" in page:
        page = await got(vera, "/chat", id=chat["id"], limit=3, before=page["next"])
        seen.insert(0, page["messages"])
    told = [line for part in seen for line in part]
    assert sorted(line["seq"] for line in told) == [line["seq"] for line in told]
    assert len({line["id"] for line in told}) == len(told) == chat["lines"]
    assert page["chat"] == chat
    live = site.world.state.chats.get(chat["id"])
    if live is not None:  # it has not left the state
        assert [line["text"] for line in told] == [message.text for message in live.messages]
        assert {note["id"] for note in page["notes"]} == {note.id for note in live.notes}

    player = chat["playerSteamId64"]
    entries = await pages(vera, "/timeline", playerSteamId64=player)
    assert [e["seq"] for e in entries] == sorted((e["seq"] for e in entries), reverse=True)
    assert len({(e["seq"], e["kind"]) for e in entries}) == len(entries)
    of_player = [c for c in chats if c["playerSteamId64"] == player]
    assert sum(e["kind"] == "message" for e in entries) == sum(c["lines"] for c in of_player)
    assert sum(e["kind"] == "chatStarted" for e in entries) == len(of_player)
    tasks = await pages(vera, "/tasks", playerSteamId64=player)
    assert sum(e["kind"] == "taskCreated" for e in entries) == len(tasks)
    assert sum(e["kind"] == "taskEnded" for e in entries) == sum("endedAt" in t for t in tasks)
    task = await got(vera, "/task", id=tasks[0]["id"])
    assert task["task"] == tasks[0]
    recorded = [json.loads(encode(e)) for e in EVENTS if e.kind in STAGE_OF]
    assert len({e["kind"] for e in recorded}) >= 3
    for of in {e["payload"]["taskId"] for e in recorded}:
        found = await got(vera, "/task", id=of)
        own = [e for e in recorded if e["payload"]["taskId"] == of]
        told = [(o["seq"], o["kind"], o["by"], o.get("note"), o.get("offerId")) for o in found["outcomes"]]
        facts = [(e, e["payload"]) for e in own]
        notes = [(p.get("note", p.get("detail")), p.get("offerId")) for _, p in facts]
        assert told == [(e["seq"], STAGE_OF[e["kind"]], e["actor"], *note) for e, note in zip(own, notes, strict=True)]
        entries = await pages(vera, "/timeline", playerSteamId64=found["task"]["playerSteamId64"])
        assert {e["seq"] for e in own} <= {e["seq"] for e in entries if e["kind"] == "outcome"}


async def files_are_safe_and_audited(site: Site, vera: httpx.AsyncClient) -> None:
    answer = await vera.get(f"{URL}/messages", params={"words": "evil", "format": "csv"})
    assert answer.headers["content-disposition"] == "attachment; filename=messages.csv"
    header, record = csv.reader(io.StringIO(answer.text))
    assert dict(zip(header, record, strict=True))["text"] == f"'{SAID[1]}", "no spreadsheet runs it"
    lines = (await vera.get(f"{URL}/tasks", params={"format": "ndjson"})).text.splitlines()
    assert [json.loads(line) for line in lines] == await pages(vera, "/tasks")
    for path, query in (("/timeline", {"playerSteamId64": json.loads(lines[0])["playerSteamId64"]}), ("/chats", {})):
        assert (await vera.get(f"{URL}{path}", params={**query, "format": "csv"})).text.count("\n") > 1
    days = {"firstDay": "2025-12-01", "lastDay": "2026-12-01"}
    report = await got(vera, "/report", **days)
    exported = await vera.get(f"{URL}/report", params={**days, "format": "csv", "table": "items"})
    table = list(csv.DictReader(io.StringIO(exported.text)))
    assert [(row["item"], row["agreed"]) for row in table] == [
        (i["item"], str(i["agreed"]["n"])) for i in report["items"]
    ]
    audited = [event for event in site.world.happened(AuditRecorded) if event.action.startswith("GET ")]
    assert audited[0].subject == "messages.csv"
    assert len(audited) == 5, "each file that was taken is in the audit"


async def what_may_not_or_is_none_is_refused(vera: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    for client, path, query, expected in (
        (stranger, "/tasks", {}, (401, "unauthorized")),
        (vera, "/audit", {}, (403, "roleTooLow")),
        (vera, "/chat", {"id": "chat_x"}, (404, "unknownChat")),
        (vera, "/task", {"id": "task_x"}, (404, "notInArchive")),
        (vera, "/tasks", {"limit": 201}, (400, "invalidForm")),
        (vera, "/tasks", {"before": -1}, (400, "invalidForm")),
        (vera, "/tasks", {"priceFrom": "NaN"}, (400, "invalidForm")),
        (vera, "/tasks", {"status": "gone"}, (400, "invalidForm")),
        (vera, "/tasks", {"color": "red"}, (400, "invalidForm")),
        (vera, "/tasks", {"createdSince": 1 << 70}, (400, "invalidForm")),
        (vera, "/chats", {"playerSteamId64": "me"}, (400, "invalidForm")),
        (vera, "/chats", {"playerSteamId64": "9" * 30}, (400, "invalidForm")),
        (vera, "/messages", {"words": "a" * 201}, (400, "tooManyWords")),
        (vera, "/messages", {"format": "xlsx"}, (400, "invalidForm")),
        (vera, "/report", {"firstDay": "2026-13-01"}, (400, "invalidRange")),
        (vera, "/nothing", {}, (404, "notFound")),
    ):
        answer = await client.get(f"{URL}{path}", params=query)
        assert (answer.status_code, answer.json()["error"]["code"]) == expected, (path, query)
    assert (await vera.post(f"{URL}/tasks", json={})).status_code == 405


async def the_document_has_the_routes(site: Site) -> None:
    await site.world.plugin(History).caught_up()
    async with site.member(Role.ADMIN) as boss:
        refused = (await got(boss, "/audit", result="refused"))["records"]
        assert {deed["result"] for deed in refused} == {"roleTooLow"}
        taken = (await got(boss, "/audit", actor="operator:viewer"))["records"]
        assert [deed["subject"] for deed in taken][-1] == "messages.csv"
    document = (await site.anna.get("/api/openapi.json")).json()
    routes = {path for path in document["paths"] if path.startswith(URL)}
    assert routes == {
        f"{URL}/{name}"
        for name in ("status", "tasks", "task", "chats", "chat", "messages", "timeline", "audit", "report")
    }
    media = document["paths"][f"{URL}/tasks"]["get"]["responses"]["200"]["content"]
    assert media.keys() == {"application/json", "text/csv", "application/x-ndjson"}


async def a_query_that_takes_too_long_is_ended_with_words(site: Site, vera: httpx.AsyncClient) -> None:
    readers = site.world.plugin(History).readers
    readers.seconds, readers.steps = -1.0, 1
    answer = await vera.get(f"{URL}/report", params={"firstDay": "2025-01-01", "lastDay": "2026-12-01"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queryTooLong")
    assert "Narrow it" in answer.json()["error"]["message"]
    readers.seconds, readers.steps = 5.0, 2_000
    assert (await vera.get(f"{URL}/tasks")).status_code == 200


async def test_nothing_but_reading_is_open_to_a_query(folder: Path) -> None:
    async with World(Journal, History, data=folder) as world:
        plugin = world.plugin(History)
        await plugin.caught_up()

        with pytest.raises(Exception, match="cannot be read just now"):
            await plugin.readers.ask(lambda db: db.execute("delete from messages"))


@pytest.mark.parametrize("text", ["", "\0", "★ ★", "\u0301"])
def test_no_word_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        words.query(text)


@pytest.mark.parametrize(
    "text", ['a"b', "a OR b", "col:x", "-x", "x*", "(x", 'NEAR("a b")', '"un"closed"', "x" * 200, "é\0x", "\ud800x"]
)
def test_whatever_is_typed_is_a_query_that_can_be_asked(text: str) -> None:
    db = apsw.Connection(":memory:")
    db.execute("create virtual table words using fts5(text)")

    db.execute("select * from words where words match ?", (words.query(text),)).fetchall()
