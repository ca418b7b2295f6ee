"""The directory: where the CMs are, in both forms that clients ask for, and what time it is."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
import vdf  # type: ignore[import-untyped]

from plugins.steam_sim.directory import CM_LIST_PATH
from tests.plugins.steam_sim.steam import NOON, Steam


async def get(steam: Steam, path: str, method: str = "GET") -> httpx.Response:
    base = steam.ready.directory_url.removesuffix(CM_LIST_PATH)
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, base + path)


async def test_the_list_names_the_cm_as_json(steam: Steam) -> None:
    answer = (await get(steam, f"{CM_LIST_PATH}?cellid=0&cmtype=websockets&format=json&maxcount=20")).json()

    (server,) = answer["response"]["serverlist"]
    assert answer["response"]["success"] is True
    assert server["endpoint"] == urlsplit(steam.ready.cm_url).netloc
    assert (server["type"], server["realm"]) == ("websockets", "steamglobal")
    assert isinstance(server["load"], int)
    assert isinstance(server["wtd_load"], float)


async def test_the_list_is_the_same_in_vdf(steam: Steam) -> None:
    answer = await get(steam, "/ISteamDirectory/GetCMListForConnect/v0001/?cellid=0&cmtype=websockets&format=vdf")
    response = vdf.loads(answer.text)["response"]

    assert response["success"] == "1"
    assert response["serverlist"]["0"]["endpoint"] == urlsplit(steam.ready.cm_url).netloc
    assert response["serverlist"]["0"]["realm"] == "steamglobal"


async def test_there_are_no_tcp_servers(steam: Steam) -> None:
    answer = (await get(steam, f"{CM_LIST_PATH}?cmtype=netfilter")).json()

    assert answer["response"]["serverlist"] == []


async def test_the_time_is_the_one_that_codes_go_by(steam: Steam) -> None:
    answer = (await get(steam, "/ITwoFactorService/QueryTime/v1/", "POST")).json()

    assert answer["response"]["server_time"] == str(int(NOON))


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "GET", 404), ("/ISteamUser/Nothing/v1/", "GET", 404), (CM_LIST_PATH, "POST", 405)],
)
async def test_nothing_else_is_served(steam: Steam, path: str, method: str, status: int) -> None:
    assert (await get(steam, path, method)).status_code == status
