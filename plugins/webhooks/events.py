"""What happens to endpoints. What is delivered is no event: it stands in the endpoint's own record."""

from __future__ import annotations

from typing import ClassVar

from kernel.events import Event
from plugins.webhooks.codes import DisabledBecause


class WebhookDisabled(Event, frozen=True, kw_only=True):
    """Nothing is sent to the endpoint any more, until ResumeWebhook. `failures`: the attempts in a row before."""

    kind: ClassVar[str] = "webhooks.endpointDisabled"
    endpoint: str
    reason: DisabledBecause
    failures: int = 0


class WebhookResumed(Event, frozen=True, kw_only=True):
    """The endpoint is sent to again."""

    kind: ClassVar[str] = "webhooks.endpointResumed"
    endpoint: str


class WebhookEventsSkipped(Event, frozen=True, kw_only=True):
    """The endpoint goes on behind event `upto`, and what it was to get from behind event `after` on is not sent."""

    kind: ClassVar[str] = "webhooks.eventsSkipped"
    endpoint: str
    after: int
    upto: int
