"""How an account stands with Steam: read from its messages, kept in the bot's row, and what it forbids not tried."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.clock import DAY, Millis
from kernel.events import BotInvitesBlocked, BotStandingChanged
from kernel.ids import BotId, SteamId64
from kernel.rows import AccountStanding, Bot
from plugins.steam.events import FlagsTold, LoggedOn, Restricted, TradeAnswered, VacTold
from plugins.steam.standing import standing_after
from plugins.steam.standing_messages import StandingTold, stops
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.frames import encode_struct
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged
from tests.plugins.steam.test_session import BOT, frame, session

S = AccountStanding
NOW = Millis(1_000_000)
FREE = Restricted(limited=False, banned=False, locked=False, may_invite=True)
LIMITED = FREE._replace(limited=True, may_invite=False)


def bot(*standing: AccountStanding, held_until: int | None = None) -> Bot:
    return Bot(
        id=BotId("bot_1"),
        steam_id64=SteamId64(str(BOT)),
        proxy_url="",
        status_since=NOW,
        added_at=NOW,
        standing=standing,
        trades_held_until=Millis(held_until) if held_until is not None else None,
    )


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (bot(), LIMITED, (S.LIMITED,)),
        (bot(S.LIMITED, S.VAC_BANNED), FREE, (S.VAC_BANNED,)),
        (bot(), FREE._replace(banned=True, locked=True), (S.LOCKED, S.COMMUNITY_BANNED)),
        (bot(), FlagsTold(2_048), (S.DISABLED,)),
        (bot(S.DISABLED), FlagsTold(16_384), ()),
        (bot(), LoggedOn(BOT, 0, None, 8_388_608), (S.LOCKED,)),
        (bot(S.LIMITED, S.LOCKED), LoggedOn(BOT, 0, None, 0), (S.LIMITED, S.LOCKED)),
        (bot(), FlagsTold(4_096), ()),
        (bot(S.LIMITED), VacTold(2), (S.LIMITED, S.VAC_BANNED)),
        (bot(S.VAC_BANNED), VacTold(0), ()),
        (bot(S.TRADE_HELD, held_until=NOW - 1), FREE, ()),
        (bot(S.TRADE_HELD, held_until=NOW + 1), FREE, (S.TRADE_HELD,)),
        (bot(S.TRADE_HELD), TradeAnswered(held=False, days=0), ()),
        (bot(), TradeAnswered(held=True, days=0), (S.TRADE_HELD,)),
    ],
)
def test_a_message_changes_what_it_speaks_of_and_nothing_else(
    before: Bot, event: StandingTold, after: tuple[AccountStanding, ...]
) -> None:
    assert standing_after(before, event, NOW)[0] == after


def test_a_trade_hold_ends_when_steam_has_said() -> None:
    assert standing_after(bot(), TradeAnswered(held=True, days=7), NOW) == ((S.TRADE_HELD,), NOW + 7 * DAY)


@pytest.mark.parametrize(
    ("event", "result"),
    [
        (FREE, None),
        (LIMITED, None),
        (VacTold(3), None),
        (TradeAnswered(held=True, days=7), None),
        (FlagsTold(4_096 | 16_384), None),
        (FlagsTold(2_048), EResult.ACCOUNT_DISABLED),
        (LoggedOn(BOT, 0, None, 8_388_608), EResult.ACCOUNT_LOCKED_DOWN),
        (FREE._replace(banned=True), EResult.BANNED),
    ],
)
def test_what_leaves_an_account_of_no_use_ends_its_session(event: object, result: EResult | None) -> None:
    assert stops(event) == result


@pytest.mark.parametrize(
    ("body", "games"), [(struct.pack("<I", 0), 0), (struct.pack("<7I", 2, 730, 730, 0, 10, 80, 0), 2)]
)
def test_vac_bans_are_read_from_their_struct(body: bytes, games: int) -> None:
    assert session().receive(encode_struct(EMsg.CLIENT_VAC_BAN_STATUS, body), 0) == [VacTold(games)]


@pytest.mark.parametrize("body", [b"", b"\x01\0\0\0", struct.pack("<I", 0xFFFF_FFFF) + bytes(12)])
def test_a_list_of_vac_bans_that_ends_too_soon_is_counted_and_ends_nothing(body: bytes) -> None:
    made = session()

    assert made.receive(encode_struct(EMsg.CLIENT_VAC_BAN_STATUS, body), 0) == []
    assert made.malformed == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"response": 0}, TradeAnswered(held=False, days=0)),
        ({"response": 1}, TradeAnswered(held=False, days=0)),
        ({"response": 3}, TradeAnswered(held=False, days=0)),
        ({"response": 2}, TradeAnswered(held=True, days=0)),
        ({"response": 25, "new_device_cooldown_days": 7}, TradeAnswered(held=True, days=7)),
        (
            {"response": 24, "password_reset_probation_days": 4_000_000, "default_password_reset_probation_days": 5},
            TradeAnswered(held=True, days=366),
        ),
    ],
)
def test_of_the_answer_to_a_trade_request_what_is_about_our_account_is_read(
    fields: dict[str, int], told: TradeAnswered
) -> None:
    body = m.CMsgTrading_InitiateTradeResponse(**fields)

    assert session().receive(frame(EMsg.ECON_TRADING_INITIATE_TRADE_RESULT, body), 0) == [told]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


def standing(stage: Stage, bot_id: BotId) -> tuple[AccountStanding, ...]:
    return tuple(stage.world.state.bots[bot_id].standing)


async def test_what_steam_tells_at_the_logon_and_later_is_in_the_row_and_told_once(stage: Stage) -> None:
    faults = stage.simulation.faults
    faults.switch_on(Fault(FaultKind.VAC_BANNED))
    bot_id = await stage.online()
    assert standing(stage, bot_id) == (S.VAC_BANNED,)

    faults.switch_on(Fault(FaultKind.TRADE_HELD))
    faults.switch_on(Fault(FaultKind.ACCOUNT_LIMITED))
    stage.requested(bot_id, stage.player(Temperament.NEVER))  # its next message asks who the player is
    await stage.until(lambda: standing(stage, bot_id) == (S.LIMITED, S.VAC_BANNED, S.TRADE_HELD))
    row = stage.world.state.bots[bot_id]
    assert row.trades_held_until is not None and row.trades_held_until > stage.world.clock.now() + 6 * DAY
    assert (row.invites_blocked_until or 0) > stage.world.clock.now()
    assert row.status == "connected"

    told = len(stage.world.happened(BotStandingChanged))
    await stage.world.clock.advance(60_000)
    assert len(stage.world.happened(BotStandingChanged)) == told


async def test_an_account_that_is_limited_no_more_may_invite_at_once(stage: Stage) -> None:
    stage.simulation.faults.switch_on(Fault(FaultKind.ACCOUNT_LIMITED))
    bot_id = await stage.online()
    assert standing(stage, bot_id) == (S.LIMITED,)
    assert (stage.world.state.bots[bot_id].invites_blocked_until or 0) > stage.world.clock.now()

    stage.simulation.faults.switch_off()
    stage.requested(bot_id, stage.player(Temperament.NEVER))  # its next message asks who the player is
    await stage.until(lambda: standing(stage, bot_id) == ())

    assert (stage.world.state.bots[bot_id].invites_blocked_until or 0) <= stage.world.clock.now()
    assert len(stage.world.happened(BotInvitesBlocked)) == 2
