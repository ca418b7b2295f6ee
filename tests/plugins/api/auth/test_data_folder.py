"""The data folder is renamed, or a file of it removed, while the server runs: that is an error and no first start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kernel.clock import HOUR
from kernel.roles import Role
from kernel.testing import FakeTransport
from plugins.api import Api
from plugins.api.auth import operators
from plugins.api.auth.callers import Caller
from plugins.api.stream import streams
from tests.plugins.api.auth.test_gate import Shop
from tests.plugins.api.auth.test_sign_in import OURS, SECRET, add, sign_in, who
from tests.plugins.api.auth.test_sign_in import cheap_hashes as cheap_hashes
from tests.plugins.api.client import DEADLINE_S, Mirror, Site, serving


class Folder:
    """The data folder, which is taken away and brought back."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.path = site.world.data
        self.elsewhere = self.path.with_name("moved")

    def take_away(self) -> None:
        self.path.rename(self.elsewhere)

    def bring_back(self) -> None:
        self.elsewhere.rename(self.path)


@asynccontextmanager
async def signed_in(data: Path, *plugins: type) -> AsyncIterator[tuple[Folder, httpx.AsyncClient]]:
    """A site in a folder of its own, and the browser of olga, an admin."""
    async with serving(*(plugins or (Shop,)), data=data / "data") as site, site.client() as browser:
        add(site, "olga", Role.ADMIN)
        assert (await sign_in(browser, "olga")).status_code == 200
        yield Folder(site), browser


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


async def api_check(site: Site) -> tuple[int, str]:
    """The status of /readyz, and what the api says there of itself."""
    async with site.client() as http:
        answer = await http.get("/readyz")
    return answer.status_code, next(one["detail"] for one in answer.json()["checks"] if one["name"] == "api")


async def looked(site: Site, times: int) -> None:
    """Return once it has been looked so often whether those who listen still may."""
    access = site.world.plugin(Api)._access
    holds, looks = access.holds, 0

    def counted(caller: Caller) -> bool:
        nonlocal looks
        looks += 1
        return holds(caller)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "holds", counted)
        async with asyncio.timeout(DEADLINE_S):
            while looks < times:  # noqa: ASYNC110 - nobody tells of a look
                await asyncio.sleep(0.001)


async def test_a_data_folder_that_is_renamed_is_said_to_whoever_asks_and_no_folder_is_made_in_its_place(
    tmp_path: Path,
) -> None:
    async with signed_in(tmp_path) as (folder, browser), folder.site.client() as stranger:
        site = folder.site
        folder.take_away()
        await site.world.plugin(Api)._audit.import_shell_changes()
        asked = [
            await site.command("PauseContact"),
            await sign_in(stranger, "olga"),
            await stranger.get("/sign-in", params={"token": site.token}),
            await browser.post("/api/tokens/create", json={"name": "new"}, headers=OURS),
            await browser.post("/api/operators/add", json={"name": "new", "role": "viewer"}, headers=OURS),
            await browser.post("/api/password", json={"current": SECRET, "password": SECRET * 2}, headers=OURS),
            await browser.get("/api/tokens", headers=OURS),
        ]
        told = {problem(answer) for answer in asked}

        assert {(status, code) for status, code, _ in told} == {(503, "dataFolderGone")}
        assert all("renamed, moved or taken away" in text and "Put it back" in text for _, _, text in told)
        assert str(tmp_path) not in "".join(answer.text for answer in asked)
        assert (await stranger.get("/api/session")).status_code == 401, "who shows nothing is asked for something"
        status, detail = await api_check(site)
        assert (status, "renamed, moved or taken away" in detail) == (503, True)
        assert (await stranger.get("/healthz", headers={"authorization": f"Bearer {site.token}"})).status_code == 200
        assert not folder.path.exists()
        folder.bring_back()

        assert (await site.command("PauseContact")).status_code == 200
        assert (await api_check(site))[0] == 200
        assert (await browser.get("/api/tokens", headers=OURS)).status_code == 200


