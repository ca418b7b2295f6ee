"""Friend invites: a queue for each bot, at most one a minute, and what became of each."""

from plugins.invites.plugin import Invites as Invites
