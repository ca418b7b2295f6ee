"""The part of Steam's web API that a client needs before it signs in: the list of CMs, and what time it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import vdf  # type: ignore[import-untyped]

from plugins.steam_sim.auth import Wall
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.http_exchange import HttpExchange, HttpRequest
from plugins.steam_sim.listener import Listener

CM_LIST_PATH = "/ISteamDirectory/GetCMListForConnect/v1/"
_CM_LIST = ("/ISteamDirectory/GetCMListForConnect/v1", "/ISteamDirectory/GetCMListForConnect/v0001")
_QUERY_TIME = ("/ITwoFactorService/QueryTime/v1", "/ITwoFactorService/QueryTime/v0001")

Answer = tuple[int, bytes, str]


class Directory:
    """Serves the web API over plain HTTP on a port of its own."""

    def __init__(self, endpoint: Callable[[], str], load: Callable[[], int], wall: Wall, faults: Faults) -> None:
        """`endpoint` gives the CM's `host:port`, `load` how many are logged on."""
        self._endpoint = endpoint
        self._load = load
        self._wall = wall
        self._faults = faults
        self._listener = Listener("the directory", self._serve)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises `PortTaken`."""
        return await self._listener.start(host, port)

    async def stop(self) -> None:
        await self._listener.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = HttpExchange(reader, writer)
        if (request := await exchange.request()) is not None:
            await exchange.respond(*self._answer(request))

    def _answer(self, request: HttpRequest) -> Answer:
        url = urlsplit(request.target)
        path = url.path.rstrip("/")
        if path in _CM_LIST:
            if request.method != "GET":
                return 405, b"GET only\n", "text/plain"
            query = parse_qs(url.query)
            return self._cm_list(query.get("format", ["json"])[0], query.get("cmtype", ["websockets"])[0])
        if path in _QUERY_TIME:
            return self._query_time()
        return 404, b"no such path\n", "text/plain"

    def _cm_list(self, form: str, kind: str) -> Answer:
        if self._faults.take(FaultKind.DIRECTORY_FAILS, None):
            return 500, b"this fault is switched on\n", "text/plain"
        load = self._load()
        server: dict[str, str | int | float] = {
            "endpoint": self._endpoint(),
            "legacy_endpoint": self._endpoint(),
            "type": "websockets",
            "dc": "sim1",
            "realm": "steamglobal",
            "load": load,
            "wtd_load": float(load),
        }
        empty = kind not in ("websockets", "") or self._faults.take(FaultKind.DIRECTORY_EMPTY, None)
        servers = [] if empty else [server]
        if form == "vdf":
            listed = {str(place): {key: str(value) for key, value in one.items()} for place, one in enumerate(servers)}
            text: str = vdf.dumps({"response": {"serverlist": listed, "success": "1", "message": ""}}, pretty=True)
            return 200, text.encode(), "text/vdf; charset=UTF-8"
        answer = {"response": {"serverlist": servers, "success": True, "message": ""}}
        return 200, json.dumps(answer).encode(), "application/json; charset=UTF-8"

    def _query_time(self) -> Answer:
        answer = {
            "response": {
                "server_time": str(int(self._wall())),
                "skew_tolerance_seconds": "60",
                "large_time_jink": "86400",
                "probe_frequency_seconds": 3600,
                "adjusted_time_probe_frequency_seconds": 300,
                "hint_probe_frequency_seconds": 60,
                "sync_timeout": 60,
                "try_again_seconds": 900,
                "max_attempts": 3,
            }
        }
        return 200, json.dumps(answer).encode(), "application/json; charset=UTF-8"
