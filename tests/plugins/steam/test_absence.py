"""A bot that was away: what players did and an operator wrote elsewhere is told once, in order, at its return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import commands as c
from kernel.clock import HOUR, MINUTE
from kernel.events import BotConnected, ErrorLogged, FriendMessageArrived, FriendRelationshipChanged
from kernel.ids import BotId, SteamId64, new_bot_id
from kernel.rows import Sender
from kernel.testing import World, idle
from plugins.dialogue import Dialogue
from plugins.fleet.codes import TurnReason
from plugins.steam import Steam
from plugins.steam.absence import Absence, FriendsLists, Unheard
from plugins.steam.events import MessageArrived, RelationshipChanged, SessionEvent
from plugins.steam.secrets import SecretStore
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged
from tests.plugins.steam_sim.client import SteamClient
from tests.restart import history, replay

BOT = new_bot_id()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


def own(stage: Stage, bot_id: BotId) -> int:
    return int(stage.world.state.bots[bot_id].steam_id64)


def befriended(stage: Stage, bot_id: BotId, temperament: Temperament) -> SteamId64:
    """A player who has been the bot's friend for long and with whom there is no chat here."""
    player = stage.player(temperament)
    social = stage.simulation.desk.social
    social.friendships.add(own(stage, bot_id), int(player))
    social.friendships.add(int(player), own(stage, bot_id))
    return player


def writes(stage: Stage, bot_id: BotId, player: SteamId64, *texts: str) -> None:
    for text in texts:
        stage.simulation.desk.social.chats.say(int(player), own(stage, bot_id), text)


async def by_hand(stage: Stage, bot_id: BotId, player: SteamId64, text: str) -> None:
    """An operator writes as the bot with another Steam client."""
    secrets = SecretStore(stage.world.data / "steam" / "secrets").load(bot_id)
    assert secrets is not None and secrets.refresh_token is not None
    async with await SteamClient.open(stage.ready.cm_url, stage.ready.ca_file) as client:
        await client.log_on(own(stage, bot_id), secrets.refresh_token)
        await client.friends_list()
        await client.say(int(player), text)


async def goes(stage: Stage, bot_id: BotId) -> None:
    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED))
    await stage.world.clock.advance(HOUR)


async def returns(stage: Stage, bot_id: BotId) -> None:
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    await idle()


def words(world: World) -> list[tuple[str, str, bool]]:
    return [(event.player, event.text, event.from_bot) for event in world.happened(FriendMessageArrived)]


async def test_all_that_came_while_a_bot_was_away_is_told_once_and_in_order_before_it_is_connected(
    stage: Stage,
) -> None:
    bot_id = await stage.online()
    talker, leaver = (befriended(stage, bot_id, t) for t in (Temperament.SILENT, Temperament.REFUSER))
    late = stage.player(Temperament.NEVER)
    await stage.world.execute(stage.requested(bot_id, late))
    await stage.until(lambda: stage.world.ctx.hooks.relationship(bot_id, late) == "invited")
    await goes(stage, bot_id)
    told = len(stage.world.events)

    stage.simulation.desk.social.friendships.add(int(late), own(stage, bot_id))
    writes(stage, bot_id, talker, "hello", "are you there?")
    await by_hand(stage, bot_id, talker, "yes, this is Anna")
    writes(stage, bot_id, late, "hi, I accepted")
    await stage.world.clock.advance(MINUTE)
    writes(stage, bot_id, talker, "good")
    writes(stage, bot_id, leaver, "bye")
    stage.simulation.desk.social.friendships.remove(int(leaver), own(stage, bot_id))
    await returns(stage, bot_id)

    assert words(stage.world) == [
        (talker, "hello", False),
        (late, "hi, I accepted", False),
        (talker, "are you there?", False),
        (talker, "yes, this is Anna", True),
        (talker, "good", False),
        (leaver, "bye", False),
    ]
    new = [envelope.payload for envelope in stage.world.events[told:]]
    changes = [(e.player, e.relationship) for e in new if isinstance(e, FriendRelationshipChanged)]
    assert changes == [(late, "friend"), (leaver, "none")]
    assert isinstance(new[-1], BotConnected)

    await goes(stage, bot_id)
    await returns(stage, bot_id)
    assert len(words(stage.world)) == 6
    assert stage.world.happened(FriendRelationshipChanged)[-1].player == leaver


