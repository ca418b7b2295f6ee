"""How histories are drawn."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec.structs import replace

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.agent import Temper
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
        "invite_lies",
        "chat_lies",
        "invite_lost",
        "chat_lost",
    )
    if kind in set(FaultKind)
)
KINDS: Final = (*(Temperament.NEVER, Temperament.EAGER) * 4, *Temperament)
"""Most players do only what a step says, or deal."""

RELOADED: Final = ("dialogue", "invites", "scripted_agent", "fleet", "tasks", "assigner", "contact_policy", "steam")

_then = st.sampled_from(SPANS)
_player = st.integers(0, 2)
_bot = st.integers(0, 2)
_by = st.integers(0, 1)
_named = st.sampled_from((True, True, True, False))
_during = st.sampled_from((60.0, 5.0, 20.0, 300.0, 1_800.0))
_times = st.sampled_from((None, 1, 2, 5))
_down = st.sampled_from((1.0, 0.0, 20.0, 120.0))
_lines = st.sampled_from((1, 1, 1, 1, 3, 3, 45))
_result = st.sampled_from(RESULTS)
_asks = {"then": _then, "by": _by, "named": _named}


def _some(weight: int, strategy: SearchStrategy[s.Step]) -> list[SearchStrategy[s.Step]]:
    return [strategy] * weight


STEPS: Final[SearchStrategy[s.Step]] = st.one_of(
    *_some(4, st.builds(s.Create, player=_player, **_asks)),
    *_some(4, st.builds(s.Player, player=_player, does=st.sampled_from(s.Deed), bot=_bot, lines=_lines, then=_then)),
    *_some(3, st.builds(s.Write, player=_player, lines=_lines, **_asks)),
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
    *_some(1, st.builds(s.Reload, plugin=st.sampled_from(RELOADED), **_asks)),
    *_some(
        3,
        st.builds(
            s.Answer,
            to=st.sampled_from((FaultKind.INVITE_RESULT, FaultKind.CHAT_RESULT)),
            with_=_result,
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
            with_=_result,
            then=_then,
        ),
    ),
    *_some(1, st.builds(s.Agent, temper=st.sampled_from(Temper), during=_during, then=_then)),
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


_soon = st.sampled_from((0.0, 0.03, 0.05, 0.2, 1.0, 5.0, 30.0))
_deed = st.sampled_from((s.Deed.ACCEPT, s.Deed.DECLINE, s.Deed.BLOCK, s.Deed.REMOVE, s.Deed.STOP))
_dies = st.builds(s.Crash, passes=st.integers(0, 12), torn=st.sampled_from((0, 50, 100)), down=_down, then=st.just(0.0))
_lost = st.sampled_from(("drop_socket", "stall", "late_answers", "logged_off", "invite_lies", "chat_lies"))


@st.composite
def invite_in_bad_weather(draw: st.DrawFn) -> tuple[s.Step, ...]:
    """The answer to an invite is lost, or we are, and the player decides before we know."""
    player, bot = draw(_player), draw(_bot)
    trouble: s.Step = draw(
        st.builds(s.Fault, kind=_lost, times=st.sampled_from((None, 1)), during=_during, late=st.just(25.0), then=_soon)
        | st.builds(
            s.Crash, passes=st.integers(0, 12), torn=st.sampled_from((0, 50, 100)), down=_down, then=st.just(0.0)
        )
        | st.builds(s.Disk, mood=st.sampled_from(Mood), during=_during, then=_soon)
        | st.just(s.Drop(bot=bot, then=0.0))
    )
    decides = s.Player(player=player, does=draw(_deed), then=draw(_then))
    after = draw(st.sampled_from(((), (s.Dispose(player=player),), (s.Kill(),), (s.AskAgain(),))))
    return (
        trouble,
        s.Create(player=player, then=draw(_soon)),
        decides,
        *after,
        s.Create(player=player, then=draw(_then)),
    )


@st.composite
def bot_that_stays_away(draw: st.DrawFn) -> tuple[s.Step, ...]:
    """A bot that has invited, or talks, goes off for long; somebody removes it, or the task, and asks for another."""
    player, bot = draw(_player), draw(_bot)
    away = s.Fault(kind="logon_result", bot=bot, during=draw(st.sampled_from((1_800.0, 200.0))), then=0.0)
    ends = draw(st.sampled_from((s.RemoveBot(bot=bot), s.Dispose(player=player), s.LeaveAlone(player=player))))
    middle = draw(st.sampled_from(((), (s.Player(player=player, does=draw(_deed)),))))
    return (
        s.Create(player=player, then=draw(_then)),
        *middle,
        away,
        s.Drop(bot=bot, then=draw(_then)),
        ends,
        s.AddBot(bot=draw(_bot)),
        s.Create(player=player, then=draw(_then)),
    )


@st.composite
def line_in_bad_weather(draw: st.DrawFn) -> tuple[s.Step, ...]:
    """The answer to a message is lost, and Steam's history does not show it yet, or cannot be read."""
    player = draw(_player)
    history: tuple[s.Step, ...] = draw(
        st.sampled_from(
            (
                (),
                (s.Fault(kind="history_lags", late=30.0, during=300.0, then=0.0),),
                (s.Fault(kind="history_lags", late=600.0, during=1_800.0, then=0.0),),
                (s.Fault(kind="history_result", during=60.0, then=0.0),),
            )
        )
    )
    trouble: s.Step = draw(
        st.builds(s.Fault, kind=_lost, times=st.sampled_from((None, 1)), during=_during, late=st.just(25.0), then=_soon)
        | st.builds(
            s.Crash, passes=st.integers(0, 8), torn=st.sampled_from((0, 50, 100)), down=_down, then=st.just(0.0)
        )
        | st.builds(s.Disk, mood=st.sampled_from(Mood), during=_during, then=_soon)
    )
    says = draw(
        st.sampled_from(
            (s.Write(player=player), s.Write(player=player, lines=3), s.Player(player=player, does=s.Deed.WRITE))
        )
    )
    after = draw(
        st.sampled_from(
            (
                (),
                (s.Toggle(player=player),),
                (s.Retry(player=player),),
                (s.Player(player=player, does=s.Deed.STOP),),
                (s.Dispose(player=player),),
                (s.Pause(),),
                (s.AskAgain(),),
                (s.Discard(player=player),),
            )
        )
    )
    friends = (s.Create(player=player, then=3.0), s.Player(player=player, then=draw(_then)))
    return *friends, *history, trouble, says, *after, s.Wait(then=draw(_then))


