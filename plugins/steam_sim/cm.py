"""The CM server: TLS WebSockets on which clients speak Steam's protocol."""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from plugins.steam_sim.clock import Delays
from plugins.steam_sim.connection import CmConnection, ConnectionServices
from plugins.steam_sim.egress import Egress
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.listener import once_free

PATH = "/cmsocket/"
PING_PATH = "/cmping/"

MAX_MESSAGE = 1 << 20
OUTBOX = 1024
"""Messages that may wait for a client that does not read; one more, and its connection is cut."""

LOGON_DEADLINE = 60.0
"""Seconds that a connection may stay without a logon."""

MISSED_HEARTBEATS = 3

# What clients do to a handshake is theirs to log; a test run full of their closed sockets helps nobody.
_socket_log = logging.getLogger(f"{__name__}.socket")
_socket_log.setLevel(logging.CRITICAL)


class _WebSocketLine:
    """A `ClientChannel` over a WebSocket: what is sent waits in a bounded queue for its one writer."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._outbox: asyncio.Queue[bytes | None] = asyncio.Queue(OUTBOX)
        self._over = False

    def send(self, data: bytes) -> None:
        self._put(data)

    def hang_up(self) -> None:
        self._put(None)
        self._over = True

    def cut(self) -> None:
        self._over = True
        self._socket.transport.abort()

    def _put(self, data: bytes | None) -> None:
        if self._over:
            return
        try:
            self._outbox.put_nowait(data)
        except asyncio.QueueFull:
            self.cut()

    async def write(self) -> None:
        """Send what is put in, until it is over."""
        try:
            while (data := await self._outbox.get()) is not None:
                await self._socket.send(data)
            await self._socket.close()
        except ConnectionClosed:
            return


@dataclass(eq=False, slots=True)
class _Client:
    """A connected client, when it came and when it was last heard (seconds of the event loop)."""

    connection: CmConnection
    line: _WebSocketLine
    came: float
    heard: float
    sent_away: bool = False


class CmServer:
    """Accepts clients and drops those that went silent, as Steam does."""

    def __init__(
        self, desk: ConnectionServices, egress: Egress, delays: Delays, heartbeat_seconds: int, number: int = 0
    ) -> None:
        """`number`: its place among the CMs of the directory."""
        self.load_of_others = 0
        """What the directory says of its load beside the clients that it has."""
        self.number = number
        self._delays = delays
        self._desk = desk
        self._egress = egress
        self._silence = float(MISSED_HEARTBEATS * heartbeat_seconds)
        self._clients: set[_Client] = set()
        self._server: Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        return self.load_of_others + len(self._clients)

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Listen; gives the port, which with 0 is the system's choice. Raises `PortTaken`."""

        async def listen() -> Server:
            return await serve(
                self._serve,
                host,
                port,
                ssl=tls,
                compression=None,
                max_size=MAX_MESSAGE,
                ping_interval=None,
                close_timeout=5,
                process_request=self._process_request,
                logger=_socket_log,
            )

        self._server = await once_free(listen, f"the CM server's port {port} on {host}")
        self._sweeper = asyncio.create_task(self._sweep_on(), name="steam_sim: sweeper")
        bound: int = next(iter(self._server.sockets)).getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def drop(self, account: int) -> int:
        """Cut all connections of an account at once; gives how many there were."""
        lines = [client.line for client in self._clients if self._account_of(client) == account]
        for line in lines:
            line.cut()
        return len(lines)

    def sweep(self, now: float) -> None:
        """Send away who did not log on in time, and cut off who sent nothing for some heartbeats."""
        for client in tuple(self._clients):
            if client.sent_away:
                continue
            if client.connection.session is None and now - client.came > LOGON_DEADLINE:
                client.sent_away = True
                client.connection.give_up()
            elif client.connection.session is not None and now - client.heard > self._silence:
                client.sent_away = True
                client.line.cut()

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.sweep(asyncio.get_running_loop().time())

    async def _serve(self, socket: ServerConnection) -> None:
        line = _WebSocketLine(socket)
        now = asyncio.get_running_loop().time()
        host, port = socket.remote_address[:2]
        connection = CmConnection(self._desk, line, self._egress.address(host, port))
        client = _Client(connection, line, now, now)
        self._clients.add(client)
        writer = asyncio.create_task(line.write(), name=f"steam_sim: writer to port {port}")
        try:
            async for data in socket:
                client.heard = asyncio.get_running_loop().time()
                if isinstance(data, str):
                    line.hang_up()
                    break
                connection.receive(data)
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)
            connection.closed()
            if socket.close_code is not None:
                writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """Only /cmsocket/ leads to a WebSocket; /cmping/ tells the load, as clients may ask."""
        path = request.path.partition("?")[0]
        if path == PATH:
            return await self._bad_day(socket)
        if path != PING_PATH:
            return socket.respond(HTTPStatus.NOT_FOUND, "no such path\n")
        response = socket.respond(HTTPStatus.OK, "")
        response.headers["X-Steam-CMLoad"] = str(self.load)
        return response

    async def _bad_day(self, socket: ServerConnection) -> Response | None:
        """What the faults of this CM make of a handshake; None: it goes on."""
        faults = self._desk.faults
        if faults.at_cm(FaultKind.CM_DOWN, self.number) is not None:
            socket.transport.abort()
        elif faults.at_cm(FaultKind.CM_FULL, self.number) is not None:
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "this CM is full\n")
        elif (slow := faults.at_cm(FaultKind.CM_SLOW, self.number)) is not None:
            awake = asyncio.Event()
            self._delays.after(slow.delay_ms, awake.set)
            waits = [asyncio.ensure_future(awake.wait()), asyncio.ensure_future(socket.wait_closed())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        return None

    @staticmethod
    def _account_of(client: _Client) -> int | None:
        return client.connection.session.steam_id64 if client.connection.session else None
