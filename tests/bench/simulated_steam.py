"""The simulated Steam in a process of its own, as measurements start it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

START: Final = 120.0
"""Seconds after which a simulated Steam that does not serve never will."""


class Account(NamedTuple):
    """What the owner of one bot has in hand."""

    login: str
    password: str
    ma_file: str
    proxy_url: str


class SimulatedSteam:
    """What a running one has left in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def ready(self) -> Any:
        return json.loads((self.folder / "ready.json").read_text())

    @cached_property
    def accounts(self) -> list[Account]:
        """All of them, in the order of their SteamIDs."""
        passwords = dict(line.split(":", 1) for line in (self.folder / "accounts.txt").read_text().split())
        proxies = {entry["login"]: entry["proxyUrl"] for entry in self.ready["proxies"]}
        texts = [path.read_text() for path in sorted((self.folder / "mafiles").iterdir())]
        logins = [json.loads(text)["account_name"] for text in texts]
        return [
            Account(login, passwords[login], text, proxies[login]) for login, text in zip(logins, texts, strict=True)
        ]


class Spent(NamedTuple):
    """What a process has used since it began, and what it holds now."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


@contextmanager
def simulated_steam(folder: Path, bots: int) -> Iterator[Spent]:
    """One that serves in `folder`, and what it took until it did."""
    command = [sys.executable, "-m", "plugins.steam_sim", "--bots", str(bots), "--players", "1", "--out", str(folder)]
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > began + START:
                raise RuntimeError("the simulated Steam does not start")
            time.sleep(0.02)
        yield _spent(process.pid, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def allow_files() -> None:
    """Let this process and those that it starts open as many files as the system allows: a connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _spent(process: int, seconds: float) -> Spent:
    proc = Path(f"/proc/{process}")
    user, system = (proc / "stat").read_text().rpartition(")")[2].split()[11:13]
    pages = int((proc / "statm").read_text().split()[1])
    return Spent(
        seconds,
        (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"),
        pages * resource.getpagesize() / 1024 / 1024,
    )
