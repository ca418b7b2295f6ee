"""The part of Steam's web API that a client needs before it signs in: the list of CMs, what time it is, approvals."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Sequence
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import vdf  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError, Message

from plugins.steam_protocol import messages as m
from plugins.steam_sim.auth import Authentication, Wall
from plugins.steam_sim.egress import Egress
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.http_exchange import HttpExchange, HttpRequest
from plugins.steam_sim.listener import Listener

CM_LIST_PATH = "/ISteamDirectory/GetCMListForConnect/v1/"
_CM_LIST = ("/ISteamDirectory/GetCMListForConnect/v1", "/ISteamDirectory/GetCMListForConnect/v0001")
_QUERY_TIME = ("/ITwoFactorService/QueryTime/v1", "/ITwoFactorService/QueryTime/v0001")

_DERIVE = "/IAuthenticationService/GenerateAccessTokenForApp/v1"
_APPROVE = "/IAuthenticationService/UpdateAuthSessionWithMobileConfirmation/v1"
EXIT_PATH = "/address"
"""Answers with the address that its caller comes from, as services outside Steam do."""
_PROTOBUF = "application/octet-stream"

ODD: Sequence[object] = (
    None,
    17,
    "cm.example",
    [],
    {},
    {"endpoint": None, "type": "websockets", "realm": "steamglobal"},
    {"endpoint": 443, "type": "websockets"},
    {"endpoint": ["cm.example:443"]},
    {"endpoint": {"host": "cm.example"}},
    {"endpoint": ""},
    {"endpoint": "cm.example"},
    {"endpoint": "cm.example:0"},
    {"endpoint": "cm.example:99999"},
    {"endpoint": "cm.example:-1"},
    {"endpoint": "cm.example:https"},
    {"endpoint": "cm.example:443/../x"},
    {"endpoint": "user@cm.example:443"},
    {"endpoint": "wss://cm.example:443"},
    {"endpoint": "цм.example:443"},
    {"endpoint": "x" * 10_000 + ":443"},
    {"endpoint": "cm.example:443", "type": None},
    {"endpoint": "cm.example:443", "type": 5},
    {"endpoint": "cm.example:443", "realm": {}},
    {"endpoint": "cm.example:443", "type": "quic"},
    {"endpoint": "cm.example:443", "realm": "steamchina"},
)
"""Entries that are no CM for us; the last two are whole, and somebody else's."""

Answer = tuple[int, bytes, str] | tuple[int, bytes, str, tuple[tuple[str, str], ...]]


class DirectoryServer:
    """Serves the web API over plain HTTP on a port of its own."""

    def __init__(
        self,
        cms: Callable[[], Sequence[tuple[str, int]]],
        authentication: Authentication,
        wall: Wall,
        faults: Faults,
        egress: Egress,
    ) -> None:
        """`cms` gives each CM's `host:port` and load."""
        self._authentication = authentication
        self._cms = cms
        self._wall = wall
        self._faults = faults
        self._egress = egress
        self.times_asked = 0
        """How often somebody asked QueryTime."""
        self._listener = Listener("the directory", self._serve)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises `PortTaken`."""
        return await self._listener.start(host, port)

    async def stop(self) -> None:
        await self._listener.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = HttpExchange(reader, writer)
        if (request := await exchange.request()) is not None:
            status, body, kind, *more = self._answer(request, self._caller(writer))
            await exchange.respond(status, body, kind, (*(more[0] if more else ()), *self._date()))

    def _date(self) -> tuple[tuple[str, str], ...]:
        if self._faults.active(FaultKind.DIRECTORY_UNDATED, None):
            return ()
        return (("Date", formatdate(max(0.0, self._wall()), usegmt=True)),)

    def _caller(self, writer: asyncio.StreamWriter) -> str:
        host, port = writer.get_extra_info("peername")[:2]
        return self._egress.address(host, port)

    def _answer(self, request: HttpRequest, caller: str) -> Answer:
        url = urlsplit(request.target)
        path = url.path.rstrip("/")
        if path == EXIT_PATH:
            return 200, f"{caller}\n".encode(), "text/plain"
        if path in _CM_LIST:
            if request.method != "GET":
                return 405, b"GET only\n", "text/plain"
            query = parse_qs(url.query)
            return self._cm_list(query.get("format", ["json"])[0], query.get("cmtype", ["websockets"])[0])
        if path in _QUERY_TIME:
            return self._query_time(request)
        if path in (_DERIVE, _APPROVE):
            return self._authenticate(request, path, parse_qs(url.query).get("access_token", [""])[0])
        return 404, b"no such path\n", "text/plain"

    def _authenticate(self, request: HttpRequest, path: str, access_token: str) -> Answer:
        """A method of the Authentication service; its result is in a header, as all of the web API's are."""
        if request.method != "POST":
            return 405, b"POST only\n", "text/plain"
        if self._faults.take(FaultKind.WEB_API_FAILS, None):
            return 503, b"this fault is switched on\n", "text/plain"
        form = parse_qs(request.body.decode("ascii", "replace"))
        try:
            raw = base64.b64decode(form.get("input_protobuf_encoded", [""])[0], validate=True)
            if path == _DERIVE:
                response: Message = self._authentication.derive(
                    m.CAuthentication_AccessToken_GenerateForApp_Request.FromString(raw)
                )
            else:
                wanted = m.CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request.FromString(raw)
                response = self._authentication.approve(access_token, wanted)
        except SteamRefused as refused:
            return 200, b"", _PROTOBUF, (("X-eresult", str(refused.eresult)),)
        except (binascii.Error, DecodeError):
            return 400, b"input_protobuf_encoded is no message in base64\n", "text/plain"
        return 200, response.SerializeToString(), _PROTOBUF, (("X-eresult", "1"),)

    def _cm_list(self, form: str, kind: str) -> Answer:
        if self._faults.take(FaultKind.DIRECTORY_FAILS, None):
            return 500, b"this fault is switched on\n", "text/plain"
        empty = kind not in ("websockets", "") or self._faults.take(FaultKind.DIRECTORY_EMPTY, None)
        servers = [] if empty else [_server(endpoint, load) for endpoint, load in self._cms()]
        if form != "vdf" and self._faults.take(FaultKind.DIRECTORY_NULL, None):
            return 200, b'{"response": {"serverlist": null, "success": true}}', "application/json; charset=UTF-8"
        if form == "vdf":
            listed = {str(place): {key: str(value) for key, value in one.items()} for place, one in enumerate(servers)}
            text: str = vdf.dumps({"response": {"serverlist": listed, "success": "1", "message": ""}}, pretty=True)
            return 200, text.encode(), "text/vdf; charset=UTF-8"
        odd: list[object] = []
        if (fault := self._faults.take(FaultKind.DIRECTORY_ODD, None)) is not None:
            odd = list(ODD) * -(-fault.amount // len(ODD))
        answer = {"response": {"serverlist": [*odd, *servers], "success": True, "message": ""}}
        return 200, json.dumps(answer).encode(), "application/json; charset=UTF-8"

    def _query_time(self, request: HttpRequest) -> Answer:
        self.times_asked += 1
        if self._faults.take(FaultKind.QUERY_TIME_FAILS, None):
            return 503, b"this fault is switched on\n", "text/plain"
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


def _server(endpoint: str, load: int) -> dict[str, str | int | float]:
    return {
        "endpoint": endpoint,
        "legacy_endpoint": endpoint,
        "type": "websockets",
        "dc": "sim1",
        "realm": "steamglobal",
        "load": load,
        "wtd_load": float(load),
    }
