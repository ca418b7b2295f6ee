"""Players: each temperament meets an invite and talks in its own way, reproducibly, and goes on after a restart."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from kernel.testing import ManualClock
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.accounts import Accounts, PlayerAccount
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.chat import FriendChats
from plugins.steam_sim.friendship import Friendships
from plugins.steam_sim.phrases import phrase
from plugins.steam_sim.players import Players
from plugins.steam_sim.temperament import CONDUCT, MIX, Meaning, Temperament
from plugins.steam_sim.world_log import WorldLog

MINUTE = 60_000
OFFER = "I am an automated assistant. I buy your knife for 10.00 to 12.50 USD. Interested?"


class Crowd:
    """Players and one bot on a clock that stands still, without any socket. What the bot does is done at once."""

    def __init__(
        self,
        folder: Path,
        clock: ManualClock,
        seed: int = 5,
        mix: tuple[Temperament, ...] = MIX,
        haste: float = 1.0,
    ) -> None:
        self.clock = clock
        self.accounts = Accounts(seed, bots=1, players=len(mix), mix=mix)
        self.bot = self.accounts.bots[0].steam_id64
        self._log = WorldLog(folder / "world.log")
        self._log.open()
        self.backend = Backend(self._log, clock)
        self.backend.recover()
        self.friendships = Friendships(self.backend, self.accounts)
        self.chats = FriendChats(self.backend)
        self.players = Players(self.accounts, self.backend, self.friendships, self.chats, haste)

    async def stop(self) -> None:
        await self.players.stop()
        self._log.close()

    def player(self, temperament: Temperament) -> PlayerAccount:
        return next(player for player in self.accounts.players if player.temperament is temperament)

    def invite(self, player: PlayerAccount) -> None:
        self.friendships.add(self.bot, player.steam_id64)
        self.backend.announce()

    def say(self, player: PlayerAccount, text: str) -> None:
        self.chats.say(self.bot, player.steam_id64, text)
        self.backend.announce()

    def sees(self, player: PlayerAccount) -> EFriendRelationship:
        """How the bot sees the player."""
        return self.backend.world.relationship(self.bot, player.steam_id64)

    def answers(self, player: PlayerAccount) -> list[str]:
        """What the player has written so far."""
        messages = self.backend.world.conversation(self.bot, player.steam_id64).messages
        return [message.text for message in messages if message.sender == player.steam_id64]

    async def befriend(self, player: PlayerAccount) -> None:
        self.invite(player)
        await self.clock.advance(10 * MINUTE)
        assert self.sees(player) is EFriendRelationship.FRIEND

    async def converse(self, player: PlayerAccount, turns: int) -> list[str]:
        """Make the offer again and again, so many times, and give all answers."""
        for _ in range(turns):
            self.say(player, OFFER)
            await self.clock.advance(5 * MINUTE)
        return self.answers(player)


@pytest.fixture
async def crowd(tmp_path: Path, clock: ManualClock) -> Crowd:
    made = Crowd(tmp_path, clock)
    made.players.start()
    return made


@pytest.mark.parametrize(
    ("temperament", "after", "sees"),
    [
        (Temperament.EAGER, 4_000, EFriendRelationship.FRIEND),
        (Temperament.LATE, 2 * MINUTE - 1, EFriendRelationship.REQUEST_INITIATOR),
        (Temperament.LATE, 6 * MINUTE, EFriendRelationship.FRIEND),
        (Temperament.NEVER, 30 * 24 * 60 * MINUTE, EFriendRelationship.REQUEST_INITIATOR),
        (Temperament.DECLINER, 4_000, EFriendRelationship.NONE),
    ],
)
async def test_an_invite_is_met_as_the_temperament_says(
    crowd: Crowd, temperament: Temperament, after: int, sees: EFriendRelationship
) -> None:
    crowd.invite(crowd.player(temperament))
    await crowd.clock.advance(after)

    assert crowd.sees(crowd.player(temperament)) is sees
    await crowd.stop()


@pytest.mark.parametrize("temperament", sorted({kind for kind in MIX if CONDUCT[kind].plan}))
async def test_a_player_answers_turn_by_turn_and_then_falls_silent(crowd: Crowd, temperament: Temperament) -> None:
    player, plan = crowd.player(temperament), CONDUCT[temperament].plan
    await crowd.befriend(player)

    answers = await crowd.converse(player, len(plan) + 2)

    assert len(answers) == sum(map(len, plan))
    await crowd.stop()


async def test_a_tireless_player_answers_for_ever(tmp_path: Path, clock: ManualClock) -> None:
    crowd = Crowd(tmp_path, clock, mix=(Temperament.TIRELESS,))
    crowd.players.start()
    player = crowd.player(Temperament.TIRELESS)
    await crowd.befriend(player)

    assert len(await crowd.converse(player, 7)) == 7
    await crowd.stop()


async def test_players_in_haste_decide_so_many_times_as_fast(tmp_path: Path, clock: ManualClock) -> None:
    crowd = Crowd(tmp_path, clock, haste=10)
    crowd.players.start()
    crowd.invite(crowd.player(Temperament.EAGER))
    await clock.advance(400)

    assert crowd.sees(crowd.player(Temperament.EAGER)) is EFriendRelationship.FRIEND
    await crowd.stop()


async def test_a_silent_player_never_writes_and_stays_a_friend(crowd: Crowd) -> None:
    player = crowd.player(Temperament.SILENT)
    await crowd.befriend(player)

    assert await crowd.converse(player, 3) == []
    assert crowd.sees(player) is EFriendRelationship.FRIEND
    await crowd.stop()


async def test_a_blocker_is_gone_after_the_first_message(crowd: Crowd) -> None:
    player = crowd.player(Temperament.BLOCKER)
    await crowd.befriend(player)
    await crowd.converse(player, 1)

    assert crowd.answers(player) == []
    assert crowd.sees(player) is EFriendRelationship.NONE
    assert crowd.backend.world.relationship(player.steam_id64, crowd.bot) is EFriendRelationship.IGNORED
    await crowd.stop()


async def test_a_stopper_says_stop_in_the_language_of_the_player(crowd: Crowd) -> None:
    player = crowd.player(Temperament.STOPPER)
    await crowd.befriend(player)

    (answer,) = await crowd.converse(player, 2)

    assert re.search("stop" if player.language == "en" else "стоп", answer.lower())
    await crowd.stop()


async def test_a_skeptic_asks_whether_it_talks_to_a_bot(crowd: Crowd) -> None:
    player = crowd.player(Temperament.SKEPTIC)
    await crowd.befriend(player)

    (answer,) = await crowd.converse(player, 1)

    assert ("bot" if player.language == "en" else "бот") in answer
    await crowd.stop()


async def test_a_haggler_first_names_a_price_above_the_offer_and_then_one_within(crowd: Crowd) -> None:
    player = crowd.player(Temperament.HAGGLER)
    await crowd.befriend(player)

    answers = await crowd.converse(player, 4)
    above, within = [Decimal(re.findall(r"\d+\.\d{2}", answer)[0]) for answer in answers[1:3]]

    assert above > Decimal("12.50")
    assert Decimal("10.00") <= within <= Decimal("12.50")
    await crowd.stop()


async def test_several_messages_of_the_bot_are_one_turn(crowd: Crowd) -> None:
    player = crowd.player(Temperament.EAGER)
    await crowd.befriend(player)
    crowd.say(player, "hello")
    crowd.say(player, OFFER)
    await crowd.clock.advance(MINUTE)

    assert len(crowd.answers(player)) == 1
    await crowd.stop()


async def test_a_message_that_comes_between_two_of_a_turn_is_answered_too(crowd: Crowd) -> None:
    player = crowd.player(Temperament.TALKATIVE)
    await crowd.befriend(player)
    crowd.say(player, OFFER)
    while not crowd.answers(player):
        await crowd.clock.advance(500)
    crowd.say(player, "one more thing")
    await crowd.clock.advance(5 * MINUTE)
    crowd.say(player, OFFER)
    await crowd.clock.advance(5 * MINUTE)

    assert len(crowd.answers(player)) >= 3
    await crowd.stop()


async def test_an_invite_taken_back_in_time_is_not_accepted(crowd: Crowd) -> None:
    player = crowd.player(Temperament.EAGER)
    crowd.invite(player)
    crowd.friendships.remove(crowd.bot, player.steam_id64)
    crowd.backend.announce()
    await crowd.clock.advance(MINUTE)

    assert crowd.sees(player) is EFriendRelationship.NONE
    await crowd.stop()


async def test_a_bot_that_leaves_before_the_answer_gets_none(crowd: Crowd) -> None:
    player = crowd.player(Temperament.EAGER)
    await crowd.befriend(player)
    crowd.say(player, OFFER)
    crowd.friendships.remove(crowd.bot, player.steam_id64)
    crowd.backend.announce()
    await crowd.clock.advance(MINUTE)

    assert crowd.answers(player) == []
    await crowd.stop()


async def test_an_invite_that_comes_while_an_answer_is_under_way_is_met_too(crowd: Crowd) -> None:
    player = crowd.player(Temperament.EAGER)
    await crowd.befriend(player)
    crowd.say(player, OFFER)
    crowd.friendships.remove(crowd.bot, player.steam_id64)
    crowd.invite(player)
    await crowd.clock.advance(MINUTE)

    assert crowd.sees(player) is EFriendRelationship.FRIEND
    assert len(crowd.answers(player)) == 1
    await crowd.stop()


async def test_what_was_undecided_and_unanswered_goes_on_after_a_restart(
    crowd: Crowd, tmp_path: Path, clock: ManualClock
) -> None:
    friend, invited = crowd.player(Temperament.EAGER), crowd.player(Temperament.REFUSER)
    await crowd.befriend(friend)
    crowd.say(friend, OFFER)
    crowd.invite(invited)
    await crowd.stop()

    again = Crowd(tmp_path, clock)
    again.players.start()
    await clock.advance(MINUTE)

    assert len(again.answers(friend)) == 1
    assert again.sees(invited) is EFriendRelationship.FRIEND
    await again.stop()


async def test_the_same_seed_plays_the_same_whatever_the_order(tmp_path: Path) -> None:
    told: list[dict[str, list[str]]] = []
    for run, backwards in enumerate((False, True)):
        folder = tmp_path / str(run)
        folder.mkdir()
        crowd = Crowd(folder, ManualClock())
        crowd.players.start()
        players = [p for p in crowd.accounts.players if CONDUCT[p.temperament].plan]
        for player in reversed(players) if backwards else players:
            await crowd.befriend(player)
        for player in players:
            await crowd.converse(player, 2)
        told.append({player.name: crowd.answers(player) for player in players})
        await crowd.stop()

    assert told[0] == told[1]


def test_a_larger_crowd_of_the_same_seed_contains_the_smaller_one() -> None:
    small, large = Accounts(3, bots=2, players=10), Accounts(3, bots=50, players=90)

    assert large.players[:10] == small.players
    assert large.bots[:2] == small.bots
    assert Accounts(4, bots=2, players=10).players != small.players


def test_twenty_players_have_every_temperament_and_both_languages() -> None:
    players = Accounts(1, bots=0, players=20).players

    assert {player.temperament for player in players} == set(Temperament) - {Temperament.TIRELESS}
    assert {player.language for player in players} == {"en", "ru"}


@pytest.mark.parametrize(
    ("heard", "price"),
    [
        ([OFFER], "11.25"),
        (["от 1000,00 до 1100,50 ₽"], "1050.25"),
        (["I give 9.99"], "9.99"),
        ([], "11.50"),
        (["I have 3 knives", "from 5.00 to 7.00"], "6.00"),
    ],
)
def test_a_price_goes_by_what_the_player_has_heard(heard: list[str], price: str) -> None:
    assert price in phrase(Meaning.PRICE_WITHIN, "en", heard, Random(1))


def test_a_bot_account_does_not_show_its_secrets() -> None:
    bot = Accounts(1, bots=1, players=0).bots[0]

    assert repr(bot) == f"<BotAccount {bot.login} {bot.steam_id64}>"
