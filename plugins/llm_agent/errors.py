"""What this plugin raises on purpose.

KeyUnreadable         a person puts the API key where the config says; the plugin does not start
GaveUp                no reply can be had for this turn; somebody else takes the dialogue, and `reason` is counted
└── EndpointFailed    the endpoint gave nothing that can be used
    ├── EndpointAway      asking again later may help: slow, down, busy
    ├── EndpointRefused   a person has to act: the key, the model's name, the address
    └── AnswerUnusable    the model's own answer is at fault: asking it anew may help
"""

from __future__ import annotations

from kernel.errors import PluginFailed


class KeyUnreadable(PluginFailed):
    """The API key is not where the config says, or others may read it. The message has nothing of the key in it."""


class GaveUp(Exception):
    """`reason` is one word of `stats.REASONS`; the message is for an operator."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class EndpointFailed(GaveUp):
    """Raised as one of its children."""


class EndpointAway(EndpointFailed):
    """`retry_after` in milliseconds, where the endpoint said so."""

    def __init__(self, reason: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after


class EndpointRefused(EndpointFailed):
    """It understood, and will not."""


class AnswerUnusable(EndpointFailed):
    """It is not what was asked for."""
