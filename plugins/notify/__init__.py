"""People are told what needs them when no tab is open: through apprise, by rules, at a bearable pace."""

from plugins.notify.plugin import Notify as Notify
