"""Events to other systems by HTTP: signed, at least once, from the journal."""

from plugins.webhooks.plugin import Webhooks as Webhooks
