"""A connection that breaks for a moment: nobody sees the bot go, and nothing that came in between is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.clock import MINUTE
from kernel.errors import Unavailable
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    Event,
    FriendMessageArrived,
    FriendRelationshipChanged,
)
from kernel.ids import BotId
from plugins.fleet.codes import TurnReason
from plugins.steam import flaps
from plugins.steam.errors import Disconnected, SteamSilent
from plugins.steam.policy import Context, judge
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, unseen_s=60) as running:  # a busy machine is no failure
        yield running


async def steady(stage: Stage) -> BotId:
    """A bot that has been online for longer than a minute."""
    bot_id = await stage.online()
    await stage.world.clock.advance(2 * MINUTE)
    return bot_id


def breaks(stage: Stage) -> None:
    assert stage.simulation.drop(stage.simulation.accounts.bots[0].login) == 1


async def breaks_and_comes_back(stage: Stage, bot_id: BotId) -> None:
    """The connection is cut, and the bot is there again in another session, and of use."""
    (before,) = stage.simulation.sessions
    player = stage.player(Temperament.SILENT)
    breaks(stage)
    await stage.until(
        lambda: (
            before not in list(stage.simulation.sessions)
            and len(stage.simulation.sessions) == 1
            and stage.world.ctx.hooks.relationship(bot_id, player) is not None
        )
    )


def told(stage: Stage, *kinds: type[Event]) -> int:
    return sum(len(stage.world.happened(kind)) for kind in kinds)


async def test_a_bot_whose_connection_breaks_for_a_moment_is_never_shown_as_gone(stage: Stage) -> None:
    bot_id = await steady(stage)
    await breaks_and_comes_back(stage, bot_id)

    assert told(stage, BotConnected) == 1
    assert told(stage, BotDisconnected) == 0
    assert stage.world.state.bots[bot_id].status == "connected"


async def test_what_was_said_and_who_turned_away_in_between_is_told_afterwards(stage: Stage) -> None:
    bot_id = await stage.online()
    friend = await stage.make_friends(bot_id)
    await stage.world.clock.advance(2 * MINUTE)
    own = int(stage.world.state.bots[bot_id].steam_id64)
    social = stage.simulation.desk.social
    breaks(stage)
    social.chats.say(int(friend), own, "in the gap")
    social.friendships.remove(int(friend), own)

    def heard() -> list[str]:
        return [event.text for event in stage.world.happened(FriendMessageArrived)]

    await stage.until(lambda: stage.world.happened(FriendRelationshipChanged)[-1].relationship == "none")
    await stage.until(heard)

    assert heard().count("in the gap") == 1
    assert told(stage, BotDisconnected) == 0


async def test_a_bot_that_is_not_back_in_a_moment_is_told_with_why_it_went(stage: Stage) -> None:
    bot_id = await steady(stage)
    stage.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=EResult.SERVICE_UNAVAILABLE))
    breaks(stage)
    await stage.until(lambda: told(stage, BotDisconnected))

    (off,) = stage.world.happened(BotDisconnected)
    assert off.reason == "cm.disconnected"
    assert off.retry_at is not None
    assert stage.world.state.bots[bot_id].status == "disconnected"


async def test_a_bot_that_breaks_again_within_a_minute_is_shown(stage: Stage) -> None:
    bot_id = await steady(stage)
    await breaks_and_comes_back(stage, bot_id)
    breaks(stage)
    await stage.until(lambda: told(stage, BotDisconnected))

    assert told(stage, BotDisconnected, BotAuthFailed) == 1


async def test_a_bot_that_is_logged_off_in_the_midst_of_it_stays_off(stage: Stage) -> None:
    bot_id = await steady(stage)
    stage.simulation.faults.switch_on(Fault(FaultKind.LATE_ANSWERS, delay_ms=60_000))
    breaks(stage)
    await stage.until(lambda: stage.world.ctx.hooks.relationship(bot_id, stage.player(Temperament.SILENT)) is None)
    with pytest.raises(Unavailable):
        await stage.world.execute(c.ReadHistory(bot_id=bot_id, player=stage.player(Temperament.SILENT), since=0))

    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED_OUT))
    await stage.world.clock.advance(5 * MINUTE)

    assert [off.reason for off in stage.world.happened(BotDisconnected)] == ["rotatedOut"]
    assert stage.world.state.bots[bot_id].status == "disconnected"


@pytest.mark.parametrize(
    ("reason", "lived", "short"),
    [
        (Disconnected("gone"), MINUTE, True),
        (Disconnected("gone"), MINUTE - 1, False),
        (Disconnected("gone", judge(Context.LOGGED_OFF, EResult.TRY_ANOTHER_CM)), MINUTE, True),
        (Disconnected("gone", judge(Context.LOGGED_OFF, EResult.LOGON_SESSION_REPLACED)), MINUTE, False),
        (Disconnected("gone", judge(Context.LOGGED_OFF, EResult.REVOKED)), MINUTE, False),
        (SteamSilent("nothing for 27 s"), MINUTE, False),
        (None, MINUTE, False),
    ],
)
def test_only_a_steady_session_that_broke_without_a_reason_of_its_own_is_resumed_unseen(
    reason: Disconnected | None, lived: int, short: bool
) -> None:
    assert flaps.is_short(reason, lived) is short
