"""Care for players: who may be contacted, by whom and how often, as admission that every way out passes."""

from plugins.contact_policy.plugin import ContactPolicy as ContactPolicy
