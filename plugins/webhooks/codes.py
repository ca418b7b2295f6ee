"""The codes that webhooks give, and their closed sets of words."""

from __future__ import annotations

from enum import StrEnum

from kernel.codes import RefusalCode


class WebhookRefusal(RefusalCode):
    """What a command about an endpoint is refused for."""

    UNKNOWN_ENDPOINT = "unknownEndpoint"
    UNSIGNED = "webhookUnsigned"
    """No secret was made for it, so nothing is sent there."""
    FAILED = "webhookFailed"
    """It was sent, or tried, and the endpoint did not take it."""
    UNKNOWN_EVENT = "unknownEvent"
    """The journal has no such event, or it is none that an endpoint may get."""


class DeliveryFault(StrEnum):
    """Why an endpoint has not taken a message."""

    ANSWERED = "answered"
    """With a status that is not 2xx; the record has it."""
    REDIRECTED = "redirected"
    """With a redirect, which is not followed."""
    GONE = "gone"
    """With 410: it wants nothing any more."""
    PRIVATE_ADDRESS = "privateAddress"
    """Its name leads to no address that `allowed_networks` or the public network has."""
    PLAIN_HTTP = "plainHttp"
    """Its URL is http, which is for addresses of `allowed_networks` alone."""
    NO_ADDRESS = "noAddress"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    """Its certificate does not hold, or it speaks no TLS."""
    LATE = "late"
    DROPPED = "dropped"
    """The connection was lost before an answer."""
    NONSENSE = "nonsense"
    """The answer is no HTTP, or has no end of headers."""
    UNSIGNED = "unsigned"
    """No secret was made for it, or the file of secrets cannot be read."""
    UNCONFIGURED = "unconfigured"
    """Where its URL should stand, there is none."""


class DisabledBecause(StrEnum):
    FAILING = "failing"
    GONE = "gone"
    HAND = "hand"
