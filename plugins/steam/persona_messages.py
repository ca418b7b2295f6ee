"""Persons as Steam's messages tell of them: what is asked for, and what is read of the answer; without I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from plugins.steam.events import PersonaTold
from plugins.steam_protocol import messages as m
from plugins.steam_protocol import steam_id
from plugins.steam_protocol.frames import Frame, sound_text

ASKED_AT_ONCE: Final = 100
"""Persons of one ClientRequestFriendData: so many at most does steamio ask for."""
FLAGS: Final = 1 | 2 | 16 | 256
"""EClientPersonaStateFlag: state, name, presence (with it the picture's hash), the game's name."""
_MOST: Final = 1_000  # of one message; Steam's have a hundred


def told(frame: Frame) -> Iterator[PersonaTold]:
    """What a ClientPersonaState says of each person: a field that is missing there has not changed.

    One name that is not UTF-8 costs none of the others anything.
    """
    for friend in frame.parse_foreign(m.CMsgClientPersonaState).friends[:_MOST]:
        if steam_id.is_individual(friend.friendid):
            yield PersonaTold(
                friend.friendid,
                name=sound_text(friend.player_name) if friend.HasField("player_name") else None,
                avatar=friend.avatar_hash if friend.HasField("avatar_hash") else None,
                state=friend.persona_state if friend.HasField("persona_state") else None,
                app=friend.game_played_app_id if friend.HasField("game_played_app_id") else None,
                game=sound_text(friend.game_name) if friend.HasField("game_name") else None,
            )


def request(steam_ids: list[int]) -> m.CMsgClientRequestFriendData:
    """Ask who they are, friends or not. Of friends that are online Steam tells changes by itself."""
    return m.CMsgClientRequestFriendData(persona_state_requested=FLAGS, friends=steam_ids)
