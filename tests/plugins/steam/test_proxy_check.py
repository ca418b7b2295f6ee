"""`switchboard proxies check` and its route, against a simulated Steam: what is told, and what the proxies saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kernel import commands as c
from kernel.__main__ import main
from kernel.roles import Role
from kernel.testing import ManualClock, idle
from plugins.steam import Steam, proxies_line, proxy_check
from plugins.steam.proxy_check import ProxyReport, exit_address, with_shared_exits
from plugins.steam_sim.directory import CM_LIST_PATH, EXIT_PATH
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from tests.plugins.api.client import Site, serving
from tests.plugins.steam_sim.keys import with_key

ROUTE = "/api/plugins/steam/proxy-check"


class Place(NamedTuple):
    """A running system on a simulated Steam of five bots."""

    site: Site
    simulation: Simulation
    ready: Ready

    def passwords(self) -> list[str]:
        return [bot.proxy_password for bot in self.simulation.accounts.bots]

    async def add(self, number: int) -> str:
        account = self.simulation.accounts.bots[number]
        text = (Path(self.ready.mafiles) / f"{account.steam_id64}.maFile").read_text()
        url = self.ready.proxies[number].proxy_url
        return str(
            await self.site.world.execute(c.AddBotFromMaFile(ma_file=text, proxy_url=url, password=account.password))
        )

    async def checked(self, **wanted: str) -> list[dict[str, Any]]:
        """All rows, once the check has ended."""
        answer = await self.site.anna.post(ROUTE, json=wanted)
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(20):
            state = answer.json()
            while state["running"]:
                await idle()
                state = (await self.site.anna.get(ROUTE)).json()
        assert state["done"] == state["total"] == len(state["rows"])
        assert not any(password in str(state) for password in self.passwords())
        return sorted(state["rows"], key=lambda row: (row.get("line", 0), row.get("botId", "")))


@asynccontextmanager
async def placed(folder: Path, *, exit_url: bool = True, **steam: object) -> AsyncIterator[Place]:
    simulation = with_key(Simulation(SimOptions(folder=folder / "sim", bots=5, players=0, seed=7), ManualClock()))
    ready = await simulation.start()
    table: dict[str, object] = {"directory_url": ready.directory_url, "ca_file": ready.ca_file, **steam}
    if exit_url:
        table["exit_url"] = ready.directory_url.replace(CM_LIST_PATH, EXIT_PATH)
    try:
        async with serving(Steam, config={"steam": table}) as site:
            yield Place(site, simulation, ready)
    finally:
        await simulation.stop()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path) as running:
        yield running


def strikes(place: Place, kind: FaultKind, number: int) -> None:
    account = place.simulation.accounts.bots[number].steam_id64
    place.simulation.faults.switch_on(Fault(kind, account=account))


async def test_each_proxy_of_a_list_is_tried_through_itself_and_told_by_its_line(place: Place) -> None:
    urls = [one.proxy_url for one in place.ready.proxies]
    strikes(place, FaultKind.PROXY_DENIES, 1)
    strikes(place, FaultKind.PROXY_REFUSES, 2)
    held = await place.add(3)

    rows = await place.checked(proxies="\n".join([*urls[:4], "# dead:", "hunter2", urls[0] + " # again"]))

    assert [(row["line"], row["ok"], row.get("code")) for row in rows] == [
        (1, True, None),
        (2, False, "proxy.credentialsRefused"),
        (3, False, "proxy.targetRefused"),
        (4, True, None),
        (6, False, "proxy.malformed"),
        (7, False, "proxyTaken"),
    ]
    assert [row.get("exit") for row in rows] == ["198.18.0.1", None, None, "198.18.0.4", None, None]
    assert rows[3]["botId"] == held and rows[0]["ms"] >= 0
    assert place.simulation.proxy.traffic["sim_bot_0001"].connections == 2  # the directory, and who tells addresses
    assert place.simulation.proxy.traffic["sim_bot_0005"].connections == 0


async def test_the_bots_own_proxies_are_checked_and_an_exit_nobody_tells_is_said_to_be_unknown(tmp_path: Path) -> None:
    async with placed(tmp_path, exit_url=False) as place:
        bots = [await place.add(number) for number in (0, 1)]
        await place.site.world.execute(c.ConnectBot(bot_id=bots[0]))  # type: ignore[arg-type]

        rows = {row["botId"]: row for row in await place.checked()}

    assert rows[bots[0]]["ok"] and rows[bots[0]]["exit"] == "198.18.0.1"
    assert rows[bots[1]]["ok"] and "exit" not in rows[bots[1]]
    assert "its exit address is not known" in rows[bots[1]]["told"]


async def test_two_proxies_with_one_exit_are_told_of_each_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place.simulation._egress, "address", lambda host, port: "198.18.9.9")

    rows = await place.checked(proxies="\n".join(one.proxy_url for one in place.ready.proxies[:2]))

    assert [(row["ok"], row["code"], row["told"]) for row in rows] == [
        (False, "proxy.sameExit", "It leaves by the same address as line 2."),
        (False, "proxy.sameExit", "It leaves by the same address as line 1."),
    ]


async def test_few_are_tried_at_a_time_and_a_second_check_has_to_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy_check, "AT_ONCE", 2)
    for number in range(5):
        strikes(place, FaultKind.PROXY_SILENT, number)
    text = "\n".join(one.proxy_url for one in place.ready.proxies)
    started = (await place.site.anna.post(ROUTE, json={"proxies": text})).json()
    assert (started["running"], started["total"], started["done"]) == (True, 5, 0)
    await asyncio.sleep(0.1)

    busy = await place.site.anna.post(ROUTE, json={})

    assert busy.status_code == 409 and busy.json()["error"]["code"] == "proxyCheckRunning"
    opened = [traffic.connections for traffic in place.simulation.proxy.traffic.values()]
    assert opened == [0] * 5  # a silent one has not gone on; and two are asked at most
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "steam: check a proxy"]) == 2


async def test_only_developers_may_check(place: Place) -> None:
    async with place.site.member(Role.OPERATOR) as operator:
        assert (await operator.post(ROUTE, json={})).status_code == 403
        assert (await operator.get(ROUTE)).status_code == 403


async def test_the_command_line_tells_each_proxy_and_ends_with_a_status(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITCHBOARD_TOKEN", place.site.token)
    monkeypatch.setattr(proxies_line, "LOOK_S", 0.02)
    monkeypatch.setattr(proxy_check, "SHOWN", 2)
    file = tmp_path / "proxies.txt"
    file.write_text("\n".join(one.proxy_url for one in place.ready.proxies), "utf-16")

    async def run(*arguments: str) -> int:
        return await asyncio.to_thread(main, ["proxies", "check", *arguments, "--url", place.site.url])

    assert await run(str(file)) == 0
    told = capsys.readouterr()
    assert told.out.count("ok ") == 5 and "198.18.0.5" in told.out and "5 ok, 0 failed" in told.err
    assert not any(password in told.out + told.err for password in place.passwords())

    strikes(place, FaultKind.PROXY_REFUSES, 0)
    assert await run(str(file)) == 1
    assert "FAILED" in capsys.readouterr().out
    assert await run() == 1  # no bots, nothing to check
    monkeypatch.setenv("SWITCHBOARD_TOKEN", "nobody")
    assert await run() == 1
    assert "SWITCHBOARD_TOKEN" in capsys.readouterr().err


def test_an_exit_is_shared_only_by_those_that_work() -> None:
    rows = [
        ProxyReport(proxy="a", ok=True, told="", line=1, exit="10.0.0.1"),
        ProxyReport(proxy="b", ok=False, told="down", line=2, exit="10.0.0.1"),
        ProxyReport(proxy="c", ok=True, told="", line=3),
    ]

    assert with_shared_exits(rows) == rows


@pytest.mark.parametrize("body", [b"", b"<html>", b"10.0.0", b"10.0.0.1 and more", b"\xff" * 300])
def test_what_is_no_address_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match="an address alone"):
        exit_address(body)
    assert exit_address(b' "2001:DB8::1"\n') == "2001:db8::1"
