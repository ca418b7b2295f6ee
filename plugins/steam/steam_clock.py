"""Steam's time: by how much this machine's clock is off it, who said so, and which codes were made by it."""

from __future__ import annotations

import email.utils
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from plugins.steam.policy import HOUR, SECOND
from plugins.steam_protocol import totp

SURE_FOR: Final = HOUR  # ms that a time is gone by before a code has Steam asked again
EXACT_FOR: Final = 5 * SECOND  # ms in which Steam is not asked a second time
TOO_LATE: Final = (
    10 * SECOND
)  # ms between question and answer beyond which an answer is passed over if there is another
DISAGREE: Final = 5 * SECOND  # ms by which a weaker source may differ before it is passed over
STEPPED: Final = 10 * SECOND  # ms by which the machine's clock has to be set for a code to be worth a try
LEAST_BLIND: Final = 900 * SECOND  # ms until a code is tried again that nobody's time stands behind
MOST_BLIND: Final = 6 * HOUR
STEP: Final = totp.STEP_SECONDS * SECOND
EARLIEST: Final = 1_577_836_800  # unix seconds, 2020: before Steam's sign-in of today
LATEST: Final = 1 << 33
_KEPT: Final = 32  # steps of each account


class TimeSource(StrEnum):
    """Who told the time, the surest first."""

    QUERY_TIME = "queryTime"
    """ITwoFactorService/QueryTime."""
    LOGON = "logon"
    """rtime32_server_time of the answer to a logon."""
    DIRECTORY = "directory"
    """The Date of an answer with a list of CMs."""


_RANK: Final = {source: place for place, source in enumerate(TimeSource)}


class Heard(NamedTuple):
    """What a source said; times in ms, `steady` by the clock that nobody sets."""

    source: TimeSource
    steady: int
    steam: int


class SteamClock:
    """Steam's time, kept by a clock that nobody sets once a source has told it; this machine's until then.

    One for the process: Steam's clock is the same for every bot. A source tells whole seconds, and its answer was under
    way for a while, so the earliest time that fits is taken: a code of the step that has just ended is still good.
    """

    def __init__(self, own_ms: Callable[[], int], steady_ms: Callable[[], int] | None = None) -> None:
        """`own_ms`: unix ms by this machine. `steady_ms`: ms of a clock that nobody sets; left out, `own_ms` is one."""
        self._own = own_ms
        self.steady_ms: Callable[[], int] = steady_ms or own_ms
        self._ahead = 0  # ms from the steady clock to Steam's
        self._heard: Heard | None = None
        self.asked_at: int | None = None
        """When QueryTime was last asked, by the steady clock, whatever came of it."""

    def now_ms(self) -> int:
        """Unix ms by Steam's clock, as far as it is known."""
        return self.steady_ms() + self._ahead if self._heard is not None else self._own()

    @property
    def heard(self) -> Heard | None:
        """The latest that counted; None: nobody has told the time."""
        return self._heard

    @property
    def known(self) -> bool:
        return self._heard is not None

    @property
    def sure(self) -> bool:
        """Whether codes can be made without asking."""
        return self._heard is not None and self.age_ms < SURE_FOR

    @property
    def exact(self) -> bool:
        """Whether Steam has just been asked."""
        return self.asked_at is not None and self.steady_ms() - self.asked_at < EXACT_FOR

    @property
    def age_ms(self) -> int:
        """How long ago the time was told; 0 where it never was."""
        return self.steady_ms() - self._heard.steady if self._heard is not None else 0

    @property
    def offset_ms(self) -> int:
        """By how much Steam's clock is ahead of this machine's."""
        return self.now_ms() - self._own()

    @property
    def mark(self) -> int:
        """Changes as this machine's clock is set."""
        return self._own() - self.steady_ms()

    def hear(self, source: TimeSource, second: int, asked: int) -> None:
        """A source says that it is `second` (unix); it was asked at `asked`, by the steady clock."""
        now = self.steady_ms()
        if not EARLIEST <= second < LATEST or self._is_weaker(source, second, asked, now):
            return
        earliest, latest = second * SECOND - now, (second + 1) * SECOND - asked
        ahead = self._ahead if self._heard is not None else self._own() - now
        self._ahead = ahead if earliest <= ahead <= latest else earliest
        self._heard = Heard(source, now, now + self._ahead)

    def hear_date(self, date: str, age: str, asked: int) -> None:
        """The headers Date and Age of an answer of the directory; what is no date is passed over."""
        try:
            said = email.utils.parsedate_to_datetime(date)
            second = int(said.timestamp()) + (int(age) if age.isascii() and age.isdigit() and len(age) < 7 else 0)
        except (ValueError, TypeError, OverflowError, OSError):
            return
        self.hear(TimeSource.DIRECTORY, second, asked)

    def _is_weaker(self, source: TimeSource, second: int, asked: int, now: int) -> bool:
        held = self._heard
        if held is None or now - held.steady >= SURE_FOR:
            return False
        if now - asked > TOO_LATE:
            return True
        off = abs(second * SECOND - now - self._ahead)
        return _RANK[source] > _RANK[held.source] and off > DISAGREE + now - asked


class _Doubt(NamedTuple):
    mark: int
    until: int
    span: int


class CodeSteps:
    """Which 30-second steps each account has given a code of, so that none is given twice; by account name."""

    def __init__(self) -> None:
        self._given: dict[str, deque[int]] = {}
        self._doubted: dict[str, _Doubt] = {}

    def due(self, account: str, now_ms: int) -> int:
        """From when on (ms of Steam's time) there is a code that was not given yet."""
        step = now_ms // STEP
        given = self._given.get(account, ())
        if step not in given:
            return now_ms
        while step in given:
            step += 1
        return step * STEP

    def give(self, account: str, now_ms: int) -> None:
        self._given.setdefault(account, deque(maxlen=_KEPT)).append(now_ms // STEP)

    def doubt(self, account: str, time: SteamClock) -> None:
        """Its code was refused while nobody had told the time: none is tried for a while, unless something changes."""
        before = self._doubted.get(account)
        span = min(before.span * 2, MOST_BLIND) if before is not None else LEAST_BLIND
        self._doubted[account] = _Doubt(time.mark, time.steady_ms() + span, span)

    def settle(self, account: str) -> None:
        self._doubted.pop(account, None)

    def waits(self, account: str, time: SteamClock) -> bool:
        """Whether another code would be as wrong as the last one, for all that is known."""
        doubt = self._doubted.get(account)
        if doubt is None or time.known or time.steady_ms() >= doubt.until:
            return False
        return abs(time.mark - doubt.mark) < STEPPED
