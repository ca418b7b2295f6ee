"""One `switchboard run` on one folder, started and killed again and again: its config, its token, its journal."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from kernel.roles import Role
from kernel.segments import Segments
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from tests.chaos.children import Child, Launcher
from tests.chaos.steam import Steam

AGENTS = Path(__file__).parent / "agents"
PLUGINS = (
    "journal",
    "contact_policy",
    "steam",
    "fleet",
    "tasks",
    "assigner",
    "invites",
    "dialogue",
    "chaos_agent",
    "api",
)
Tables = Mapping[str, Mapping[str, object]]
SETTINGS: Tables = {
    "kernel": {"plugin_folder": str(AGENTS), "plugins": PLUGINS},
    "journal": {"snapshot_events": 2_000},
    "steam": {"answer_timeout_s": 5.0, "dial_timeout_s": 5.0},
    "fleet": {
        "sign_ins_at_once": 50,
        "sign_in_spacing_ms": 0,
        "sign_in_burst": 100_000,
        "sign_ins_a_minute": 100_000,
        "host_burst": 100_000,
        "host_sign_ins_a_minute": 100_000,
        "retry_min_s": 1,
        "retry_max_s": 4,
    },
    "contact_policy": {"invites_per_hour": 100_000},
    "dialogue": {
        "reading_ms": 100,
        "reading_most_ms": 300,
        "typing_ms_per_character": 0,
        "typing_least_ms": 20,
        "typing_most_ms": 60,
        "take_over_deadline_s": 8.0,
    },
    "api": {"requests_per_minute": 1_000_000, "keep_alive_s": 2.0},
}
"""People's pauses are short here, and no limit of the fleet stands in the way of the load: the bot's minute does."""
SHORT_DOUBT: Mapping[str, object] = {"doubt_ms": 500, "doubt_window_ms": 4_000}
"""`[dialogue]` of the short forms: a message whose answer was lost is looked for this long, and not for two minutes."""


class JournalLine(msgspec.Struct, frozen=True):
    """An event as it stands on disk, without the product's own words for it."""

    seq: int
    ts: int
    kind: str
    payload: dict[str, Any]


class Product:
    """Started and ended as often as wanted. `up` is set while it answers."""

    def __init__(
        self,
        folder: Path,
        steam: Steam,
        launcher: Launcher,
        *,
        data: Path | None = None,
        settings: Tables | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`data`: the data folder, where it is to be another than `folder`'s own."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = data or folder / "data"
        self.log = folder / "switchboard.log"
        self.environment = dict(environment or {})
        self._launcher = launcher
        self._config = folder / "switchboard.toml"
        self.url = f"http://127.0.0.1:{_free_port()}"
        api = self.data / "api"
        api.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.token = tokens.create(
            api / "tokens.json", "chaos", Kind.OPERATOR, int(time.time() * 1_000), role=Role.ADMIN
        )
        self._configure(steam, settings or {})
        self.http = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=httpx.Timeout(60, connect=5),
            limits=httpx.Limits(max_connections=400, max_keepalive_connections=400),
        )
        self.child: Child | None = None
        self.up = asyncio.Event()
        self.starts = 0
        self.slowest_start = 0.0

    def _configure(self, steam: Steam, settings: Tables) -> None:
        tables = {name: dict(table) for name, table in SETTINGS.items()}
        tables["steam"] |= {"directory_url": steam.directory_url, "ca_file": steam.ca_file}
        tables["api"] |= {"port": int(self.url.rpartition(":")[2])}
        for name, table in settings.items():
            tables.setdefault(name, {}).update(table)
        self._config.write_text("\n".join(_toml(name, table) for name, table in tables.items()), "utf-8")

    def launch(self) -> Child:
        """Begin a start."""
        arguments = ["run", "--config", str(self._config), "--data", str(self.data)]
        self.child = self._launcher.launch(arguments, self.log, self.environment)
        self.starts += 1
        return self.child

    async def ready(self, deadline: float = 60) -> None:
        """Return once it takes commands. Raises RuntimeError with its last words where it does not come to that."""
        begun = time.monotonic()
        assert self.child is not None
        while not await self._answers():
            if not self.child.alive:
                raise RuntimeError(f"it did not start:\n{self.last_words()}")
            if time.monotonic() - begun > deadline:
                raise RuntimeError(f"it was not ready in {deadline} s:\n{self.last_words()}")
            await asyncio.sleep(0.02)
        self.slowest_start = max(self.slowest_start, time.monotonic() - begun)
        self.up.set()

    async def start(self, deadline: float = 60) -> None:
        self.launch()
        await self.ready(deadline)

    async def kill(self) -> None:
        """SIGKILL."""
        self.up.clear()
        if self.child is not None:
            await self.child.kill()
            self.child = None

    async def terminate(self, deadline: float = 30) -> None:
        """SIGTERM, and wait for the end."""
        self.up.clear()
        if self.child is not None:
            self.child.signal(signal.SIGTERM)
            await self.child.ended(deadline)
            self.child = None

    async def close(self) -> None:
        await self.kill()
        await self.http.aclose()

    async def _answers(self) -> bool:
        try:
            return (await self.http.get("/healthz", timeout=2)).status_code == 200
        except httpx.HTTPError:
            return False

    async def is_ready(self) -> bool:
        """Whether `/readyz` says that everything works."""
        try:
            return (await self.http.get("/readyz", timeout=5)).status_code == 200
        except httpx.HTTPError:
            return False

    def last_words(self, lines: int = 40) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    @property
    def journal(self) -> Path:
        return self.data / "journal" / "events.ndjson"


def _toml(name: str, table: Mapping[str, object]) -> str:
    """Texts, numbers and lists of them are in TOML what they are in JSON."""
    return "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class JournalTail:
    """What has come to the journal since the last look, whole lines only."""

    def __init__(self, path: Callable[[], Path]) -> None:
        """`path`: where events.ndjson is now."""
        self._path = path
        self._seq = 0
        self._decoder = msgspec.json.Decoder(JournalLine)

    def more(self) -> Iterator[JournalLine]:
        for chunk in Segments(self._path().parent).lines(self._seq):
            self._seq += chunk.count(b"\n")
            for line in chunk.splitlines():
                yield self._decoder.decode(line)
