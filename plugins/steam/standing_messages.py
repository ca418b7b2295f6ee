"""How a bot's account stands with Steam, read from its messages; without I/O.

- The answer to the logon and ClientAccountInfo, `account_flags` (EAccountFlags 2048 Disabled, 8388608 Lockdown):
  disabled, locked.
- ClientIsLimitedAccount: limited, locked, banned from the community.
- ClientVACBanStatus, a struct (`steam.core.msg.structs`): the games from which VAC bans the account.
- EconTrading_InitiateTradeResult (CMsgTrading_InitiateTradeResponse): why the account may not trade, and for how many
  days. It answers a trade request of the same session, and Steam tells of holds at no other time; we send none.
"""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

from plugins.steam.events import FlagsTold, LoggedOn, Restricted, TradeAnswered, VacTold
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import Malformed
from plugins.steam_protocol.frames import Frame

DISABLED_FLAG, LOCKED_FLAG = 2_048, 8_388_608
"""EAccountFlags."""
HELD_ANSWERS: Final = frozenset({2, 23, 24, 25, 28, 30})
"""EEconTradeResponse about whoever asks: banned from trading, Steam Guard too new, password reset, new device, e-mail
changed, offers cleared."""
_COUNT = struct.Struct("<I")
_RANGE = struct.Struct("<III")  # the first app and the last, and what nobody has a name for

StandingTold: TypeAlias = LoggedOn | FlagsTold | Restricted | VacTold | TradeAnswered


def vac_told(frame: Frame) -> VacTold:
    """How many bans a ClientVACBanStatus lists. Raises `Malformed`."""
    if len(frame.body) < _COUNT.size:
        raise Malformed("ClientVACBanStatus has no count")
    (count,) = _COUNT.unpack_from(frame.body)
    if len(frame.body) - _COUNT.size < count * _RANGE.size:
        raise Malformed(f"ClientVACBanStatus promises {count} bans, and ends before")
    return VacTold(count)


def trade_answered(frame: Frame) -> TradeAnswered:
    """What a trade request came to, as far as it is about our account."""
    answer = frame.parse(m.CMsgTrading_InitiateTradeResponse)
    days = max(
        answer.steamguard_required_days,
        answer.new_device_cooldown_days,
        answer.password_reset_probation_days,
        answer.email_change_probation_days,
    )
    return TradeAnswered(answer.response in HELD_ANSWERS, min(days, 366))


def stops(event: object) -> EResult | None:
    """What Steam means by it, where an account in that standing is of no use: its session is ended, its bot stopped."""
    if isinstance(event, Restricted) and (event.locked or event.banned):
        return EResult.ACCOUNT_LOCKED_DOWN if event.locked else EResult.BANNED
    flags = event.account_flags if isinstance(event, LoggedOn | FlagsTold) else 0
    if flags & DISABLED_FLAG:
        return EResult.ACCOUNT_DISABLED
    return EResult.ACCOUNT_LOCKED_DOWN if flags & LOCKED_FLAG else None
