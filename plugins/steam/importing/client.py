"""The running system's routes of an import, as the command line asks them."""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from plugins.steam.importing.forms import ImportRow, ImportRows, ImportStage, ImportState, UploadedFile
from plugins.steam.importing.sources import ImportFile
from plugins.steam.running_system import CommandStopped, RunningSystem

POLL: Final = 0.2  # seconds
PIECE: Final = 3 * 1024 * 1024
"""Bytes of files in one request, a third more in base64; a larger file goes alone."""

Seen = Callable[[ImportState], object]


class ImportClient:
    """One import. Every method raises `CommandStopped`."""

    def __init__(self, url: str, token: str | None) -> None:
        self._system = RunningSystem(url, token, "/api/plugins/steam/imports")
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
        except CommandStopped:
            return

    def rows(self) -> Iterator[ImportRow]:
        """Every account."""
        start = 0
        while True:
            query = urllib.parse.urlencode({"importId": self._id or "", "start": start})
            page = self._system.ask("GET", f"/rows?{query}", None, ImportRows)
            yield from page.rows
            start += len(page.rows)
            if not page.rows or start >= page.total:
                return

    def _until_done(self, state: ImportState, seen: Seen) -> ImportState:
        query = urllib.parse.urlencode({"importId": state.import_id})
        while state.stage in (ImportStage.READING, ImportStage.ADDING):
            seen(state)
            time.sleep(POLL)
            state = self._system.ask("GET", f"/state?{query}", None, ImportState)
        if state.stage is ImportStage.FAILED:
            raise CommandStopped(state.failure or "the import failed; the system's log says how")
        return state

    def _post(self, name: str, form: Mapping[str, object]) -> ImportState:
        return self._system.ask("POST", f"/{name}", msgspec.json.encode(form), ImportState)


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
