"""Sends a made-up journal to a port of this machine, until somebody kills it, or it is through.

`python -m tests.plugins.webhooks.sending_process FOLDER JOURNAL PORT`
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kernel.following import JournalCursor, Stretch, read_stretch
from kernel.machine_clock import SystemClock
from kernel.public_addresses import AllowedNetworks
from plugins.webhooks.codes import DeliveryFault, DisabledBecause
from plugins.webhooks.endpoint import Attempted, WebhookEndpoint, WebhookPauses
from plugins.webhooks.endpoint_file import EndpointFile, EndpointProgress
from plugins.webhooks.payload import WebhookMessage, message_of
from plugins.webhooks.posting import Poster, PostFailed
from plugins.webhooks.target import WebhookTarget


class Around:
    def __init__(self, folder: Path, journal: Path, port: int) -> None:
        self.clock = SystemClock()
        self.file = EndpointFile(folder, "crm", logging.getLogger("test"))
        self.lines = journal.read_bytes().splitlines(keepends=True)
        self.through = asyncio.Event()
        self._poster = Poster(AllowedNetworks(["127.0.0.1"]), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), 30)
        self._target = WebhookTarget.of(f"http://127.0.0.1:{port}/")

    def after(self, seq: int) -> Iterator[bytes]:
        yield from self.lines[seq:]

    def behind(self, cursor: int) -> bool:
        if cursor >= len(self.lines):
            self.through.set()
        return cursor < len(self.lines)

    async def committed(self) -> None:
        pass

    async def read(self, cursor: JournalCursor) -> tuple[Stretch, Sequence[WebhookMessage]]:
        stretch = read_stretch(self.after, cursor, lambda kind: kind.startswith(("task.", "bot.")), most=7)
        found = [message_of("crm", line, words=False) for line in stretch.lines]
        return stretch, [message for message in found if message is not None]

    async def send(self, message: WebhookMessage) -> Attempted:
        try:
            answer = await self._poster.post(self._target, [("webhook-id", message.id)], message.body)
        except PostFailed:
            return Attempted(DeliveryFault.DROPPED)
        return Attempted(None, answer.status)

    async def save(self, progress: EndpointProgress) -> None:
        self.file.write(progress)

    def is_disabled(self) -> bool:
        return False

    def disable(self, reason: DisabledBecause, failures: int) -> None:
        raise AssertionError(reason)


async def main(folder: Path, journal: Path, port: int) -> None:
    around = Around(folder, journal, port)
    progress = around.file.read() or EndpointProgress(cursor=JournalCursor(0))
    endpoint = WebhookEndpoint("crm", around, progress, WebhookPauses(100, 100, 9), at_once=3, kept=20)
    running = asyncio.ensure_future(endpoint.run())
    await around.through.wait()
    running.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
