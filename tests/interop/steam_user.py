"""npm's steam-user in a process of its own, as tests speak to it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plugins.steam_sim.ready import Ready

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / "steam-user" / "package.json"

PATIENCE = 30.0
"""Seconds after which what should happen never will; nothing here is timed."""


class Refusal(Exception):
    """steam-user says that what was asked of it failed; `eresult` is Steam's reason, if it gave one."""

    def __init__(self, message: str, eresult: int | None) -> None:
        super().__init__(message)
        self.eresult = eresult


class SteamUsers:
    """The process with its clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._clients: dict[str, SteamUser] = {}

    async def client(self, who: str, **options: object) -> SteamUser:
        """A new client that is not logged on; `options` are steam-user's own."""
        client = self._clients[who] = SteamUser(self, who)
        await self.ask(who, "make", options)
        return client

    async def ask(self, who: str, action: str, *given: object) -> Any:
        """Have a client do something and give back what came of it; raises `Refusal`."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "who": who, "do": action, "with": given}).encode() + b"\n")
        return await asyncio.wait_for(answer, PATIENCE)

    async def listen(self) -> None:
        """Sort what the process says, until it says no more."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            if "event" in said:
                self._clients[said["who"]].hear(said["event"], said["data"])
            elif "error" in said:
                self._answers.pop(said["id"]).set_exception(Refusal(said["error"], said["eresult"]))
            else:
                self._answers.pop(said["id"]).set_result(said["ok"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(Refusal("steam-user's process has ended", None))


class SteamUser:
    """One client: what it is told to do, and the events that it emits, in order."""

    def __init__(self, users: SteamUsers, who: str) -> None:
        self._users = users
        self._who = who
        self._heard: list[tuple[str, dict[str, Any]]] = []
        self._news = asyncio.Event()

    async def does(self, action: str, *given: object) -> Any:
        return await self._users.ask(self._who, action, *given)

    def hear(self, event: str, data: dict[str, Any]) -> None:
        self._heard.append((event, data))
        self._news.set()

    async def hears(self, event: str, **fitting: object) -> dict[str, Any]:
        """The first event of that name with these values, waited for; it is not given again."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for place, (name, data) in enumerate(self._heard):
                        if name == event and fitting.items() <= data.items():
                            del self._heard[place]
                            return data
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {event} {fitting} from steam-user, only {self._heard}") from None


@asynccontextmanager
async def steam_users(ready: Ready) -> AsyncIterator[SteamUsers]:
    """A process whose clients know this simulated Steam and no other."""
    directory = urlsplit(ready.directory_url)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "driver.mjs"),
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DIRECTORY": f"{directory.scheme}://{directory.netloc}",
            "NODE_EXTRA_CA_CERTS": ready.ca_file,
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    users = SteamUsers(process)
    listening = asyncio.create_task(users.listen(), name="what steam-user says")
    try:
        yield users
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
