"""The codes that notify gives, and its closed sets of words."""

from __future__ import annotations

from enum import StrEnum

from kernel.codes import RefusalCode


class NotifyRefusal(RefusalCode):
    """What a command about a target is refused for."""

    UNKNOWN_TARGET = "unknownTarget"
    NOT_SENT = "notificationNotSent"
    """It was tried, and the service did not take it."""


class NotifyReason(StrEnum):
    """What people are told of."""

    NEEDS_PERSON = "needsPerson"
    DEAL_AGREED = "dealAgreed"
    BOT_STOPPED = "botStopped"
    """Trying again would not help: somebody has to act."""
    CONTACT_PAUSED = "contactPaused"
    JOURNAL_FAILING = "journalFailing"
    PLUGIN_QUARANTINED = "pluginQuarantined"
    WEBHOOK_DISABLED = "webhookDisabled"


class Severity(StrEnum):
    """How much it matters; each is more than the one before it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    """Players or money are affected now: it is told in quiet hours too."""

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class SendFault(StrEnum):
    """Why a notification did not get through."""

    REFUSED = "refused"
    """The service, or the way to it, failed."""
    LATE = "late"
    INVALID_URL = "invalidUrl"
    """Apprise cannot read the URL, or there is none where it should be."""
    NOT_HTTP = "notHttp"
    """The service is not reached by an outgoing HTTP request."""
    PRIVATE_ADDRESS = "privateAddress"
    """It leads to an address that `allowed_networks` does not name."""
    BROKEN = "broken"
    """The process that sends did not work."""
