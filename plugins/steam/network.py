"""What all clients of a process share: the way to Steam, its time, and how long anything may take."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from typing import Final

from plugins.steam import fetch
from plugins.steam.dial import TIMEOUT
from plugins.steam.directory import Directory
from plugins.steam.errors import PersonNeeded, Unavailable
from plugins.steam.link import Tally
from plugins.steam.policy import SECOND
from plugins.steam.proxy import Proxy
from plugins.steam.steam_clock import CodeSteps, SteamClock, TimeSource

ANSWER_TIMEOUT: Final = 20.0  # seconds; Steam's clients take 5 to 10, and a proxy needs its own
ASK_TIME_TIMEOUT: Final = 10.0  # seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Network:
    """What all clients of a process share."""

    directory: Directory
    tls: ssl.SSLContext
    time: SteamClock
    dial_timeout: float = TIMEOUT
    answer_timeout: float = ANSWER_TIMEOUT
    tally: Tally = field(default_factory=Tally)
    steps: CodeSteps = field(default_factory=CodeSteps)
    one_clock: bool = False
    """Whether Steam stamps messages by `time`, too: the simulated one does by the clock of its players."""

    def __post_init__(self) -> None:
        self.directory.on_date = self.time.hear_date

    def second(self) -> int | None:
        """What Steam would stamp a message with now, in unix seconds; None where that is not known."""
        return self.time.now_ms() // SECOND if self.one_clock and self.time.known else None

    async def ask_time(self, proxy: Proxy) -> None:
        """Ask Steam what time it is, through a bot's proxy; where nobody answers, what was known stays."""
        asked = self.time.asked_at = self.time.steady_ms()
        try:
            told = await fetch.query_time(
                self.directory.time_url, proxy, self.tls, min(self.dial_timeout, ASK_TIME_TIMEOUT)
            )
        except (Unavailable, PersonNeeded) as error:
            log.warning("Steam cannot be asked what time it is: %s", error)
        else:
            self.time.hear(TimeSource.QUERY_TIME, told, asked)
