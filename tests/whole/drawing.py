"""How histories are drawn."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.disk import Mood
from tests.whole.switches import SWITCHED_OFF

SPANS: Final = (1.0, 0.0, 0.03, 0.2, 3.0, 10.0, 30.0, 61.0, 200.0, 900.0)
"""Seconds between two steps."""
RESULTS: Final = (
    EResult.SERVICE_UNAVAILABLE,
    *sorted(set(EResult) - {EResult.OK, EResult.INVALID, EResult.SERVICE_UNAVAILABLE}),
    999,
)
FAULTS: Final = tuple(
    kind
    for kind in (
        "drop_socket",
        "stall",
        "late_answers",
        "reordered_answers",
        "duplicate_notifications",
        "logged_off",
        "history_result",
        "history_lags",
        "logon_result",
        "cm_down",
    )
    if kind in set(FaultKind)
)
KINDS: Final = tuple(Temperament)

_then = st.sampled_from(SPANS)
_player = st.integers(0, 2)
_bot = st.integers(0, 2)
_by = st.integers(0, 1)
_named = st.sampled_from((True, True, True, False))
_during = st.sampled_from((60.0, 5.0, 20.0, 300.0, 1_800.0))
_times = st.sampled_from((None, 1, 2, 5))
_down = st.sampled_from((1.0, 0.0, 20.0, 120.0))
_asks = {"then": _then, "by": _by, "named": _named}


def _some(weight: int, strategy: SearchStrategy[s.Step]) -> list[SearchStrategy[s.Step]]:
    return [strategy] * weight


STEPS: Final[SearchStrategy[s.Step]] = st.one_of(
    *_some(4, st.builds(s.Create, player=_player, **_asks)),
    *_some(4, st.builds(s.Player, player=_player, does=st.sampled_from(s.Deed), bot=_bot, then=_then)),
    *_some(3, st.builds(s.Write, player=_player, lines=st.sampled_from((1, 1, 3)), **_asks)),
    *_some(2, st.builds(s.Toggle, player=_player, on=st.booleans(), **_asks)),
    *_some(2, st.builds(s.Dispose, player=_player, **_asks)),
    *_some(2, st.builds(s.AskAgain, then=_then)),
    *_some(1, st.builds(s.Retry, player=_player, **_asks)),
    *_some(1, st.builds(s.Discard, player=_player, **_asks)),
    *_some(1, st.builds(s.Pause, **_asks)),
    *_some(1, st.builds(s.Resume, **_asks)),
    *_some(1, st.builds(s.LeaveAlone, player=_player, **_asks)),
    *_some(1, st.builds(s.AllowContact, player=_player, **_asks)),
    *_some(1, st.builds(s.AllowInvite, player=_player, **_asks)),
    *_some(1, st.builds(s.AddBot, bot=_bot, **_asks)),
    *_some(1, st.builds(s.RemoveBot, bot=_bot, **_asks)),
    *_some(1, st.builds(s.Reload, plugin=st.sampled_from(("dialogue", "invites", "scripted_agent", "fleet")), **_asks)),
    *_some(
        3,
        st.builds(
            s.Answer,
            to=st.sampled_from((FaultKind.INVITE_RESULT, FaultKind.CHAT_RESULT)),
            with_=st.sampled_from(RESULTS),
            bot=st.none() | _bot,
            player=st.none() | _player,
            times=_times,
            during=_during,
            then=_then,
        ),
    ),
    *_some(
        2,
        st.builds(
            s.Fault,
            kind=st.sampled_from(FAULTS),
            bot=st.none() | _bot,
            times=_times,
            during=_during,
            late=st.sampled_from((3.0, 25.0, 90.0)),
            then=_then,
        ),
    ),
    *_some(1, st.builds(s.Drop, bot=_bot, then=_then)),
    *_some(
        2, st.builds(s.Disk, mood=st.sampled_from((Mood.FULL, Mood.BROKEN, Mood.STALLED)), during=_during, then=_then)
    ),
    *_some(
        0 if "steps.Clock" in SWITCHED_OFF else 1,
        st.builds(
            s.Clock,
            by=st.sampled_from((60.0, -60.0, 3_600.0, -3_600.0, 86_400.0, -86_400.0, 1_300_000.0)),
            during=st.sampled_from((5.0, 0.0, 300.0)),
            then=_then,
        ),
    ),
    *_some(
        3, st.builds(s.Crash, passes=st.integers(0, 25), torn=st.sampled_from((0, 100, 50, 97)), down=_down, then=_then)
    ),
    *_some(1, st.builds(s.Kill, down=_down, then=_then)),
    *_some(1, st.builds(s.Restart, down=_down, then=_then)),
    *_some(2, st.builds(s.Wait, then=_then)),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> s.History:
    """A history: some bots that are there from the beginning, some tasks, and then anything."""
    bots, players = draw(st.integers(1, 3)), draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    begun = [s.AddBot(bot=bot, then=1.0) for bot in range(bots)]
    asked = draw(st.lists(st.integers(0, len(players) - 1), max_size=3, unique=True))
    tasks = [s.Create(player=player, then=draw(_then)) for player in asked]
    least = draw(st.sampled_from((1, most // 2, most)))  # by themselves most lists are short
    steps = draw(st.lists(STEPS, min_size=least, max_size=most))
    return s.History(
        steps=tuple(step for step in (*begun, *tasks, *steps) if _fits(step, bots, len(players))),
        bots=bots,
        players=tuple(players),
        hour=draw(st.sampled_from((60, 2, 5))),
        snapshot=draw(st.sampled_from((250_000, 20))),
    )


def _fits(step: s.Step, bots: int, players: int) -> bool:
    """Whether it is about a bot and a player that there are."""
    bot, player = getattr(step, "bot", None), getattr(step, "player", None)
    return (bot is None or bot < bots) and (player is None or player < players)
