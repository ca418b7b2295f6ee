"""The running system as the subcommands ask it: its routes, and the files that a person gives beside them."""

from __future__ import annotations

import http.client
import time
import urllib.parse
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from kernel.regular_files import read_regular

BUSY_TRIES: Final = 5
MAX_WAIT: Final = 30.0  # seconds
TIMEOUT: Final = 120.0  # seconds
MAX_LIST: Final = 2 * 1024 * 1024  # bytes

R = TypeVar("R", bound=msgspec.Struct)


class CommandStopped(Exception):
    """The subcommand cannot go on; the message says why and what to do."""


class _Problem(msgspec.Struct, rename="camel"):
    code: str
    message: str
    retry_after: int | None = None


class _Refusal(msgspec.Struct):
    ok: bool
    error: _Problem | None = None


class RunningSystem:
    """Routes below one path, a connection a request. `ask` raises `CommandStopped`."""

    def __init__(self, url: str, token: str | None, path: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise CommandStopped("--url is no address; give it as http://host:port")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._url = parts.hostname, parts.port, url
        self._path = parts.path.rstrip("/") + path
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"

    def ask(self, method: str, name: str, body: bytes | None, answers: type[R]) -> R:
        """The answer of the route `name`. Where the system is busy, wait as long as it says."""
        for left in reversed(range(BUSY_TRIES)):
            status, raw = self._answered(method, name, body)
            try:
                if status == 200:
                    return msgspec.json.decode(raw, type=answers)
                problem = msgspec.json.decode(raw, type=_Refusal).error
            except (ValueError, msgspec.MsgspecError):
                problem = None
            if problem is None:
                break
            if status in (429, 503) and problem.retry_after is not None and left:
                time.sleep(min(problem.retry_after / 1_000, MAX_WAIT))
                continue
            hint = " Give a developer's token in SWITCHBOARD_TOKEN." if status in (401, 403) else ""
            raise CommandStopped(f"{problem.message}{hint}")
        raise CommandStopped(f"what answers at {self._url} is not Switchboard of this version; check --url")

    def _answered(self, method: str, name: str, body: bytes | None) -> tuple[int, bytes]:
        connection = self._connect(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request(method, f"{self._path}{name}", body, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise CommandStopped(
                f"no answer from {self._url} ({error}); start the system, or give its address with --url"
            ) from error
        finally:
            connection.close()


def read_list(file: Path) -> bytes:
    """A list of passwords or proxies, in whatever encoding. Raises OSError or `CommandStopped`."""
    raw = read_regular(file, MAX_LIST)
    if len(raw) > MAX_LIST:
        raise CommandStopped(f"{file} has over {MAX_LIST // 1024**2} MiB, which no list has; give the list itself")
    return raw
