"""The running system's routes of an import, as the command line asks them, over one connection after another."""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeVar

import msgspec

from plugins.steam.importing.forms import ImportRow, ImportRows, ImportStage, ImportState, UploadedFile
from plugins.steam.importing.sources import ImportFile

TIMEOUT: Final = 120.0  # seconds
BUSY_TRIES: Final = 5
MAX_WAIT: Final = 30.0  # seconds
POLL: Final = 0.2  # seconds
PIECE: Final = 3 * 1024 * 1024
"""Bytes of files in one request, a third more in base64; a larger file goes alone."""

Seen = Callable[[ImportState], object]
R = TypeVar("R", bound=msgspec.Struct)


class ImportStopped(Exception):
    """Nothing can be imported at all; the message says why and what to do."""


class _Problem(msgspec.Struct, rename="camel"):
    code: str
    message: str
    retry_after: int | None = None


class _Refusal(msgspec.Struct):
    ok: bool
    error: _Problem | None = None


class ImportClient:
    """One import. Every method raises `ImportStopped`."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ImportStopped("--url is no address; give it as http://host:port")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._url = parts.hostname, parts.port, url
        self._path = f"{parts.path.rstrip('/')}/api/plugins/steam/imports"
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._id: str | None = None

    def send(self, files: Iterable[ImportFile], sent: Callable[[int], object]) -> int:
        """Send the files; gives how many there are."""
        count = 0
        for piece in _pieces(files):
            form = {"importId": self._id, "files": [UploadedFile(one.name, one.raw) for one in piece]}
            self._id = self._post("files", form).import_id
            count += len(piece)
            sent(count)
        return count

    def plan(self, passwords: bytes, proxies: bytes, passkey: str | None, seen: Seen) -> ImportState:
        """Have the plan made; `seen` is told how it goes."""
        if self._id is None:
            self._id = self._post("files", {"files": []}).import_id
        form = {"importId": self._id, "passwords": passwords, "proxies": proxies, "passkey": passkey}
        return self._until_done(self._post("plan", form), seen)

    def run(self, seen: Seen) -> ImportState:
        """Have the plan carried out."""
        return self._until_done(self._post("run", {"importId": self._id}), seen)

    def discard(self) -> None:
        """Have it forgotten, whatever becomes of that."""
        try:
            if self._id is not None:
                self._post("discard", {"importId": self._id})
        except ImportStopped:
            return

    def rows(self) -> Iterator[ImportRow]:
        """Every account."""
        start = 0
        while True:
            query = urllib.parse.urlencode({"importId": self._id or "", "start": start})
            page = self._asked("GET", f"rows?{query}", None, ImportRows)
            yield from page.rows
            start += len(page.rows)
            if not page.rows or start >= page.total:
                return

    def _until_done(self, state: ImportState, seen: Seen) -> ImportState:
        query = urllib.parse.urlencode({"importId": state.import_id})
        while state.stage in (ImportStage.READING, ImportStage.ADDING):
            seen(state)
            time.sleep(POLL)
            state = self._asked("GET", f"state?{query}", None, ImportState)
        if state.stage is ImportStage.FAILED:
            raise ImportStopped(state.failure or "the import failed; the system's log says how")
        return state

    def _post(self, name: str, form: Mapping[str, object]) -> ImportState:
        return self._asked("POST", name, msgspec.json.encode(form), ImportState)

    def _asked(self, method: str, name: str, body: bytes | None, answers: type[R]) -> R:
        """Where the system is busy, wait as long as it says."""
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
            raise ImportStopped(problem.message + (" Give the token in SWITCHBOARD_TOKEN." if status == 401 else ""))
        raise ImportStopped(f"what answers at {self._url} is not Switchboard of this version; check --url")

    def _answered(self, method: str, name: str, body: bytes | None) -> tuple[int, bytes]:
        connection = self._connect(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request(method, f"{self._path}/{name}", body, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ImportStopped(
                f"no answer from {self._url} ({error}); start the system, or give its address with --url"
            ) from error
        finally:
            connection.close()


def _pieces(files: Iterable[ImportFile]) -> Iterator[list[ImportFile]]:
    piece: list[ImportFile] = []
    size = 0
    for file in files:
        if piece and size + len(file.raw) > PIECE:
            yield piece
            piece, size = [], 0
        piece.append(file)
        size += len(file.raw)
    if piece:
        yield piece
