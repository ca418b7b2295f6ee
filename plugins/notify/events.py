"""What happens to targets. What is told is no event."""

from __future__ import annotations

from typing import ClassVar

from kernel.events import Event
from plugins.notify.codes import SendFault


class NotifyTargetFailed(Event, frozen=True, kw_only=True):
    """Notifications to the target have failed several times in a row; they are kept, and tried again."""

    kind: ClassVar[str] = "notify.targetFailed"
    target: str
    fault: SendFault
    failures: int
