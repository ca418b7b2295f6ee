"""Scenes, a few steps each that belong together, and histories of them: bad weather where it hurts."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec.structs import replace

from plugins.steam_sim.faults import FaultKind
from tests.whole import steps as s
from tests.whole.drawing import (
    KINDS,
    STEPS,
    agent,
    bot,
    crash,
    disk,
    down,
    during,
    fault,
    fitted,
    player,
    result,
    then,
    times,
    weighted,
)
from tests.whole.steps import Deed

Scene = tuple[s.Step, ...]

_soon = st.sampled_from((0.0, 0.03, 0.05, 0.2, 1.0, 5.0, 30.0))
_quick = st.sampled_from((0.0, 0.0, 0.03, 0.2, 1.0, 3.0, 10.0))
_decision = st.sampled_from((Deed.ACCEPT, Deed.DECLINE, Deed.BLOCK, Deed.REMOVE, Deed.STOP))
_lost = st.sampled_from(
    (
        FaultKind.DROP_SOCKET,
        FaultKind.STALL,
        FaultKind.LATE_ANSWERS,
        FaultKind.LOGGED_OFF,
        FaultKind.INVITE_LIES,
        FaultKind.CHAT_LIES,
    )
)
_answer_lost: SearchStrategy[s.Step] = weighted(
    (
        3,
        st.builds(s.Fault, kind=_lost, times=st.sampled_from((None, 1)), during=during, late=st.just(25.0), then=_soon),
    ),
    (
        3,
        st.builds(
            s.Crash,
            passes=st.sampled_from(range(13)),
            torn=st.sampled_from((0, 50, 100)),
            down=down,
            then=st.just(0.0),
        ),
    ),
    (1, disk),
    (1, st.builds(s.Drop, bot=bot, then=st.just(0.0))),
)


@st.composite
def _asked(draw: st.DrawFn, number: int) -> Scene:
    """A task for the player, who may have one, or be left alone, since before."""
    before = draw(
        st.sampled_from(
            ((), (), (s.Dispose(player=number),), (s.AllowContact(player=number),), (s.AllowInvite(player=number),))
        )
    )
    return *before, s.Create(player=number, then=draw(_soon))


@st.composite
def invite_in_bad_weather(draw: st.DrawFn) -> Scene:
    """The answer to an invite is lost, or we are, and the player decides before we know."""
    number = draw(player)
    decides = s.Player(player=number, does=draw(_decision), then=draw(then))
    after = draw(st.sampled_from(((), (s.Dispose(player=number),), (s.Kill(),), (s.AskAgain(),))))
    return draw(_answer_lost), *draw(_asked(number)), decides, *after, s.Create(player=number, then=draw(then))


@st.composite
def invite_that_is_refused(draw: st.DrawFn) -> Scene:
    """Steam refuses to invite a player, now and then or for long; another player's invite waits behind."""
    number, other = draw(player), draw(player)
    refusal = s.Answer(
        with_=draw(result),
        bot=draw(st.none() | bot),
        player=draw(st.sampled_from((None, number))),
        times=draw(times),
        during=draw(during),
        then=draw(_soon),
    )
    meanwhile = draw(st.lists(STEPS, max_size=2))
    asked = draw(_asked(number))
    return refusal, *asked, *draw(st.sampled_from(((), draw(_asked(other))))), *meanwhile, s.Wait(then=draw(then))


@st.composite
def bot_that_stays_away(draw: st.DrawFn) -> Scene:
    """A bot that has invited, or talks, goes off for long; somebody removes it, or the task, and asks for another."""
    number, away = draw(player), draw(bot)
    off = s.Fault(kind=FaultKind.LOGON_RESULT, bot=away, during=draw(st.sampled_from((1_800.0, 200.0))), then=0.0)
    ends = draw(st.sampled_from((s.RemoveBot(bot=away), s.Dispose(player=number), s.LeaveAlone(player=number))))
    middle = draw(st.sampled_from(((), (s.Player(player=number, does=draw(_decision)),))))
    return (
        s.Create(player=number, then=draw(then)),
        *middle,
        off,
        s.Drop(bot=away, then=draw(then)),
        ends,
        s.AddBot(bot=draw(bot)),
        s.Create(player=number, then=draw(then)),
    )


def _friends(number: int, greeted: float) -> Scene:
    """The player has accepted, and is greeted if there is time."""
    return s.Create(player=number, then=3.0), s.Player(player=number, then=greeted)


@st.composite
def line_in_bad_weather(draw: st.DrawFn) -> Scene:
    """The answer to a message is lost, and Steam's history does not show it yet, or cannot be read."""
    number = draw(player)
    history: Scene = draw(
        st.sampled_from(
            (
                (),
                (s.Fault(kind=FaultKind.HISTORY_LAGS, late=30.0, during=300.0, then=0.0),),
                (s.Fault(kind=FaultKind.HISTORY_LAGS, late=600.0, during=1_800.0, then=0.0),),
                (s.Fault(kind=FaultKind.HISTORY_RESULT, during=60.0, then=0.0),),
            )
        )
    )
    says = draw(
        st.sampled_from(
            (s.Write(player=number), s.Write(player=number, lines=3), s.Player(player=number, does=Deed.WRITE))
        )
    )
    after = draw(
        st.sampled_from(
            (
                (),
                (s.Toggle(player=number),),
                (s.Retry(player=number),),
                (s.Player(player=number, does=Deed.STOP),),
                (s.Dispose(player=number),),
                (s.Pause(),),
                (s.AskAgain(),),
                (s.Discard(player=number),),
            )
        )
    )
    last = (
        s.Wait(then=draw(then)),
        *draw(st.sampled_from(((), (s.Retry(player=number),), (s.Discard(player=number),)))),
    )
    return *_friends(number, draw(then)), *history, draw(_answer_lost), replace(says, then=draw(_soon)), *after, *last


