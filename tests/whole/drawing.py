"""How single steps, and whole histories, are drawn."""

from __future__ import annotations

from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec.structs import replace

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.agent import Temper
from tests.whole.disk import Mood

T = TypeVar("T")

SPANS: Final = (1.0, 0.0, 0.03, 0.2, 3.0, 10.0, 30.0, 61.0, 200.0, 900.0)
"""Seconds between two steps."""
USUAL: Final = (
    EResult.SERVICE_UNAVAILABLE,
    EResult.FAIL,
    EResult.BUSY,
    EResult.TIMEOUT,
    EResult.LIMIT_EXCEEDED,
    EResult.RATE_LIMIT_EXCEEDED,
    EResult.ACCESS_DENIED,
    EResult.BLOCKED,
    EResult.IGNORED,
    EResult.NO_CONNECTION,
)
RESULTS: Final = (*USUAL * 8, *sorted(set(EResult) - {EResult.OK, EResult.INVALID}), 999)
FAULTS: Final = (
    FaultKind.DROP_SOCKET,
    FaultKind.STALL,
    FaultKind.LATE_ANSWERS,
    FaultKind.REORDERED_ANSWERS,
    FaultKind.DUPLICATE_NOTIFICATIONS,
    FaultKind.LOGGED_OFF,
    FaultKind.HISTORY_RESULT,
    FaultKind.HISTORY_LAGS,
    FaultKind.LOGON_RESULT,
    FaultKind.CM_DOWN,
    FaultKind.INVITE_LIES,
    FaultKind.CHAT_LIES,
    FaultKind.INVITE_LOST,
    FaultKind.CHAT_LOST,
    FaultKind.ACCOUNT_LIMITED,
    FaultKind.ACCOUNT_LOCKED,
    FaultKind.COMMUNITY_BANNED,
)
KINDS: Final = (*(Temperament.NEVER, Temperament.EAGER) * 4, *Temperament)
"""Most players do only what a step says, or deal."""
RELOADED: Final = ("dialogue", "invites", "scripted_agent", "fleet", "tasks", "assigner", "contact_policy", "steam")


def weighted(*choices: tuple[int, SearchStrategy[T]]) -> SearchStrategy[T]:
    """One of them, each as often as its weight says: `st.one_of` takes out what is there twice."""
    each = [strategy for weight, strategy in choices for _ in range(weight)]
    return st.sampled_from(range(len(each))).flatmap(each.__getitem__)


then = st.sampled_from(SPANS)
player = st.sampled_from(range(4))
bot = st.sampled_from(range(3))
during = st.sampled_from((60.0, 5.0, 20.0, 300.0, 1_800.0))
times = st.sampled_from((None, 1, 2, 5))
down = st.sampled_from((1.0, 0.0, 20.0, 120.0))
result = st.sampled_from(RESULTS)
_anyone = st.sampled_from((None, 0, 1, 2))
_lines = st.sampled_from((1, 1, 1, 1, 3, 3, 45))
_asks = {"then": then, "by": st.sampled_from((0, 1)), "named": st.sampled_from((True, True, True, False))}

crash = st.builds(
    s.Crash, passes=st.sampled_from(range(26)), torn=st.sampled_from((0, 100, 50, 97)), down=down, then=then
)
fault = st.builds(
    s.Fault,
    kind=st.sampled_from(FAULTS),
    bot=_anyone,
    times=times,
    during=during,
    late=st.sampled_from((3.0, 25.0, 90.0)),
    with_=result,
    then=then,
)
answer = st.builds(
    s.Answer,
    to=st.sampled_from((FaultKind.INVITE_RESULT, FaultKind.CHAT_RESULT)),
    with_=result,
    bot=_anyone,
    player=st.none() | player,
    times=times,
    during=during,
    then=then,
)
agent = st.builds(s.Agent, temper=st.sampled_from(Temper), during=during, then=then)
disk = st.builds(s.Disk, mood=st.sampled_from((Mood.FULL, Mood.BROKEN, Mood.STALLED)), during=during, then=then)

STEPS: Final[SearchStrategy[s.Step]] = weighted(
    (5, st.builds(s.Create, player=player, **_asks)),
    (5, st.builds(s.Player, player=player, does=st.sampled_from(s.Deed), bot=bot, lines=_lines, then=then)),
    (3, st.builds(s.Write, player=player, lines=_lines, **_asks)),
    (2, st.builds(s.Toggle, player=player, on=st.booleans(), **_asks)),
    (2, st.builds(s.Dispose, player=player, **_asks)),
    (2, st.builds(s.AskAgain, then=then)),
    (1, st.builds(s.Retry, player=player, **_asks)),
    (1, st.builds(s.Discard, player=player, **_asks)),
    (1, st.builds(s.Pause, **_asks)),
    (2, st.builds(s.Resume, **_asks)),
    (1, st.builds(s.LeaveAlone, player=player, **_asks)),
    (2, st.builds(s.AllowContact, player=player, **_asks)),
    (1, st.builds(s.AllowInvite, player=player, **_asks)),
    (1, st.builds(s.AddBot, bot=bot, **_asks)),
    (1, st.builds(s.RemoveBot, bot=bot, **_asks)),
    (1, st.builds(s.Reload, plugin=st.sampled_from(RELOADED), **_asks)),
    (3, answer),
    (3, fault),
    (1, agent),
    (1, st.builds(s.Drop, bot=bot, then=then)),
    (2, disk),
    (
        1,
        st.builds(
            s.Clock,
            by=st.sampled_from((60.0, -60.0, 3_600.0, -3_600.0, 86_400.0, -86_400.0, 1_300_000.0)),
            during=st.sampled_from((5.0, 0.0, 300.0)),
            then=then,
        ),
    ),
    (3, crash),
    (1, st.builds(s.Kill, down=down, then=then)),
    (1, st.builds(s.Restart, down=down, then=then)),
    (2, st.builds(s.Wait, then=then)),
)


def fitted(step: s.Step, bots: int, players: int) -> s.Step:
    """The step, about a bot and a player that there are."""
    most = {"bot": bots, "player": players}
    numbers = {name: getattr(step, name, None) for name in most}
    return replace(step, **{name: number % most[name] for name, number in numbers.items() if number is not None})