async def test_after_a_crash_an_accepted_invite_and_words_without_a_chat_are_told_once(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        bot_id = await stage.online()
        late = stage.player(Temperament.NEVER)
        talker = befriended(stage, bot_id, Temperament.SILENT)
        await stage.world.execute(stage.requested(bot_id, late))
        past = history(stage.world)
        await stage.world.clock.advance(MINUTE)
        config = {"steam": {"directory_url": stage.ready.directory_url, "ca_file": stage.ready.ca_file}}
        world = World(replay(past), Steam, config=config, clock=stage.world.clock, data=tmp_path / "data")
        writes(stage, bot_id, talker, "anybody?")
        stage.simulation.desk.social.friendships.add(int(late), own(stage, bot_id))
        async with world:
            await world.execute(c.ConnectBot(bot_id=bot_id))
            await idle()

            assert [(e.player, e.relationship) for e in world.happened(FriendRelationshipChanged)] == [(late, "friend")]
            assert words(world) == [(talker, "anybody?", False)]


async def test_what_friends_wrote_before_the_bot_was_added_is_none_of_its_chats(stage: Stage) -> None:
    account = stage.simulation.accounts.bots[0].steam_id64
    player = stage.player(Temperament.SILENT)
    social = stage.simulation.desk.social
    social.friendships.add(account, int(player))
    social.friendships.add(int(player), account)
    social.chats.say(int(player), account, "of last week")
    await stage.world.clock.advance(HOUR)
    await stage.online()

    assert words(stage.world) == []


async def test_words_without_a_chat_here_make_one_that_has_them_in_order(tmp_path: Path) -> None:
    async with staged(tmp_path, Dialogue) as stage:
        bot_id = await stage.online()
        talker = befriended(stage, bot_id, Temperament.SILENT)
        await goes(stage, bot_id)
        writes(stage, bot_id, talker, "one", "two")
        await by_hand(stage, bot_id, talker, "three")
        writes(stage, bot_id, talker, "four")
        await returns(stage, bot_id)
        await stage.until(lambda: stage.world.state.chats)
        for _ in range(2):
            await goes(stage, bot_id)
            await returns(stage, bot_id)

        (chat,) = stage.world.state.chats.values()
        assert [(m.text, m.sender) for m in chat.messages] == [
            ("one", Sender.PLAYER),
            ("two", Sender.PLAYER),
            ("three", Sender.BOT),
            ("four", Sender.PLAYER),
        ]


async def test_a_history_that_steam_does_not_give_at_once_keeps_no_bot_offline_and_is_asked_for_again(
    stage: Stage,
) -> None:
    bot_id = await stage.online()
    talker = befriended(stage, bot_id, Temperament.SILENT)
    await goes(stage, bot_id)
    writes(stage, bot_id, talker, "hello")
    stage.simulation.faults.switch_on(Fault(FaultKind.HISTORY_RESULT, eresult=EResult.BUSY, times=2))
    await returns(stage, bot_id)

    assert stage.world.state.bots[bot_id].status == "connected"
    assert words(stage.world) == []
    await stage.until(lambda: words(stage.world))
    assert words(stage.world) == [(talker, "hello", False)]


async def test_a_history_that_steam_never_gives_is_said_so_and_asked_for_at_the_next_sign_in(stage: Stage) -> None:
    bot_id = await stage.online()
    talker = befriended(stage, bot_id, Temperament.SILENT)
    await goes(stage, bot_id)
    writes(stage, bot_id, talker, "hello")
    stage.simulation.faults.switch_on(Fault(FaultKind.HISTORY_RESULT, eresult=EResult.BUSY))
    await returns(stage, bot_id)
    await stage.until(lambda: stage.world.happened(ErrorLogged))
    assert bot_id in stage.world.happened(ErrorLogged)[0].message

    stage.simulation.faults.switch_off()
    await goes(stage, bot_id)
    await returns(stage, bot_id)
    assert words(stage.world) == [(talker, "hello", False)]


MESSAGES = st.lists(
    st.builds(
        MessageArrived,
        steam_id64=st.integers(1, 3),
        timestamp=st.integers(1, 4),
        ordinal=st.integers(0, 3),
        text=st.just("x"),
        echo=st.booleans(),
    ),
    max_size=20,
)


@given(MESSAGES, MESSAGES, MESSAGES)
def test_read_back_and_live_are_one_line_of_words_each_once(
    missed: list[MessageArrived], during: list[MessageArrived], later: list[MessageArrived]
) -> None:
    told: list[SessionEvent] = []
    absence = Absence(told.append, Unheard(), BOT)
    for event in during:
        absence.hear(event)
    assert told == []
    absence.end({}, {}, missed)
    keys = [(e.timestamp, e.ordinal, e.steam_id64) for e in told if isinstance(e, MessageArrived)]
    count = len(told)
    for event in later:
        absence.hear(event)

    assert keys == sorted({(e.timestamp, e.ordinal, e.steam_id64) for e in (*missed, *during)})
    assert told[count:] == later


def test_what_a_session_heard_that_ended_before_it_had_caught_up_is_told_by_the_next_one() -> None:
    told: list[SessionEvent] = []
    words = Unheard()
    heard, missed = MessageArrived(2, 7, 0, "stop", echo=False), MessageArrived(2, 5, 0, "hi", echo=False)
    Absence(told.append, words, BOT).hear(heard)
    assert told == []
    assert [words.bot_with_words_of(player) for player in (2, 3)] == [BOT, None]

    Absence(told.append, words, BOT).end({}, {}, [missed])
    assert told == [missed, heard]
    assert words.bot_with_words_of(2) is None
    Absence(told.append, words, BOT).end({}, {}, [])
    assert told == [missed, heard], "each once"


def test_new_friends_are_told_before_their_words_and_what_ended_after() -> None:
    told: list[SessionEvent] = []
    absence = Absence(told.append, Unheard(), BOT)
    friend, none = int(EFriendRelationship.FRIEND), int(EFriendRelationship.NONE)
    accepted = RelationshipChanged(1, int(EFriendRelationship.REQUEST_INITIATOR), friend)
    absence.hear(accepted)
    message = MessageArrived(2, 5, 0, "bye", echo=False)
    absence.end({1: int(EFriendRelationship.REQUEST_INITIATOR), 2: friend}, {1: friend}, [message])

    assert told == [accepted, message, RelationshipChanged(2, friend, none)]


@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 7), max_size=30))
def test_a_kept_friends_list_is_the_list(friends: dict[int, int]) -> None:
    lists = FriendsLists()
    lists.keep(BotId("bot_1"), friends)

    assert lists.of(BotId("bot_1")) == friends
    lists.forget(BotId("bot_1"))
    assert lists.of(BotId("bot_1")) is None
