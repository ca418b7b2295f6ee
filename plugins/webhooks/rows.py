"""Rows of this plugin: which endpoints are disabled."""

from __future__ import annotations

from typing import Final

from kernel.events import Envelope
from kernel.plugin_tables import PluginTable
from kernel.row import Row
from kernel.tables import Table
from plugins.webhooks.codes import DisabledBecause
from plugins.webhooks.events import WebhookDisabled, WebhookResumed


class DisabledEndpoint(Row, frozen=True, kw_only=True):
    """An endpoint that nothing is sent to; its id is its name."""

    id: str
    at: int
    """UTC milliseconds."""
    reason: DisabledBecause


DISABLED: Final = PluginTable("disabled", DisabledEndpoint)


@DISABLED.reduces(WebhookDisabled)
def disabled(rows: Table[str, DisabledEndpoint], envelope: Envelope, event: WebhookDisabled) -> None:
    rows.put(DisabledEndpoint(id=event.endpoint, at=envelope.ts, reason=event.reason))


@DISABLED.reduces(WebhookResumed)
def resumed(rows: Table[str, DisabledEndpoint], envelope: Envelope, event: WebhookResumed) -> None:
    rows.drop(event.endpoint)