@st.composite
def clock_that_is_wrong(draw: st.DrawFn) -> tuple[s.Step, ...]:
    """The machine's clock is set, by mistake or for good, around an invite, a line or a start."""
    player = draw(_player)
    by = draw(st.sampled_from((2.0, 60.0, -60.0, 3_600.0, -3_600.0, 86_400.0, -86_400.0, 1_300_000.0)))
    wrong = s.Clock(by=by, during=draw(st.sampled_from((5.0, 14.0, 30.0, 300.0, 0.0))), then=draw(_soon))
    asks: s.Step = draw(st.sampled_from((s.Create(player=player), s.Write(player=player), s.Wait())))
    starts: tuple[s.Step, ...] = draw(st.sampled_from(((), (s.Restart(),), (s.Kill(),), (s.Restart(down=120.0),))))
    friends = (s.Create(player=player, then=3.0), s.Player(player=player, then=draw(_then)))
    return *friends, wrong, *starts, asks, s.Wait(then=draw(_then))


SCENES: Final[SearchStrategy[tuple[s.Step, ...]]] = st.one_of(
    *[STEPS.map(lambda step: (step,))] * 5,
    invite_in_bad_weather(),
    bot_that_stays_away(),
    line_in_bad_weather(),
    clock_that_is_wrong(),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> s.History:
    """A history: some bots that are there from the beginning, some tasks, and then anything."""
    bots, players = draw(st.integers(1, 3)), draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    begun = [s.AddBot(bot=bot, then=1.0) for bot in range(bots)]
    asked = draw(st.lists(st.integers(0, len(players) - 1), max_size=3, unique=True))
    tasks = [s.Create(player=player, then=draw(_then)) for player in asked]
    least = draw(st.sampled_from((1, most // 4, most // 2)))  # by themselves most lists are short
    scenes = draw(st.lists(SCENES, min_size=least, max_size=most // 2))
    steps = [step for scene in scenes for step in scene]
    return s.History(
        steps=tuple(_fitted(step, bots, len(players)) for step in (*begun, *tasks, *steps)),
        bots=bots,
        players=tuple(players),
        hour=draw(st.sampled_from((60, 2, 5))),
        snapshot=draw(st.sampled_from((250_000, 20))),
    )


def _fitted(step: s.Step, bots: int, players: int) -> s.Step:
    """The step, about a bot and a player that there are."""
    most = {"bot": bots, "player": players}
    numbers = {name: getattr(step, name, None) for name in most}
    return replace(step, **{name: number % most[name] for name, number in numbers.items() if number is not None})
