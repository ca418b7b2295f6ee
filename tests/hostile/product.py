"""The product in a process of its own, its operators, and how much memory it takes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from kernel.roles import Role
from plugins.api.auth import operators, tokens
from plugins.api.auth.tokens import Kind

CONFIG: Final = """
[kernel]
plugins = ["journal", "contact_policy", "tasks", "team", "metrics", "api"]
[api]
port = 0
ring_mib = 2
"""
"""The stream's ring is small, so that it is full within the first third: what it takes then is no growth."""
PASSWORD: Final = "a long password of anna's own"
START_S: Final = 180.0
EACH_S: Final = 0.2
"""Of one operator: from one command's beginning to the next's."""


class Product:
    """`switchboard run` on a folder, and the keys of those who may come in."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.data = folder / "data"
        path = self.data / "api" / "tokens.json"
        self.operators = [tokens.create(path, f"operator{n}", Kind.OPERATOR, 0, role=Role.OPERATOR) for n in range(4)]
        self.viewer = tokens.create(path, "viewer", Kind.OPERATOR, 0, role=Role.VIEWER)
        self.link = operators.invite(self.data / "api" / "operators.json", "anna", Role.ADMIN, int(time.time() * 1_000))

    @property
    def url(self) -> str:
        return (self.data / "api" / "address").read_text().strip()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def processor_s(self) -> tuple[float, float]:
        """Seconds that it ran, and that it was ready to run while something else did."""
        ran, waited, _ = Path(f"/proc/{self.process.pid}/schedstat").read_text().split()
        return int(ran) / 1e9, int(waited) / 1e9

    def client(self, token: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, trust_env=False)


@contextmanager
def product(folder: Path) -> Iterator[Product]:
    """Runs for the length of the block; what is left of it is killed at its end."""
    config = folder / "switchboard.toml"
    config.write_text(CONFIG)
    (folder / "data" / "api").mkdir(parents=True, mode=0o700)
    with (folder / "log").open("wb") as log:
        arguments = ["run", "--config", str(config), "--data", str(folder / "data")]
        process = subprocess.Popen([sys.executable, "-m", "kernel", *arguments], stdout=log, stderr=log)
    try:
        running = Product(folder, process)
        end = time.monotonic() + START_S
        while not (folder / "data" / "api" / "address").exists():
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError((folder / "log").read_text())
            time.sleep(0.02)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def fill(system: Product, tasks: int) -> None:
    """Tasks that wait for a bot: what makes a snapshot worth taking."""
    numbers = count(76561199100000000)
    async with system.client(system.operators[0]) as http:

        async def create() -> None:
            payload = {"playerSteamId64": str(next(numbers)), "item": "AK-47 | Redline", "currency": "USD"}
            command = {"kind": "CreateTask", "payload": {**payload, "priceMin": "10.00", "priceMax": "12.50"}}
            answer = await http.post("/api/command", json=command)
            assert answer.status_code == 200, answer.text

        for _ in range(tasks // 20):
            await asyncio.gather(*(create() for _ in range(20)))


class Measured:
    """What one operator noticed: seconds from each command to its answer, and what was not `ok`."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed: list[str] = []


async def operate(system: Product, token: str, until: float, found: Measured) -> None:
    """Give a durable command again and again, and keep how long each took. The state does not grow by it."""
    async with system.client(token) as http:
        replies: list[str | None] = [None] * 10
        for number in count():
            began = time.monotonic()
            if began >= until:
                return
            payload = {"title": f"title {number % 10} of {id(found)}", "text": f"words {number}"}
            if (reply := replies[number % 10]) is not None:
                payload["replyId"] = reply
            try:
                answer = await http.post("/api/command", json={"kind": "SaveCannedReply", "payload": payload})
            except httpx.HTTPError as error:
                found.failed.append(type(error).__name__)
                continue
            found.seconds.append(time.monotonic() - began)
            if answer.status_code == 200:
                replies[number % 10] = answer.json()["id"]
            else:
                found.failed.append(answer.text)
            await asyncio.sleep(max(0.0, EACH_S - (time.monotonic() - began)))
