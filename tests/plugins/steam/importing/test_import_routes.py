"""The routes of an import over HTTP: who may ask, what is forgotten, and that no answer holds a secret."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kernel.roles import Role
from plugins.steam import Steam
from plugins.steam.importing import imports
from tests.plugins.api.client import Site, serving

URL = "/api/plugins/steam/imports"
SECRET = base64.b64encode(bytes(range(20))).decode()
MAFILE = {"shared_secret": SECRET, "account_name": "alice", "Session": {"SteamID": "76561198012345679"}}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving(Steam) as running:
        yield running


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def begun(client: httpx.AsyncClient, **changes: Any) -> str:
    files = [{"name": "a.maFile", "content": encoded(json.dumps(MAFILE | changes))}]
    answer = await client.post(f"{URL}/files", json={"files": files})
    assert answer.status_code == 200
    return str(answer.json()["importId"])


async def planned(client: httpx.AsyncClient, import_id: str, **lists: str) -> list[dict[str, Any]]:
    form = {"importId": import_id} | {name: encoded(text) for name, text in lists.items()}
    state = (await client.post(f"{URL}/plan", json=form)).json()
    while state["stage"] == "reading":
        await asyncio.sleep(0)
        state = (await client.get(f"{URL}/state", params={"importId": import_id})).json()
    assert state["stage"] == "planned"
    rows: list[dict[str, Any]] = (await client.get(f"{URL}/rows", params={"importId": import_id})).json()["rows"]
    return rows


async def test_a_plan_can_be_made_anew_with_other_lists_and_tells_no_secret(site: Site) -> None:
    import_id = await begun(site.anna)

    (without,) = await planned(site.anna, import_id)
    (row,) = await planned(site.anna, import_id, passwords="alice:hunter2", proxies="10.0.0.1:1:bob:hunter3")

    assert (without["standing"], row["standing"]) == ("withoutPassword", "new")
    assert row["proxy"] == "http://bob:***@10.0.0.1:1"
    assert not any(secret in json.dumps([row, without]) for secret in (SECRET, "hunter"))
    assert not site.world.state.bots


async def test_an_import_is_its_callers_alone_and_a_developers(site: Site) -> None:
    import_id = await begun(site.anna)
    form = {"importId": import_id}

    async with site.member(Role.DEVELOPER, name="boris") as boris, site.member(Role.OPERATOR, name="olga") as olga:
        assert (await boris.get(f"{URL}/rows", params=form)).status_code == 404
        assert (await boris.post(f"{URL}/run", json=form)).json()["error"]["code"] == "import.notFound"
        assert (await olga.post(f"{URL}/files", json={"files": []})).status_code == 403


async def test_what_was_not_planned_is_not_carried_out_and_what_is_discarded_is_gone(site: Site) -> None:
    import_id = await begun(site.anna)
    form = {"importId": import_id}

    early = await site.anna.post(f"{URL}/run", json=form)
    await site.anna.post(f"{URL}/discard", json=form)
    late = await site.anna.get(f"{URL}/state", params=form)

    assert (early.status_code, early.json()["error"]["code"]) == (409, "import.notReady")
    assert late.status_code == 404


async def test_of_too_many_imports_the_oldest_is_forgotten(site: Site) -> None:
    first = await begun(site.anna)
    for _ in range(imports.MOST):
        last = await begun(site.anna)

    assert (await site.anna.get(f"{URL}/state", params={"importId": first})).status_code == 404
    assert (await site.anna.get(f"{URL}/state", params={"importId": last})).status_code == 200


async def test_a_plan_is_carried_out_with_the_labels_that_bots_are_given(site: Site) -> None:
    import_id = await begun(site.anna)
    await planned(site.anna, import_id, passwords="alice:hunter2", proxies="10.0.0.1:1")

    state = (await site.anna.post(f"{URL}/run", json={"importId": import_id, "labels": {"a.maFile": " spare "}})).json()
    while state["stage"] == "adding":
        await asyncio.sleep(0)
        state = (await site.anna.get(f"{URL}/state", params={"importId": import_id})).json()

    assert state["counts"] == {"added": 1}
    assert [bot.label for bot in site.world.state.bots.values()] == ["spare"]
    rows = (await site.anna.get(f"{URL}/rows", params={"importId": import_id})).json()["rows"]
    assert {row["botId"] for row in rows} == set(site.world.state.bots)
