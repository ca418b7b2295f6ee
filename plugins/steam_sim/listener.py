"""A TCP port that is listened on, and the connections that came in through it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from plugins.steam_sim.errors import PortTaken

T = TypeVar("T")

PATIENCE_S: Final = 2.0
"""How long a port that is in use is waited for: a port of before may be a passing connection's by now."""
_LOOK_S: Final = 0.1


async def once_free(listen: Callable[[], Awaitable[T]], port: str) -> T:
    """What `listen` gives, tried until its port is free. Raises `PortTaken` when it is not in time; `port` names it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while True:
        try:
            return await listen()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            if loop.time() >= until:
                raise PortTaken(f"{port} is in use") from error
        await asyncio.sleep(_LOOK_S)


class Listener:
    """Serves each connection with `serve`, closes it afterwards, and cuts whatever is open when it stops.

    A peer that goes away is what a server sees all day; the exceptions of `gone` end the one connection, quietly.
    """

    def __init__(
        self,
        what: str,
        serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
        gone: tuple[type[Exception], ...] = (),
    ) -> None:
        self._what = what
        self._serve = serve
        self._gone: tuple[type[Exception], ...] = (OSError, TimeoutError, asyncio.IncompleteReadError, *gone)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port, which with 0 is the system's choice. Raises `PortTaken`."""
        named = f"{self._what}: port {port} on {host}"
        self._server = await once_free(lambda: asyncio.start_server(self._accept, host, port), named)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve in a task of our own: asyncio's, cancelled when a process is stopped at once, ends in a traceback."""
        task = asyncio.create_task(self._serve_one(reader, writer), name=f"steam_sim: {self._what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._serve(reader, writer)
        except self._gone:
            pass
        finally:
            self._open.discard(writer)
            writer.close()
