"""Nobody is invited at night."""

from __future__ import annotations

from kernel.clock import HOUR, Millis
from kernel.codes import RefusalCode
from kernel.commands import Command, SendInvite
from kernel.hookspecs import Rejection, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.state import State


class QuietHoursRefusal(RefusalCode):
    NIGHT = "quietHours"


class QuietHoursConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[quiet_hours]`; what it does not know is refused by `switchboard check`."""

    from_hour: int = 22
    hours: int = 9

    def __post_init__(self) -> None:
        if not (0 <= self.from_hour <= 23 and 1 <= self.hours <= 23):
            raise ValueError("from_hour: 0 to 23 (UTC); hours: 1 to 23")


class QuietHours(Plugin[QuietHoursConfig]):
    Config = QuietHoursConfig

    @hookimpl
    def admit(self, command: Command[object], state: State, now: Millis) -> Rejection | None:
        if not isinstance(command, SendInvite):
            return None
        since = (now - self.config.from_hour * HOUR) % (24 * HOUR)
        left = self.config.hours * HOUR - since
        if left <= 0:
            return None
        return Rejection("It is night; nobody is invited now.", QuietHoursRefusal.NIGHT, retry_after=left)
