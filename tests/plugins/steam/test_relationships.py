"""Steam's number for how two accounts stand, in the kernel's words."""

from __future__ import annotations

import pytest

from kernel.events import Relationship
from plugins.steam.connections import relationship_of
from plugins.steam_protocol.relationship import EFriendRelationship


@pytest.mark.parametrize("number", EFriendRelationship)
def test_every_number_that_steam_documents_has_a_word(number: EFriendRelationship) -> None:
    assert relationship_of(int(number)) is not None


def test_a_number_that_is_not_known_says_nothing_about_the_two() -> None:
    """Taken for strangers, a friend would be put on the list as one who has removed the bot."""
    assert relationship_of(9) is None
    assert relationship_of(0) is Relationship.NONE
