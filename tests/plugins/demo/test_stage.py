"""The simulator's folder as the demo reads it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from plugins.demo import stage

BOTS = ("76561199000000001", "76561199000000002")


def set_up(folder: Path) -> Path:
    """Two bots and two players, as the simulator writes them."""
    (folder / "mafiles").mkdir()
    for number, account in enumerate(BOTS):
        document = {"account_name": f"bot{number}", "shared_secret": "s3cret", "Session": {"SteamID": int(account)}}
        (folder / "mafiles" / f"{account}.maFile").write_text(json.dumps(document))
    (folder / "accounts.txt").write_text("bot0:pass:word\nbot1:other\n")
    ready = {
        "cmUrl": "wss://127.0.0.1:1",
        "players": [
            {"steamId64": "76561198000000001", "name": "Ann", "temperament": "talkative", "language": "en"},
            {"steamId64": "76561198000000002", "name": "Борис", "temperament": "silent", "language": "ru"},
        ],
        "proxies": [{"login": f"bot{n}", "proxyUrl": f"socks5h://bot{n}:s3cret@127.0.0.1:{1080 + n}"} for n in (0, 1)],
    }
    (folder / "ready.json").write_text(json.dumps(ready))
    return folder


def test_a_bot_comes_with_its_own_mafile_password_and_proxy(tmp_path: Path) -> None:
    staged = stage.read(set_up(tmp_path))

    assert [(bot.steam_id64, bot.login, bot.password) for bot in staged.bots] == [
        (BOTS[0], "bot0", "pass:word"),
        (BOTS[1], "bot1", "other"),
    ]
    assert json.loads(staged.bots[1].ma_file)["Session"]["SteamID"] == int(BOTS[1])
    assert staged.bots[1].proxy_url == "socks5h://bot1:s3cret@127.0.0.1:1081"
    assert [(player.steam_id64, player.language) for player in staged.players] == [
        ("76561198000000001", "en"),
        ("76561198000000002", "ru"),
    ]


def test_what_is_staged_shows_no_secret(tmp_path: Path) -> None:
    staged = repr(stage.read(set_up(tmp_path)))

    for secret in ("s3cret", "pass:word", "other"):
        assert secret not in staged


def test_a_folder_that_is_not_the_simulators_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stage.read(tmp_path)
    set_up(tmp_path)
    (tmp_path / "ready.json").write_text('{"players": 7}')
    with pytest.raises(msgspec.ValidationError):
        stage.read(tmp_path)
