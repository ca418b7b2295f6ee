"""Short flaps: a session that breaks is resumed at once, and nobody is told where that works within seconds.

What came in between is told as if it had come live: changed friendships by comparing the two friends lists, words by
reading back the conversations that had any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kernel.clock import MINUTE, Millis
from plugins.steam.client import SteamClient
from plugins.steam.errors import Disconnected, SteamSilent, TransportError
from plugins.steam.events import MessageArrived, Relationship, RelationshipChanged, SessionEvent
from plugins.steam.policy import Step

AT_ONCE: Final = 10
"""Sessions that are resumed at once; when a whole CM goes down, the rest wait for their turn like everybody."""
STEADY: Final = Millis(MINUTE)
"""How long a session has to have held to be worth resuming: one that breaks again and again is shown."""
OVERLAP_S: Final = 60
"""Seconds before the break that are read again: covers a difference between Steam's clock and ours."""


def is_short(reason: TransportError | None, lived: int) -> bool:
    """Whether a session that ended so is likely back in a moment, after having lived so many milliseconds."""
    if not isinstance(reason, Disconnected) or isinstance(reason, SteamSilent) or lived < STEADY:
        return False
    return reason.verdict is None or reason.verdict.step is Step.RECONNECT


def changed(before: Mapping[int, int], after: Mapping[int, int]) -> Iterator[SessionEvent]:
    """How one friends list became the other."""
    for friend in before.keys() | after.keys():
        was, now = (friends.get(friend, int(Relationship.NONE)) for friends in (before, after))
        if was != now:
            yield RelationshipChanged(friend, was, now)


async def missed(client: SteamClient, since: int) -> list[SessionEvent]:
    """What was said from `since` (unix seconds) on, whoever said it. Raises a `RequestFailed`."""
    said: list[SessionEvent] = []
    for talk in await client.active_sessions(since):
        for line in await client.history(talk.steam_id64, since):
            own = line.sender == client.steam_id64
            said.append(MessageArrived(talk.steam_id64, line.timestamp, line.ordinal, line.text, echo=own))
    return said
