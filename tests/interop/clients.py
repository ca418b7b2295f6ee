"""Independent Steam clients, each make in a process of its own for the whole run, as tests speak to them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from plugins.steam_sim.ready import Ready

HERE: Final = Path(__file__).parent
STEAM_USER: Final = HERE / "node_modules" / "steam-user" / "package.json"
STEAMIO: Final = HERE.parents[1] / ".venv-steamio" / "bin" / "python"

PATIENCE: Final = 30.0
"""Seconds after which what should happen never will; nothing here is timed."""
STARTS: Final = 120.0
"""The same for a process that imports its client."""


@dataclass(frozen=True)
class Make:
    """A client that somebody else wrote, and what it leaves unsaid."""

    name: str
    driver: str
    ca_variable: str
    """The variable of its environment that names a file of authorities."""
    tells_results: bool = True
    """Whether it says with which result Steam refused or ended what is no request."""
    tells_standing: bool = True
    tells_blocks: bool = True
    """Whether it says that it blocks somebody itself."""
    reconnects: bool = True
    """Whether it signs in anew by itself when its session has ended. steamio means to, and its task group raises."""
    socks: bool = True

    def command(self) -> list[str] | None:
        """What starts it; None where it is not installed."""
        if self.driver.endswith(".mjs"):
            node = shutil.which("node")
            return [node, str(HERE / self.driver)] if node is not None and STEAM_USER.exists() else None
        return [str(STEAMIO), "-P", str(HERE / self.driver)] if STEAMIO.exists() else None


MAKES: Final = (
    Make("steam-user", "steam_user.mjs", "NODE_EXTRA_CA_CERTS"),
    Make(
        "steamio",
        "steamio_driver.py",
        "SSL_CERT_FILE",
        tells_results=False,
        tells_standing=False,
        tells_blocks=False,
        reconnects=False,
        socks=False,
    ),
)


class Refusal(Exception):
    """The client says that what was asked of it failed; `eresult` is Steam's reason, if it gave one."""

    def __init__(self, message: str, eresult: int | None) -> None:
        super().__init__(message)
        self.eresult = eresult


class Users:
    """The clients of one test."""

    def __init__(self, make: Make, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.make = make
        self._reader = reader
        self._writer = writer
        self._ids = count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._clients: dict[str, User] = {}

    async def client(self, who: str, **options: object) -> User:
        """A new client that is not logged on; `options` are steam-user's own, and what others have of them."""
        client = self._clients[who] = User(self, who)
        await self.ask(who, "make", options)
        return client

    async def ask(self, who: str, action: str, *given: object) -> Any:
        """Have a client do something and give back what came of it; raises `Refusal`."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "who": who, "do": action, "with": given}).encode() + b"\n")
        return await asyncio.wait_for(answer, PATIENCE)

    async def listen(self) -> None:
        """Sort what the process says, until it says no more."""
        while line := await self._reader.readline():
            said = json.loads(line)
            if "event" in said:
                self._clients[said["who"]].hear(said["event"], said["data"])
            elif "error" in said:
                self._answers.pop(said["id"]).set_exception(Refusal(said["error"], said["eresult"]))
            else:
                self._answers.pop(said["id"]).set_result(said["ok"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(Refusal(f"{self.make.name}'s process has ended", None))


class User:
    """One client: what it is told to do, and the events that it emits, in order."""

    def __init__(self, users: Users, who: str) -> None:
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
            raise AssertionError(f"no {event} {fitting} from {self._users.make.name}, only {self._heard}") from None


@contextmanager
def running(make: Make, ca_file: Path) -> Iterator[Path]:
    """A process with clients of that make, which trust that authority; gives the socket that it listens on."""
    command = make.command()
    assert command is not None
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        socket = Path(folder) / "socket"
        environment = {"PATH": os.environ["PATH"], "HOME": folder, make.ca_variable: str(ca_file)}
        process = subprocess.Popen(
            [*command, str(socket)], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            until = time.monotonic() + STARTS
            while not socket.exists():
                assert process.poll() is None and time.monotonic() < until, f"{make.name} does not start"
                time.sleep(0.02)
            yield socket
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # node may be a child of what is called so
            process.wait()


@asynccontextmanager
async def users_of(make: Make, socket: Path, ready: Ready) -> AsyncIterator[Users]:
    """Clients that know this simulated Steam and no other; all of them end with the block."""
    directory = urlsplit(ready.directory_url)
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=1 << 22)
    writer.write(json.dumps({"directory": f"{directory.scheme}://{directory.netloc}"}).encode() + b"\n")
    users = Users(make, reader, writer)
    listening = asyncio.create_task(users.listen(), name=f"what {make.name} says")
    try:
        yield users
    finally:
        writer.close()
        await listening