@st.composite
def talk_with_many_hands_in_it(draw: st.DrawFn) -> Scene:
    """A dialogue is under way, and within seconds operators, the player, Steam and the disk interfere."""
    number = draw(player)
    by = st.sampled_from((0, 1))
    hands: SearchStrategy[s.Step] = weighted(
        (4, st.builds(s.Player, player=st.just(number), does=st.just(Deed.WRITE), then=_quick)),
        (3, st.builds(s.Toggle, player=st.just(number), on=st.booleans(), by=by, then=_quick)),
        (3, st.builds(s.Write, player=st.just(number), lines=st.sampled_from((1, 1, 3)), by=by, then=_quick)),
        (1, st.builds(s.Player, player=st.just(number), does=_decision, then=_quick)),
        (1, st.builds(s.Dispose, player=st.just(number), by=by, then=_quick)),
        (1, st.builds(s.LeaveAlone, player=st.just(number), by=by, then=_quick)),
        (1, st.builds(s.Pause, by=by, then=_quick)),
        (1, st.builds(s.Resume, by=by, then=_quick)),
        (1, st.builds(s.Reload, plugin=st.sampled_from(("dialogue", "scripted_agent", "steam")), then=_quick)),
        (2, st.builds(s.Answer, to=st.just(FaultKind.CHAT_RESULT), with_=result, times=times, then=_quick)),
        (1, agent.map(_at_once)),
        (1, disk.map(_at_once)),
        (1, fault.map(_at_once)),
        (2, crash.map(_at_once)),
        (1, st.builds(s.AskAgain, then=_quick)),
        (1, st.builds(s.Create, player=st.just(number), then=_quick)),
    )
    talk = _friends(number, draw(st.sampled_from((8.0, 3.0, 1.0, 10.0, 30.0))))
    return *talk, *draw(st.lists(hands, min_size=1, max_size=8)), s.Wait(then=draw(then))


def _at_once(step: s.Step) -> s.Step:
    return replace(step, then=0.0)


@st.composite
def agent_on_a_bad_day(draw: st.DrawFn) -> Scene:
    """An agent that raises, hangs, floods or lies, a player who writes, and perhaps a person who takes over."""
    number = draw(player)
    writes = s.Player(player=number, does=Deed.WRITE, lines=draw(st.sampled_from((1, 3))), then=draw(then))
    after = draw(st.sampled_from(((), (s.Toggle(player=number),), (s.Toggle(player=number, on=True),), (s.Kill(),))))
    return draw(agent), *_friends(number, draw(then)), writes, *after, s.Wait(then=draw(then))


@st.composite
def clock_that_is_wrong(draw: st.DrawFn) -> Scene:
    """The machine's clock is set, by mistake or for good, around an invite, a line or a start."""
    number = draw(player)
    by = draw(st.sampled_from((2.0, 60.0, -60.0, 3_600.0, -3_600.0, 86_400.0, -86_400.0, 1_300_000.0)))
    wrong = s.Clock(by=by, during=draw(st.sampled_from((5.0, 14.0, 30.0, 300.0, 0.0))), then=draw(_soon))
    asks: s.Step = draw(st.sampled_from((s.Create(player=number), s.Write(player=number), s.Wait())))
    starts: Scene = draw(st.sampled_from(((), (s.Restart(),), (s.Kill(),), (s.Restart(down=120.0),))))
    return *_friends(number, draw(then)), wrong, *starts, asks, s.Wait(then=draw(then))


SCENES: Final[SearchStrategy[Scene]] = weighted(
    (8, STEPS.map(lambda step: (step,))),
    (2, invite_in_bad_weather()),
    (2, invite_that_is_refused()),
    (1, bot_that_stays_away()),
    (2, line_in_bad_weather()),
    (3, talk_with_many_hands_in_it()),
    (2, agent_on_a_bad_day()),
    (1, clock_that_is_wrong()),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> s.History:
    """A history: some bots that are there from the beginning, some tasks, and then anything."""
    bots, players = draw(st.sampled_from((1, 2, 3))), draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    begun = [s.AddBot(bot=number, then=1.0) for number in range(bots)]
    asked = draw(st.lists(st.sampled_from(range(len(players))), max_size=2, unique=True))
    tasks = [s.Create(player=number, then=draw(then)) for number in asked]
    least = draw(st.sampled_from((1, most // 4, most // 3)))  # by themselves most lists are short
    scenes = draw(st.lists(SCENES, min_size=least, max_size=most // 2))
    steps = [step for scene in scenes for step in scene]
    return s.History(
        steps=tuple(fitted(step, bots, len(players)) for step in (*begun, *tasks, *steps)),
        bots=bots,
        players=tuple(players),
        hour=draw(st.sampled_from((60, 60, 2, 5))),
        snapshot=draw(st.sampled_from((250_000, 20))),
        leaving=draw(st.booleans()),
    )
