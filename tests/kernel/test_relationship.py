"""How a bot and a person stand: what a transport says in a word of its own is kept, and decides nothing."""

from __future__ import annotations

from kernel.clock import Millis
from kernel.codec import decode_envelope, encode
from kernel.codes import Undeclared
from kernel.events import Envelope, FriendRelationshipChanged, Relationship
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64
from kernel.testing import FakeTransport, World

BOT, PERSON = BotId("bot_1"), SteamId64("76561197960265729")


def test_the_words_of_the_wire_are_those_of_every_journal() -> None:
    assert list(Relationship) == ["none", "blocked", "invitedUs", "friend", "invited", "ignored"]


def test_a_word_that_nobody_has_declared_stays_in_the_journal_as_it_is() -> None:
    for word in (Undeclared("suggested"), Relationship.FRIEND):
        told = FriendRelationshipChanged(bot_id=BOT, player=PERSON, relationship=word)
        envelope = Envelope.of(1, Millis(1), "plugin:steam", None, told)

        assert decode_envelope(encode(envelope)) == envelope


async def test_a_word_that_nobody_has_declared_counts_as_not_said() -> None:
    async with World(FakeTransport) as world:
        for word, decided in (
            (Undeclared("Friend"), None),
            (Undeclared("invited"), Relationship.REQUEST_INITIATOR),
        ):
            world.transport.relations[BOT, PERSON] = word
            assert world.ctx.hooks.relationship(BOT, PERSON) is decided
            assert Relationship.of(word) is decided


async def test_that_a_transport_has_not_said_yet_is_not_taken_for_a_word() -> None:
    class Offline(FakeTransport):
        @hookimpl
        def relationship(self, bot_id: BotId, player: SteamId64) -> None:
            return None

    assert Relationship.of(None) is None
    async with World(Offline) as world:
        assert world.ctx.hooks.relationship(BOT, PERSON) is None
