"""Three hundred secrets in their real forms, put wherever one can be put, and looked for in all that comes out."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import httpx
import pytest
import zstandard

from kernel.__main__ import main
from kernel.roles import Role
from plugins.api.auth import operators, tokens, totp
from plugins.api.auth.tokens import Kind
from tests.e2e.secret_rows import ENVIRONMENT, FILES, REQUESTS, Asked, filled, key, word
from tests.kernel.test_redaction import SEEDED

CONFIG: Final = """
[kernel]
plugins = ["journal", "contact_policy", "tasks", "dialogue", "steam", "llm_agent", "metrics", "api", "leaky"]
plugin_folder = "plugins"
error_budget = 100000
[api]
port = 0
strangers_per_minute = 100000
[steam]
directory_url = "http://127.0.0.1:9/"
key = "env:BOTS_KEY"
[llm_agent]
model = "m"
base_url = "http://127.0.0.1:9/v1"
api_key = "env:MODEL_KEY"
"""
LEAKY: Final = '''
"""A plugin that tells whatever it is told, in every way that a plugin has."""
import json, os, pathlib
from kernel.codes import KernelRefusal
from kernel.errors import Conflict
from kernel.events import ErrorLogged
from kernel.hookspecs import Health, hookimpl
from kernel.plugin import Plugin
from kernel.roles import Role
from kernel.routes import Method, Nothing, Route

SAID = json.loads(pathlib.Path(os.environ["LEAKY"]).read_text())

class Leaky(Plugin):
    async def start(self):
        for number, said in enumerate(SAID):
            if number % 3 == 0:
                self.ctx.contain(f"task {number}", ValueError(said))
            elif number % 3 == 1:
                self.ctx.publish(ErrorLogged(source="leaky", message=said, detail=said))
            else:
                self.ctx.log.warning(f"{number} {said}")
        print("on standard output")

    @hookimpl
    def health(self):
        return Health("leaky", ok=True, detail=SAID[0] + SAID[40])

    @hookimpl
    def panel(self):
        raise ValueError(SAID[41])

    @hookimpl
    def routes(self):
        def refuse(_):
            raise Conflict(KernelRefusal.REJECTED, " ".join(SAID[50:60]))

        def fail(_):
            raise RuntimeError(SAID[42])

        one = dict(method=Method.GET, summary="x", role=Role.VIEWER, takes=Nothing, answers=Nothing)
        refusing = Route(path="/refuse", handler=refuse, raises=(Conflict,), **one)
        return (refusing, Route(path="/fail", handler=fail, **one))
'''
SEED: Final = 20261130
START_S: Final = 180.0
READS: Final = (
    *("/metrics", "/healthz", "/readyz", "/api/openapi.json", "/api/schema.json", "/api/panels", "/api/diagnose"),
    *(
        "/api/audit",
        "/api/audit?format=csv",
        "/api/audit?format=ndjson",
        "/api/operators",
        "/api/tokens",
        "/api/blocks",
    ),
    *("/api/plugins/leaky/refuse", "/api/plugins/leaky/fail", "/", "/api/session"),
)
COMMANDS: Final = (
    *("plugin list --url {url}", "token list --data {data}", "operator list --data {data}"),
    *("operator blocks --data {data}", "journal verify --data {data}", "check --config {config} --data {data}"),
    *("config show --config {config}", "config show --config {config} --json", "diagnose --url {url} --output -"),
    *("diagnose --data {data} --config {config} --output -", "token revoke {secret} --data {data}"),
    *("operator add {secret} --data {data}", "plugin enable {secret} --url {url}"),
)
"""What may be asked at the command line, `{secret}` where somebody has pasted one."""


class Place:
    """Folders, keys and a process of the product; `known` are all secrets, with where each was put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "switchboard.toml"
        self.chance = Random(SEED)
        self.told_back: set[str] = set()
        """What an answer may repeat to whoever sent it, and nothing else may."""
        self.known: dict[str, str] = dict(SEEDED)
        for name in ("plugins", "home", "tmp", "data", "data/api"):
            (folder / name).mkdir(mode=0o700)
        self.config.write_text(CONFIG)
        (folder / "plugins" / "leaky.py").write_text(LEAKY)
        (folder / "said.json").write_text(json.dumps([said for _, said in SEEDED]))
        self.environment = {**os.environ, "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
        self.environment |= {"LEAKY": str(folder / "said.json")}
        self.environment |= {name: filled(form, self.made(name)) for name, form in ENVIRONMENT.items()}
        self.environment["BOTS_KEY"] = base64.b64encode(self.chance.randbytes(32)).decode()
        self.known[self.environment["BOTS_KEY"]] = "BOTS_KEY"
        for name, form in FILES.items():
            path = folder / name
            path.write_text(filled(form, self.made(name)))
            path.chmod(0o600)
            self.environment[name] = str(path)
        path = self.data / "api" / "tokens.json"
        self.token = self.know("a token", tokens.create(path, "anna", Kind.OPERATOR, 0, role=Role.ADMIN))
        self.viewer = self.know("a token", tokens.create(path, "vi", Kind.OPERATOR, 0, role=Role.VIEWER))
        now = int(time.time() * 1_000)
        roster = self.data / "api" / "operators.json"
        self.link = self.know("a link", operators.invite(roster, "olga", Role.OPERATOR, now))
        self.password = self.made("a password")

    def know(self, where: str, secret: str) -> str:
        self.known[secret] = where
        return secret

    def made(self, where: str) -> str:
        return self.know(where, word(self.chance))

    @property
    def url(self) -> str:
        return (self.data / "api" / "address").read_text().strip()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        arguments = ["run", "--config", str(self.config), "--data", str(self.data), "--log-level", "debug"]
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "kernel", *arguments], stdout=out, stderr=err, env=self.environment
            )
        try:
            end = time.monotonic() + START_S
            while not (self.data / "api" / "address").exists():
                assert process.poll() is None and time.monotonic() < end, (self.folder / "stderr").read_text()
                time.sleep(0.02)
            yield process
            process.terminate()
            process.wait(START_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


async def every_answer(place: Place) -> list[str]:
    """Put each row's secret where it goes, and ask for whatever can be asked for."""
    headers = {"Authorization": f"Bearer {place.token}"}
    answers: list[httpx.Response] = []
    async with (
        httpx.AsyncClient(base_url=place.url, headers=headers, timeout=60, trust_env=False) as anna,
        httpx.AsyncClient(base_url=place.url, timeout=60, trust_env=False) as stranger,
    ):
        for row in REQUESTS:
            answers.append(await asked(place, row, anna if row.signed else stranger))
        ours = {"Sec-Fetch-Site": "same-origin"}
        welcome = {"link": place.link, "password": place.password}
        answers.append(await stranger.post("/api/welcome", json=welcome, headers=ours))
        place.know("a cookie", stranger.cookies["switchboard"])
        answers.append(await stranger.get("/api/session", headers=ours))
        answers += await with_second_factor(place, stranger, ours)
        made = await anna.post("/api/tokens/create", json={"name": "new"})
        place.know("a token", made.json()["token"])
        shared, identity = (place.know("a bot", key(place.chance)) for _ in range(2))
        whole = {"account_name": "trader", "shared_secret": shared, "identity_secret": identity}
        payload = {
            "maFile": {**whole, "revocation_code": "R48213", "Session": {"SteamID": 76561199000000777}},
            "proxyUrl": f"socks5h://user:{place.made('a proxy')}@127.0.0.1:9",
            "password": place.made("a bot's password"),
        }
        added = await anna.post("/api/command", json={"kind": "AddBotFromMaFile", "payload": payload})
        assert added.status_code == 200, added.text
        answers += [
            added,
            await anna.post("/api/command", json={"kind": "ConnectBot", "payload": {"botId": added.json()["id"]}}),
        ]
        for path in READS:
            answers += [await anna.get(path), await stranger.get(path)]
        texts = [answer.text for answer in answers]
        texts += [f"{name}: {value}" for one in answers for name, value in one.headers.items() if name != "set-cookie"]
        for token in (place.token, place.viewer):
            texts.append(await snapshot(anna, token))
    return texts


async def with_second_factor(place: Place, olga: httpx.AsyncClient, ours: dict[str, str]) -> list[httpx.Response]:
    """Set codes up, and sign in with a recovery code: each is shown once, in the answer to that, and not here."""

    async def give(path: str, **form: str) -> httpx.Response:
        return await olga.post(f"/api/{path}", json=form, headers=ours)

    seed = (await give("second-factor/begin")).json()["secret"]
    place.know("the seed of a second factor", seed)
    secret = base64.b32decode(seed + "=" * (-len(seed) % 8))
    place.know("the seed of a second factor, as bytes", secret.decode("latin-1"))
    place.know("the seed of a second factor, in hex", secret.hex())
    place.know("the seed of a second factor, in base64", base64.b64encode(secret).decode())
    code = totp.code_at(secret, totp.step_of(int(time.time() * 1_000)))
    confirmed = await give("second-factor/confirm", code=code)
    assert confirmed.status_code == 200, confirmed.text
    for recovery in confirmed.json()["recoveryCodes"]:
        place.know("a recovery code", recovery)
        place.know("a recovery code, as it is typed", recovery.replace("-", ""))
    answers = []
    for wrong in (code, recovery[::-1], recovery + "x"):
        begun = await give("sign-in", name="olga", password=place.password)
        answers += [begun, await give("sign-in/code", ticket=begun.json()["ticket"], code=wrong)]
    ticket = place.know("a ticket", (await give("sign-in", name="olga", password=place.password)).json()["ticket"])
    signed_in = await give("sign-in/code", ticket=ticket, code=recovery)
    assert signed_in.status_code == 200, signed_in.text
    place.know("a cookie", olga.cookies["switchboard"])
    return [*answers, signed_in, await give("proof", code=recovery), await olga.get("/api/second-factor", headers=ours)]


async def asked(place: Place, row: Asked, client: httpx.AsyncClient) -> httpx.Response:
    secret = place.know(f"{row.path} {row.headers or row.body}", row.kind(place.chance))
    if row.told_back:
        place.told_back.add(secret)
    body = filled(row.body, secret)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    method = filled(row.method, secret) or ("POST" if body is not None else "GET")
    return await client.request(
        method, filled(row.path, secret), content=content, headers={**headers, **filled(row.headers, secret)}
    )


async def snapshot(client: httpx.AsyncClient, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    async with client.stream("GET", "/api/event-stream", headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                return line
    raise AssertionError("no snapshot came")


def contents(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".zst":
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return content.decode("latin-1")


def of_process(process: subprocess.Popen[bytes]) -> tuple[list[str], list[str]]:
    """What anybody sees of it: its command line, and those of its children with what they were given."""
    seen, limits = [], []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if folder.name == str(process.pid):
                seen.append((folder / "cmdline").read_text("latin-1"))
                limits.append((folder / "limits").read_text())
            elif parent == process.pid:
                seen += [(folder / "cmdline").read_text("latin-1"), (folder / "environ").read_text("latin-1")]
        except OSError:  # it has ended meanwhile
            continue
    return seen, limits


def at_the_command_line(place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What every command says, with the process's own settings."""
    monkeypatch.setenv("SWITCHBOARD_TOKEN", place.token)
    for name in (*FILES, "LEAKY", *ENVIRONMENT):
        monkeypatch.setenv(name, place.environment[name])
    capsys.readouterr()
    for line in COMMANDS:
        secret = place.made(line)
        place.told_back.add(secret)
        try:
            main(line.format(url=place.url, data=place.data, config=place.config, secret=secret).split())
        except SystemExit:
            assert "{secret}" in line, line
    return "".join(capsys.readouterr())


@pytest.mark.slow
def test_no_secret_of_three_hundred_comes_out_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    with place.running() as process:
        answers = asyncio.run(every_answer(place))
        seen, limits = of_process(process)
        said = at_the_command_line(place, capsys, monkeypatch)
        open_files = [path for path in place.data.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]

    kept = [path for folder in ("data", "tmp", "home") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    outputs: dict[str, list[str]] = {
        "answers": answers,
        "process table": seen,
        "command line": [said],
        "standard output": [contents(tmp_path / "stdout")],
        "log": [contents(tmp_path / "stderr")],
        **{str(path.relative_to(tmp_path)): [contents(path)] for path in kept},
    }
    assert len(place.known) >= 400
    found = [
        (secret, where, output, text[max(0, text.index(secret) - 120) : text.index(secret) + 60])
        for output, texts in outputs.items()
        for text in ["\n".join(texts)]
        for secret, where in place.known.items()
        if secret in text and not (secret in place.told_back and output in ("answers", "command line"))
    ]
    assert not found, "\n".join(map(repr, found))
    assert open_files == []
    assert [path for path in kept if "core" in path.name] == []
    assert not list((tmp_path / "tmp").iterdir())
    assert not list((tmp_path / "home").iterdir())
    assert "Max core file size        0 " in limits[0]
    assert {"events.ndjson", "tokens.json"} <= {path.name for path in kept}
    assert any(path.suffix == ".zst" for path in kept), "no snapshot was looked at"
    assert len("\n".join(answers)) > 100_000
