"""A courier: what is remembered of the delivery of one chat's messages, beside what their rows say."""

from __future__ import annotations

import asyncio

from kernel.ids import MessageId


class Courier:
    """Delivers the messages of one chat. `handing` is the one that is with the router or the transport just now.

    Moments are milliseconds of what has elapsed of the run.
    """

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.handing: MessageId | None = None
        self.at_rest = asyncio.Event()
        self.at_rest.set()
        self.message_id: MessageId | None = None
        self.due = 0
        """When `message_id` goes out."""
        self.scheduled = 0
        """When it goes out by its own pause after a refusal; where it is due earlier, that try is a probe."""
        self.hindrances = 0
        """How often something of ours would not let it through for now."""
        self.look_first = False
        """Steam has refused it: whether it surely does not have it is looked up before it goes out again."""

    def take(self, message_id: MessageId, due: int, *, look_first: bool) -> None:
        """Begin with another message."""
        self.message_id, self.due, self.look_first = message_id, due, look_first
        self.scheduled = self.hindrances = 0
