"""`switchboard bots import` against a running system: what its user sees, and what it leaves behind."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from kernel.__main__ import main
from kernel.testing import ManualClock
from plugins.steam import Steam, mafile
from plugins.steam.running_system import RunningSystem
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from tests.plugins.api.client import Site, serving
from tests.plugins.steam_sim.keys import with_key


class Place(NamedTuple):
    """A running system on a simulated Steam of three bots, and the files of their owner."""

    site: Site
    ready: Ready
    proxies: Path

    @property
    def mafiles(self) -> list[Path]:
        return sorted(Path(self.ready.mafiles).glob("*.maFile"))

    @property
    def accounts(self) -> str:
        return Path(self.ready.accounts_file).read_text()

    async def imports(self, *more: str, folder: str | Sequence[str] = (), yes: bool = True) -> int:
        """The exit status of the command, run as a process would, beside the system's loop."""
        paths = [folder] if isinstance(folder, str) else [*folder] or [self.ready.mafiles]
        arguments = ["bots", "import", *paths, "--url", self.site.url]
        agreed = ["--yes"] if yes else []
        return await asyncio.to_thread(main, [*arguments, "--proxies", str(self.proxies), *agreed, *more])


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    simulation = with_key(Simulation(SimOptions(folder=tmp_path / "sim", bots=3, players=0, seed=7), ManualClock()))
    ready = await simulation.start()
    proxies = tmp_path / "proxies.txt"
    proxies.write_text("".join(f"{one.proxy_url}\n" for one in ready.proxies))
    steam = {"directory_url": ready.directory_url, "ca_file": ready.ca_file}
    try:
        async with serving(Steam, config={"steam": steam}) as site:
            monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
            yield Place(site, ready, proxies)
    finally:
        await simulation.stop()


async def test_a_folder_becomes_bots_and_a_second_import_changes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    passwords = ("--passwords", place.ready.accounts_file)

    assert await place.imports(*passwords) == 0
    first = capsys.readouterr()
    bots = list(place.site.world.state.bots)
    assert await place.imports() == 0

    assert len(bots) == 3
    assert first.out.count("added") == 3
    assert list(place.site.world.state.bots) == bots
    assert capsys.readouterr().out.count("known") == 3


async def test_a_file_that_cannot_become_a_bot_is_reported_and_the_rest_are_taken(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(place.ready.mafiles, folder)
    (folder / "broken.maFile").write_text("{")

    status = await place.imports("--passwords", place.ready.accounts_file, folder=str(folder))

    told = capsys.readouterr()
    assert status == 1
    assert "unusable        broken.maFile" in told.out
    assert "3 added, 1 unusable" in told.err


async def test_a_mini_mafile_costs_a_sign_in_that_tells_whose_it_is(place: Place, tmp_path: Path) -> None:
    whole = mafile.parse(place.mafiles[0].read_bytes())
    folder = tmp_path / "mini"
    folder.mkdir()
    secret = base64.b64encode(whole.shared_secret).decode()
    (folder / f"{whole.account_name}.maFile").write_text(f'{{"shared_secret": "{secret}"}}')

    assert await place.imports("--passwords", place.ready.accounts_file, folder=str(folder)) == 0
    assert await place.imports("--passwords", place.ready.accounts_file, folder=str(folder)) == 0

    (bot,) = place.site.world.state.bots.values()
    assert bot.steam_id64 == str(whole.steam_id64)


async def test_no_secret_is_in_the_report(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    await place.imports()  # without passwords, so that some are refused

    told = capsys.readouterr()
    assert "password" in told.out
    for proxy in place.ready.proxies:
        assert proxy.proxy_url not in told.out + told.err


async def test_a_missing_token_and_a_system_that_is_not_there_are_said_in_words(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SWITCHBOARD_TOKEN")
    assert await place.imports() == 1
    assert "SWITCHBOARD_TOKEN" in capsys.readouterr().err

    assert await place.imports("--url", "http://127.0.0.1:1") == 1
    assert "start the system" in capsys.readouterr().err


async def test_an_empty_folder_is_told_apart_from_one_that_was_imported(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert await place.imports(folder=str(empty)) == 1
    assert "no .maFile" in capsys.readouterr().err


async def test_nothing_is_done_before_somebody_says_yes(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passwords = ("--passwords", place.ready.accounts_file)

    dry = await place.imports(*passwords, "--dry-run", yes=False)
    unasked = await place.imports(*passwords, yes=False)

    told = capsys.readouterr()
    assert (dry, unasked) == (0, 1)
    assert told.out.count("new ") == 6
    assert "Give --yes" in told.err
    assert not place.site.world.state.bots


async def test_the_plan_and_the_summary_are_json_for_programs_and_are_saved(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passwords = ("--passwords", place.ready.accounts_file, "--json")

    await place.imports(*passwords, "--dry-run", yes=False)
    plan = json.loads(capsys.readouterr().out)
    await place.imports(*passwords, "--save", str(tmp_path / "out.csv"))
    summary = json.loads(capsys.readouterr().out)

    assert plan["counts"] == {"new": 3}
    assert summary["counts"] == {"added": 3}
    assert {row["botId"] for row in summary["rows"]} == set(place.site.world.state.bots)
    saved = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert saved.count("added") == 3
    accounts = place.accounts
    for secret in (line.partition(":")[2].strip() for line in accounts.splitlines()):
        assert secret not in saved + json.dumps(plan) + json.dumps(summary)


@pytest.mark.parametrize("shape", ["zip", "file"])
async def test_a_zip_and_single_files_are_taken_as_a_folder_is(place: Place, tmp_path: Path, shape: str) -> None:
    if shape == "zip":
        given = [shutil.make_archive(str(tmp_path / "mine"), "zip", place.ready.mafiles)]
    else:
        given = [str(path) for path in place.mafiles]

    assert await place.imports("--passwords", place.ready.accounts_file, folder=given) == 0

    assert len(place.site.world.state.bots) == 3


async def test_nothing_of_a_file_that_is_no_mafile_leaves_the_machine(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    answered = RunningSystem._answered

    def heard(self: RunningSystem, method: str, name: str, body: bytes | None) -> tuple[int, bytes]:
        sent.append(body or b"")
        return answered(self, method, name, body)

    monkeypatch.setattr(RunningSystem, "_answered", heard)
    folder = tmp_path / "mine"
    shutil.copytree(place.ready.mafiles, folder)
    (folder / "diary.txt").write_text("dear diary")

    assert await place.imports("--passwords", place.ready.accounts_file, folder=str(folder)) == 0

    assert "diary.txt" in capsys.readouterr().err
    assert base64.b64encode(b"dear diary").rstrip(b"=") not in b"".join(sent)


async def test_a_wrong_line_of_a_list_is_told_and_costs_no_other(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passwords = tmp_path / "passwords.txt"
    passwords.write_text("nothing\n" + place.accounts)
    place.proxies.write_text("hunter2 is no proxy\n" + place.proxies.read_text())

    assert await place.imports("--passwords", str(passwords)) == 0

    told = capsys.readouterr().err
    assert "line 1 of the passwords" in told
    assert "line 1 of the proxies" in told
    assert "hunter2" not in told
