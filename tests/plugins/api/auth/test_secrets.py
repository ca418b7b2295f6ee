"""No secret of a seeded set leaves the process: by an answer, event, log line, error, metric or file."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from kernel.commands import ConnectBot
from kernel.errors import Refused
from kernel.ids import BotId
from kernel.roles import Role
from kernel.testing import idle
from plugins.api.auth import operators
from plugins.journal import Journal
from plugins.metrics import Metrics
from plugins.steam import Steam
from plugins.tasks import Tasks
from tests.plugins.api.auth.test_sign_in import OURS, cheap_hashes
from tests.plugins.api.client import Site, serving

__all__ = ["cheap_hashes"]
SEED = 20260101
ACCOUNT = "76561199000000042"


class Seeded:
    """Secrets of every kind that the system is handed, each plain to recognise."""

    def __init__(self) -> None:
        draw = Random(SEED)
        text = "abcdefghijkmnpqrstuvwxyz23456789"
        self.words = ["".join(draw.choices(text, k=24)) for _ in range(8)]
        self.shared, self.identity = (base64.b64encode(draw.randbytes(20)).decode() for _ in range(2))
        self.steam_password, self.proxy_password, self.wrong, self.password, self.other, self.guess, self.token, _ = (
            self.words
        )
        self.revocation = f"R{draw.randrange(10**8):08d}"
        self.known: list[str] = [*self.words[:7], self.shared, self.identity, self.revocation]

    @property
    def ma_file(self) -> dict[str, Any]:
        return {
            "account_name": "trader",
            "shared_secret": self.shared,
            "identity_secret": self.identity,
            "revocation_code": self.revocation,
            "Session": {"SteamID": int(ACCOUNT)},
        }

    def bot(self, **changes: Any) -> dict[str, Any]:
        proxy = f"socks5://user:{self.proxy_password}@127.0.0.1:9"
        fields = {"maFile": self.ma_file, "proxyUrl": proxy, "password": self.steam_password}
        return {"kind": "AddBotFromMaFile", "payload": fields | changes}


async def every_answer(site: Site, browser: httpx.AsyncClient, seeded: Seeded, link: str) -> list[httpx.Response]:
    """Do with the secrets whatever can be done, well and badly."""
    post, answers = site.anna.post, []
    bad_bots = [
        seeded.bot(proxyUrl=f"ftp://user:{seeded.proxy_password}@x"),
        seeded.bot(maFile=json.dumps(seeded.ma_file)[:-1]),
        seeded.bot(maFile={**seeded.ma_file, "shared_secret": seeded.shared + "!"}),
        seeded.bot(password={"is": seeded.steam_password}),
        seeded.bot(label=[seeded.steam_password]),
        seeded.bot(extra=seeded.steam_password),
    ]
    answers += [await post("/api/command", json=bot) for bot in [*bad_bots, seeded.bot(), seeded.bot()]]
    answers.append(await post("/api/command", content=json.dumps(seeded.bot())[:-3]))
    bearer = {"authorization": f"Bearer {seeded.token}"}
    for path in ("/api/session", "/api/event-stream", f"/sign-in?token={seeded.token}", "/nowhere"):
        answers.append(await browser.get(path, headers=bearer))
    for name, password in (("olga", seeded.guess), ("nobody", seeded.guess), ("olga", seeded.wrong)):
        answers.append(await browser.post("/api/sign-in", json={"name": name, "password": password}, headers=OURS))
    forms = {
        "/api/sign-in": {"name": "olga", "password": [seeded.password]},
        "/api/welcome": {"link": link + "x", "password": seeded.password},
        "/api/password": {"current": seeded.password, "password": seeded.other},
    }
    answers += [await browser.post(path, json=form, headers=OURS) for path, form in forms.items()]
    answers.append(await browser.post("/api/welcome", json={"link": link, "password": seeded.password}, headers=OURS))
    change = {"current": seeded.wrong, "password": seeded.other}
    answers.append(await browser.post("/api/password", json=change, headers=OURS))
    answers.append(await browser.post("/api/password", json={**change, "current": seeded.password}, headers=OURS))
    seeded.known += [link, browser.cookies["switchboard"], site.token]
    for path in ("/metrics", "/healthz", "/readyz", "/api/session", "/api/openapi.json", "/api/blocks", "/"):
        answers.append(await site.anna.get(path))
        answers.append(await browser.get(path, headers=OURS))
    return answers


async def test_no_secret_leaves_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    seeded = Seeded()
    async with serving(Journal, Steam, Tasks, Metrics, data=tmp_path) as site, site.client() as browser:
        path = tmp_path / "api" / "operators.json"
        operators.add(path, "olga", Role.OPERATOR, 0)
        link = operators.invite(path, "olga", Role.OPERATOR, site.world.clock.now())
        answers = await every_answer(site, browser, seeded, link)
        (bot,) = site.world.state.bots.values()
        with pytest.raises(Refused):
            await site.world.ctx.execute(ConnectBot(bot_id=BotId("bot_none")))
        await site.world.ctx.execute(ConnectBot(bot_id=bot.id))  # through a proxy that is not there
        await idle()
        streams = [await snapshot(site.anna, {}), await snapshot(browser, OURS)]
    assert site.world.state.bots[bot.id].status == "disconnected", "it was tried, and told"

    ours = [r.getMessage() + (r.exc_text or "") for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    places = {
        "answers": [answer.text for answer in answers],
        "headers": [str(list(headers_without_our_cookie(answer))) for answer in answers],
        "streams": streams,
        "log": ours,
        "output": [*capsys.readouterr()],
        "files": everything_below(tmp_path),
    }
    assert len(seeded.known) == 13
    assert all(len(secret) >= 9 for secret in seeded.known)
    assert sum(map(len, places["streams"])) > 500
    for place, texts in places.items():
        for secret in seeded.known:
            assert not [text for text in texts if secret in text], f"{secret} is in the {place}"


def everything_below(folder: Path) -> list[str]:
    return [file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()]


async def snapshot(http: httpx.AsyncClient, headers: dict[str, str]) -> str:
    async with http.stream("GET", "/api/event-stream", headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                return line
    raise AssertionError("no snapshot came")


def headers_without_our_cookie(answer: httpx.Response) -> Iterator[tuple[str, str]]:
    """A browser's cookie is said to it, and to nobody else."""
    return ((name, value) for name, value in answer.headers.multi_items() if name != "set-cookie")