async def test_whoever_is_signed_in_stays_signed_in_without_the_folder_and_their_streams_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "REVOCATION_CHECK_S", 0.01)
    async with signed_in(tmp_path) as (folder, browser):
        site, mirror = folder.site, Mirror()
        following = [asyncio.create_task(Mirror().follow(browser)), asyncio.create_task(mirror.follow(site.anna))]
        await mirror.reach(site.world.state.seq)
        folder.take_away()
        await looked(site, 4)

        assert not any(task.done() for task in following)
        assert await who(browser) == "operator:olga"
        paused = await browser.post("/api/command", json={"kind": "PauseContact", "payload": {}}, headers=OURS)
        assert paused.status_code == 200
        await mirror.reach(site.world.state.seq)
        await site.world.clock.advance(HOUR)  # the cookie is changed, though that cannot be kept
        for _ in range(3):
            assert await who(browser) == "operator:olga"
        folder.bring_back()
        assert await who(browser) == "operator:olga"
        for task in following:
            task.cancel()
        await asyncio.wait(following)


async def test_signing_out_without_the_folder_takes_effect_and_says_that_it_is_not_kept(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (folder, browser):
        folder.take_away()
        out = await browser.post("/api/sign-out", json={}, headers=OURS)

        assert problem(out)[:2] == (504, "notOnDiskYet")
        assert await who(browser) is None
        folder.bring_back()


@pytest.mark.parametrize("how", ["removed", "broken", "a loop"])
async def test_a_file_of_operators_that_is_lost_lets_none_of_them_in_and_is_not_begun_anew(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with signed_in(tmp_path) as (folder, browser), folder.site.member(Role.ADMIN, name="root") as admin:
        path = folder.path / "api" / "operators.json"
        good = path.read_bytes()
        path.unlink()
        if how == "broken":
            path.write_bytes(b"")
        elif how == "a loop":
            path.symlink_to(path)
        asked = [await sign_in(browser, "olga") for _ in range(3)]
        asked.append(await admin.post("/api/operators/add", json={"name": "new", "role": "viewer"}))

        assert {answer.status_code for answer in asked} == {503}
        assert all("api/operators.json of the data folder" in problem(answer)[2] for answer in asked)
        assert (await api_check(folder.site))[0] == 503
        assert (await folder.site.command("PauseContact")).status_code == 200, "tokens are in another file"
        assert (await browser.get("/api/session", headers=OURS)).status_code == (200 if how == "a loop" else 503)
        said = [record for record in caplog.records if record.levelname == "ERROR"]
        assert len(said) == 1, "it is said once"
        path.unlink(missing_ok=True)
        path.write_bytes(good)

        assert await who(browser) == "operator:olga", "nobody has been signed out"
        assert (await api_check(folder.site))[0] == 200


async def test_a_file_of_tokens_that_was_removed_takes_no_token_until_new_ones_are_made() -> None:
    async with serving(Shop) as site, site.client() as browser:
        await browser.get("/sign-in", params={"token": site.token})
        assert await who(browser) == "operator:anna"
        site.tokens.unlink()

        assert problem(await site.command("PauseContact"))[:2] == (503, "fileUnreadable")
        assert (await browser.get("/api/session", headers=OURS)).status_code == 503
        async with site.member(Role.VIEWER, name="new") as new:
            assert await who(new) == "operator:new"
            assert (await site.command("PauseContact")).status_code == 401
            assert await who(browser) is None


async def test_a_file_that_has_never_been_there_is_an_empty_one(tmp_path: Path) -> None:
    async with serving(FakeTransport, data=tmp_path / "data") as site, site.client() as http:
        assert (await sign_in(http, "olga")).status_code == 401
        folder = Folder(site)
        folder.take_away()
        assert (await sign_in(http, "olga")).status_code == 503
        folder.bring_back()
        assert (await sign_in(http, "olga")).status_code == 401
        operators.add(folder.path / "api" / "operators.json", "olga", Role.VIEWER, 0)
        assert (await api_check(site))[0] == 200


def test_the_command_line_says_that_there_is_no_such_data_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kernel.__main__ import main

    for line in ("token list", "operator list", "operator blocks", "operator unblock x", "token revoke x"):
        assert main([*line.split(), "--data", str(tmp_path / "mistyped")]) == 1, line
        assert "there is no data folder" in capsys.readouterr().err, line
    assert not list(tmp_path.iterdir())
