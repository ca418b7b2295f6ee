"""The state of a delivery worker: what is known of one chat's delivery beside the rows of its messages."""

from __future__ import annotations

import asyncio

from kernel.ids import MessageId


class DeliveryWorker:
    """Delivers the messages of one chat. Times are milliseconds of what has elapsed of the run."""

    def __init__(self) -> None:
        self.wakeup = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.message_id: MessageId | None = None
        self.due = 0
        """When `message_id` goes out."""
        self.scheduled = 0
        """When it goes out by its own backoff after a refusal; where `due` is earlier, that try is a probe."""
        self.delays = 0
        """How often something on our side blocked it; the exponent of the backoff."""
        self.lookup_first = False
        """Steam refused it: the history is read before the next try."""
        self.limited = 0
        """How often it was refused for its account's limit; `limited_alone`: while others of the bot's were taken."""
        self.limited_alone = 0
        self.taken_then: int | None = None

    def take(self, message_id: MessageId, due: int, *, lookup_first: bool) -> None:
        """Begin with another message: its backoff starts anew."""
        self.message_id, self.due, self.lookup_first = message_id, due, lookup_first
        self.scheduled = self.delays = 0
        self.limited = self.limited_alone = 0
        self.taken_then = None
