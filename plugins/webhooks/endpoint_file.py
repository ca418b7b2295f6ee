"""What is kept of an endpoint on disk: its cursor, its failures in a row, and the last deliveries. No URL, no body."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from kernel.following import JournalCursor
from kernel.private_files import put
from kernel.regular_files import read_regular
from plugins.webhooks.codes import DeliveryFault

MOST_BYTES: Final = 4 * 1024 * 1024


class DeliveryRecord(Struct, frozen=True, kw_only=True):
    """One attempt."""

    id: str
    """The `webhook-id`."""
    type: str
    seq: int
    at: int
    """UTC milliseconds."""
    took: int
    """Milliseconds."""
    status: int | None = None
    fault: DeliveryFault | None = None
    """None: it was taken."""


class EndpointProgress(Struct, frozen=True, kw_only=True):
    """How far an endpoint has got."""

    cursor: JournalCursor
    failures: int = 0
    """Attempts in a row that have failed."""
    deliveries: tuple[DeliveryRecord, ...] = ()
    """The last attempts, oldest first."""


class EndpointFile:
    """`NAME.endpoint.json` in the plugin's folder, written whole."""

    def __init__(self, folder: Path, name: str, log: logging.Logger) -> None:
        self._path = folder / f"{name}.endpoint.json"
        self._log = log

    def read(self) -> EndpointProgress | None:
        """None where the endpoint is new, and where the file is damaged, which is put aside. Raises OSError."""
        try:
            content = read_regular(self._path, MOST_BYTES)
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(content, type=EndpointProgress)
        except msgspec.MsgspecError:
            aside = self._path.with_suffix(".damaged")
            self._path.replace(aside)
            self._log.error("%s is damaged: it was moved to %s, and the endpoint begins anew", self._path, aside.name)
            return None

    def write(self, progress: EndpointProgress) -> None:
        """Raises OSError."""
        put(self._path, msgspec.json.encode(progress))
