"""EFriendRelationship: the number with which a friends list says how its owner and another account stand."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class EFriendRelationship(IntEnum):
    """Seen from the owner of the list. A received number stays an int: Steam may send one that is not here."""

    NONE = 0
    BLOCKED = 1
    REQUEST_RECIPIENT = 2  # they invite us
    FRIEND = 3
    REQUEST_INITIATOR = 4  # we invited them
    IGNORED = 5
    IGNORED_FRIEND = 6
