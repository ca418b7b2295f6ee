"""Whatever Steam answers, a bot's row says why it is off, and when it comes back or what a person has to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.clock import HOUR
from kernel.rows import Bot, BotStatus
from plugins.fleet.codes import TurnReason
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from tests.plugins.steam.test_plugin import Stage, staged

# What STEAM_PROTOCOL names at a sign-in, a logon or the end of a session, and two numbers that nobody knows.
RESULTS = sorted({int(result) for result in EResult} - {int(EResult.OK)} | {0, 777})
NEEDS_A_PERSON = {
    FaultKind.BEGIN_RESULT: {5, 8, 17, 18, 43, 51, 63, 65, 71, 73, 85, 88, 93, 101, 105, 114, 118},
    FaultKind.LOGON_RESULT: {7, 17, 18, 43, 51, 73, 105, 114, 118},
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def outcome(stage: Stage, kind: FaultKind, eresult: int) -> Bot:
    """The row of a bot whose one sign-in met that result."""
    await stage.world.clock.advance(25 * HOUR)  # what was refused without a reason is counted for a day
    faults = stage.simulation.faults
    off = faults.switch_on(Fault(kind, eresult=eresult))
    (bot_id,) = stage.world.state.bots
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    off()
    return stage.world.state.bots[bot_id]


@pytest.mark.parametrize("kind", [FaultKind.BEGIN_RESULT, FaultKind.LOGON_RESULT])
async def test_every_result_of_steam_leads_to_a_retry_with_its_time_or_to_one_sentence_for_a_person(
    stage: Stage, kind: FaultKind
) -> None:
    await stage.world.execute(stage.add_command())
    if kind is FaultKind.LOGON_RESULT:
        (bot_id,) = stage.world.state.bots
        await stage.world.execute(c.ConnectBot(bot_id=bot_id))
        await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED_OUT))
    stopped = set()
    dead_token = {5, 15, 26, 27, 126} if kind is FaultKind.LOGON_RESULT else {29}  # these go on within the attempt
    for eresult in (one for one in RESULTS if one not in dead_token):
        bot = await outcome(stage, kind, eresult)

        assert bot.reason, eresult
        if bot.status is BotStatus.AUTH_FAILED:
            stopped.add(eresult)
            assert bot.next_step is not None
            assert bot.next_step.endswith(".")
            assert bot.next_step[0].isupper()
        else:
            assert bot.status is BotStatus.DISCONNECTED, eresult
            assert bot.retry_at is not None, eresult
            assert bot.retry_at > stage.world.clock.now()

    assert stopped == NEEDS_A_PERSON[kind]
