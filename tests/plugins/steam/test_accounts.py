"""Secrets are there as long as their bot is known, and no longer."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.clock import MINUTE
from kernel.errors import Unavailable
from kernel.events import BotAdded, BotRemoved, ErrorLogged
from kernel.ids import BotId, SteamId64
from kernel.testing import World, idle
from plugins.journal import Journal
from plugins.steam import Steam
from plugins.steam.secrets import SecretStore

MAFILE = json.dumps(
    {
        "account_name": "anna",
        "shared_secret": base64.b64encode(b"x" * 20).decode(),
        "identity_secret": base64.b64encode(b"y" * 20).decode(),
        "Session": {"SteamID": 76561199000000001},
    }
)
ADD = c.AddBotFromMaFile(ma_file=MAFILE, proxy_url="socks5h://u:s3cret@127.0.0.1:1080", password="pa55word")


def kept(folder: Path) -> list[Path]:
    return list(folder.rglob("*.secret"))


async def test_a_bot_whose_secrets_cannot_be_kept_is_not_added_and_may_be_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with World(Steam, data=tmp_path) as world:
        with monkeypatch.context() as patch:
            patch.setattr(SecretStore, "save", full)
            refused = await world.refusal(ADD, late=True)
        assert isinstance(refused, Unavailable)
        assert refused.code == "secretsNotSaved" and "No space left" in refused.message
        assert world.happened(ErrorLogged) == []

        assert await world.execute(ADD)


@pytest.mark.parametrize(
    "text", ["127.1:1080:u:other", "http://u:x@[::ffff:127.0.0.1]:1080", "u:x@LOCALHOST.:1080 # US"]
)
async def test_a_proxy_is_one_bots_however_it_is_written(tmp_path: Path, text: str) -> None:
    second = json.dumps({**json.loads(MAFILE), "account_name": "eve", "Session": {"SteamID": 76561199000000002}})
    async with World(Steam, data=tmp_path) as world:
        first = await world.execute(ADD)
        refused = await world.refusal(c.AddBotFromMaFile(ma_file=second, proxy_url=text, password="pw"))
        assert refused.code == "proxyTaken" and first in refused.message and refused.field == "proxyUrl"

        world.ctx.publish(BotRemoved(bot_id=first))
        assert await world.execute(c.AddBotFromMaFile(ma_file=second, proxy_url=text, password="pw"))


async def test_two_bots_of_an_earlier_version_with_one_proxy_are_told_at_the_start(tmp_path: Path) -> None:
    async with World(Journal, Steam, data=tmp_path) as world:
        for number, url in enumerate(("http://u:***@127.1:1080", "http://u:***@127.0.0.1:1080", "http://010.1.1.1:80")):
            account = SteamId64(str(76561199000000001 + number))
            world.ctx.publish(BotAdded(bot_id=BotId(f"bot_{number}"), steam_id64=account, proxy_url=url))

    async with World(Journal, Steam, data=tmp_path) as world:
        (told,) = world.happened(ErrorLogged)
        assert "bot_0 and bot_1 have one proxy" in told.message
        world.ctx.publish(BotRemoved(bot_id=BotId("bot_0")))
        refused = await world.refusal(ADD)
        assert "bot_1" in refused.message


async def test_secrets_outlive_their_bot_until_its_removal_is_on_disk(tmp_path: Path) -> None:
    async with World(Steam, data=tmp_path) as world:
        bot_id = await world.execute(ADD)
        world.system.commits.take_charge(world.state.seq)
        world.ctx.publish(BotRemoved(bot_id=bot_id))
        await idle()
        await asyncio.sleep(0.05)
        assert len(kept(tmp_path)) == 1

        world.system.commits.advance(world.state.seq)
        await world.system.stop()
        assert kept(tmp_path) == []


async def test_secrets_of_a_bot_that_was_removed_while_the_disk_refused_go_once_it_takes_the_removal(
    tmp_path: Path,
) -> None:
    async with World(Steam, data=tmp_path) as world:
        bot_id = await world.execute(ADD)
        world.system.commits.take_charge(world.state.seq)
        world.system.commits.fail("no space left")
        world.ctx.publish(BotRemoved(bot_id=bot_id))
        await world.clock.advance(MINUTE)
        assert len(kept(tmp_path)) == 1

        world.system.commits.advance(world.state.seq)
        await world.clock.advance(MINUTE)
        await asyncio.sleep(0.05)
        assert kept(tmp_path) == []
        assert world.happened(ErrorLogged) == []


async def test_secrets_of_a_removed_bot_go_at_the_next_start_and_those_of_an_unknown_one_stay(tmp_path: Path) -> None:
    async with World(Journal, Steam, data=tmp_path) as world:
        bot_id = await world.execute(ADD)
        held = kept(tmp_path)[0].read_bytes()
        world.ctx.publish(BotRemoved(bot_id=bot_id))
    assert kept(tmp_path) == []
    folder = tmp_path / "steam" / "secrets"
    for name in (bot_id, "bot_nobody_knows"):
        (folder / f"{name}.secret").write_bytes(held)

    async with World(Journal, Steam, data=tmp_path):
        await asyncio.sleep(0.1)
    assert [path.stem for path in kept(tmp_path)] == ["bot_nobody_knows"]


async def test_a_sign_in_of_a_bot_that_is_removed_meanwhile_is_broken_off(tmp_path: Path) -> None:
    waiting: list[asyncio.StreamWriter] = []
    held = await asyncio.start_server(lambda _, writer: waiting.append(writer), "127.0.0.1", 0)
    port = held.sockets[0].getsockname()[1]
    async with held, World(Steam, data=tmp_path) as world:
        command = c.AddBotFromMaFile(ma_file=MAFILE, proxy_url=f"socks5h://u:p@127.0.0.1:{port}", password="pw")
        bot_id = await world.execute(command)
        attempt = asyncio.create_task(world.ctx.execute(c.ConnectBot(bot_id=bot_id)))
        await idle()
        assert world.state.bots[bot_id].status == "connecting"
        world.ctx.publish(BotRemoved(bot_id=bot_id))
        async with asyncio.timeout(5):
            await attempt
        for writer in waiting:
            writer.close()

        assert world.happened(ErrorLogged) == []
