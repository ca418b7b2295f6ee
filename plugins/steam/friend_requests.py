"""Who has invited a bot: the list of each, told whole when it changes, and never more often than is bearable.

Strangers can invite and take back as often as they like, and as many as Steam lets them: neither the list nor the
journal grows with that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kernel import causality
from kernel.clock import MINUTE
from kernel.context import Context
from kernel.events import BotFriendRequestsListed
from kernel.ids import BotId, SteamId64
from kernel.rows import Bot
from plugins.steam.change_rates import ChangeRate
from plugins.steam_protocol.relationship import EFriendRelationship

LISTED_MOST: Final = 50
"""Of one bot; how many more there are is told as a number."""
BURST: Final = 5
SWEEP: Final = MINUTE
"""When lists that have changed too often are looked at again, and what brings one more change."""


class FriendRequests:
    """`friends_of` gives the friends list of a bot that is online, by SteamID64 and EFriendRelationship."""

    def __init__(self, ctx: Context, friends_of: Callable[[BotId], Mapping[int, int] | None]) -> None:
        self._ctx = ctx
        self._friends_of = friends_of
        self._rate: ChangeRate[BotId] = ChangeRate(BURST, SWEEP)
        self._late: dict[BotId, None] = {}

    def look(self, bot_id: BotId) -> None:
        """The bot's list of friends is fresh, or somebody has invited it, or has thought better of it."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        friends = self._friends_of(bot_id)
        if bot is None or friends is None:
            return
        players, more = listed(bot, friends)
        if (players, more) == (tuple(r.player for r in bot.friend_requests), bot.friend_requests_more):
            return
        if self._rate.take(bot_id, self._ctx.clock.elapsed()):
            self._ctx.publish(BotFriendRequestsListed(bot_id=bot_id, players=players, more=more))
            return
        if not self._late:
            with causality.acting(causality.Origin()):
                self._ctx.call_later(SWEEP, self._sweep, "list who has invited the bots")
        self._late[bot_id] = None

    def _sweep(self) -> None:
        late, self._late = self._late, {}
        for bot_id in late:
            self.look(bot_id)


def listed(bot: Bot, friends: Mapping[int, int]) -> tuple[tuple[SteamId64, ...], int]:
    """Those who have invited the bot, whoever has waited longest first, and how many more there are."""
    asking = [SteamId64(str(friend)) for friend, how in friends.items() if how == EFriendRelationship.REQUEST_RECIPIENT]
    there = set(asking)
    waiting = [request.player for request in bot.friend_requests if request.player in there]
    known = set(waiting)
    players = [*waiting, *(player for player in asking if player not in known)]
    return tuple(players[:LISTED_MOST]), len(players[LISTED_MOST:])
