"""Histories of invites alone: every answer that Steam may give, delays, deaths, and steps of the clock.

All rules judge them; those that they are for: `one_invite_a_minute`, `the_hour_of`, `no_player_starves_another`,
`tasks_move_on` and `open_tasks_say_why`.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.drawing import crash, down, fitted, player, weighted
from tests.whole.steps import Deed

KNOWN: Final = tuple(sorted(set(EResult) - {EResult.OK}))
UNKNOWN: Final = (-1, 132, 999, 2**31 - 1)
"""Numbers that Steam has given no name yet."""
BOTS: Final = (1, 2, 3)
PEOPLE: Final = (Temperament.NEVER, Temperament.NEVER, Temperament.EAGER, Temperament.DECLINER, Temperament.LATE)

then = st.sampled_from((61.0, 1.0, 0.03, 5.0, 30.0, 59.9, 200.0, 900.0, 3_599.0))
result = weighted((4, st.sampled_from(KNOWN)), (1, st.sampled_from(UNKNOWN)))
_anyone = st.sampled_from((None, None, 0, 1, 2))
_times = st.sampled_from((None, None, 1, 2, 5))
_during = st.sampled_from((300.0, 5.0, 60.0, 1_800.0, 7_200.0))
_delays = (FaultKind.LATE_ANSWERS, FaultKind.LATE_ANSWERS, FaultKind.REORDERED_ANSWERS, FaultKind.STALL)
_breaks = (
    FaultKind.DROP_SOCKET,
    FaultKind.LOGGED_OFF,
    FaultKind.INVITE_LIES,
    FaultKind.INVITE_LOST,
    FaultKind.ACCOUNT_LIMITED,
    FaultKind.FRIENDS_LIST_FULL,
)
_steps_of_a_clock = (1.0, -1.0, 45.0, -45.0, 61.0, -61.0, 600.0, -600.0, 3_600.0, -3_600.0, 86_400.0, -86_400.0)
_late = st.sampled_from((3.0, 0.5, 20.0, 61.0, 120.0))

answer = st.builds(
    s.Answer,
    to=st.just(FaultKind.INVITE_RESULT),
    with_=result,
    bot=_anyone,
    player=st.none() | player,
    times=_times,
    during=_during,
    then=then,
)
delay = st.builds(
    s.Fault, kind=st.sampled_from(_delays), bot=_anyone, times=_times, during=_during, late=_late, then=then
)
broken = st.builds(
    s.Fault, kind=st.sampled_from(_breaks), bot=_anyone, times=_times, during=_during, with_=result, then=then
)
clock = st.builds(
    s.Clock, by=st.sampled_from(_steps_of_a_clock), during=st.sampled_from((0.0, 5.0, 70.0, 300.0)), then=then
)
deed = st.builds(
    s.Player, player=player, does=st.sampled_from((Deed.ACCEPT, Deed.DECLINE, Deed.BLOCK, Deed.INVITE)), then=then
)
STEPS: Final[SearchStrategy[s.Step]] = weighted(
    (6, answer),
    (5, st.builds(s.Create, player=player, then=then)),
    (2, delay),
    (1, broken),
    (2, clock),
    (2, st.builds(s.Kill, down=down, then=then)),
    (2, crash),
    (1, st.builds(s.Restart, down=down, then=then)),
    (2, deed),
    (1, st.builds(s.Dispose, player=player, then=then)),
    (1, st.builds(s.AllowInvite, player=player, then=then)),
    (3, st.builds(s.Wait, then=then)),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> s.History:
    """Bots that are there from the beginning, a task for each player or for some, and then anything."""
    bots, people = draw(st.sampled_from(BOTS)), draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4))
    first = [draw(answer), draw(answer)] if draw(st.booleans()) else [draw(answer)]
    begun = [s.AddBot(bot=number, then=1.0) for number in range(bots)]
    tasks = [s.Create(player=number, then=draw(st.sampled_from((0.03, 1.0, 30.0)))) for number in range(len(people))]
    least = draw(st.sampled_from((1, most // 4, most // 2)))
    steps = draw(st.lists(STEPS, min_size=least, max_size=most))
    return s.History(
        steps=tuple(fitted(step, bots, len(people)) for step in (*begun, *first, *tasks, *steps)),
        bots=bots,
        players=tuple(people),
        hour=draw(st.sampled_from((60, 2, 3, 5))),
        snapshot=draw(st.sampled_from((250_000, 20))),
    )
