"""Who a player is, as Steam tells it: in their row, told when it changes, and never without end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.events import Envelope, PlayerPersonaChanged, TaskAssigned, TaskCreated
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import Persona, PersonaState
from kernel.testing import FakeTransport, World
from plugins.fleet.codes import TurnReason
from plugins.steam.events import PersonaTold
from plugins.steam.personas import BURST, INTERVAL, PlayerPersonas, merged
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_sim.deeds import Deed
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged
from tests.plugins.steam.test_session import ANNA, BORIS, CLAN, frame, session

HOUR = 60 * 60_000
PLAYER = SteamId64(str(ANNA))
Friend = m.CMsgClientPersonaState.Friend


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


def persona_of(stage: Stage, player: SteamId64) -> Persona | None:
    row = stage.world.state.players.get(player)
    return row.persona if row is not None else None


async def test_a_players_name_is_known_as_soon_as_a_bot_has_their_task(stage: Stage) -> None:
    bot_id = await stage.online()
    player = stage.player(Temperament.NEVER)
    stage.requested(bot_id, player)

    await stage.until(lambda: persona_of(stage, player))

    shown = stage.simulation.personas.shown(int(player))
    persona = persona_of(stage, player)
    assert persona is not None
    assert (persona.name, persona.avatar, persona.state) == (shown.name, shown.avatar, PersonaState.ONLINE)


async def test_what_a_friend_changes_is_in_their_row_and_told_once(stage: Stage) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)
    await stage.until(lambda: persona_of(stage, player))
    told = stage.world.happened(PlayerPersonaChanged)

    stage.simulation.personas.show(int(player), name="\u202eРыжий\nЛис", state=3, app=730, game="Counter-Strike 2")
    await stage.until(lambda: len(stage.world.happened(PlayerPersonaChanged)) > len(told))
    stage.simulation.personas.show(int(player), name="Рыжий Лис")
    stage.simulation.personas.show(int(player), state=0)
    await stage.until(lambda: persona_of(stage, player).state is PersonaState.OFFLINE)  # type: ignore[union-attr]

    events = [event.persona for event in stage.world.happened(PlayerPersonaChanged)[len(told) :]]
    assert [(p.name, p.state, p.game_id, p.game) for p in events] == [
        ("Рыжий Лис", PersonaState.AWAY, 730, "Counter-Strike 2"),
        ("Рыжий Лис", PersonaState.OFFLINE, None, None),
    ]


async def test_what_has_changed_while_a_bot_was_away_is_asked_for_when_it_is_back(stage: Stage) -> None:
    bot_id = await stage.online()
    player = stage.player(Temperament.NEVER)
    stage.requested(bot_id, player)
    await stage.until(lambda: persona_of(stage, player))
    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED_OUT))
    stage.simulation.personas.show(int(player), name="Renamed")

    await stage.world.execute(c.ConnectBot(bot_id=bot_id))

    await stage.until(lambda: persona_of(stage, player).name == "Renamed")  # type: ignore[union-attr]


async def test_of_people_whom_nobody_has_to_do_with_nothing_is_kept(stage: Stage) -> None:
    await stage.online()
    stranger = stage.player(Temperament.NEVER)
    own = stage.simulation.accounts.bots[0].steam_id64
    stage.simulation.deeds.do(int(stranger), Deed.INVITE, own)
    stage.simulation.personas.show(int(stranger), name="A stranger")
    await stage.world.clock.advance(10_000)

    assert not stage.world.state.players


async def test_names_are_in_no_log_line(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bot_id = await stage.online()
    player = stage.player(Temperament.NEVER)
    stage.simulation.personas.show(int(player), name="Unmistakable Name", app=1, game="Unmistakable Game")
    stage.requested(bot_id, player)
    await stage.until(lambda: persona_of(stage, player))

    assert "Unmistakable" not in caplog.text


class Told:
    """PlayerPersonas in a world without a transport, with one task of one player."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[tuple[BotId, list[int]]] = []
        self.bot_id = world.add_bot()
        self.personas = PlayerPersonas(world.ctx, lambda bot, ids: self.asked.append((bot, ids)))
        self.personas.start()
        self.task(PLAYER)

    def task(self, player: SteamId64) -> None:
        task_id = TaskId(f"task_{player}")
        publish = self.world.ctx.publish
        publish(TaskCreated(task_id=task_id, player=player, item="x", price_min=1, price_max=2, currency="USD"))  # type: ignore[arg-type]
        publish(TaskAssigned(task_id=task_id, bot_id=self.bot_id))

    def hear(self, **told: object) -> None:
        self.personas.hear(self.bot_id, PersonaTold(ANNA, **told))  # type: ignore[arg-type]

    @property
    def names(self) -> list[str | None]:
        return [event.persona.name for event in self.world.happened(PlayerPersonaChanged)]


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    async with World(FakeTransport) as world:
        yield Told(world)


async def test_somebody_who_renames_himself_each_second_for_an_hour_fills_no_journal(told: Told) -> None:
    for second in range(0, HOUR // 1_000, 20):
        told.hear(name=f"Name {second}")
        await told.world.clock.advance(20_000)
    assert len(told.names) <= BURST + HOUR // INTERVAL + 1

    last = f"Name {HOUR // 1_000 - 20}"
    await told.world.clock.advance(2 * INTERVAL)
    assert told.names[-1] == last, "the latest is told in the end"
    persona = told.world.state.players[PLAYER].persona
    assert persona is not None
    assert persona.name == last


async def test_what_is_put_back_before_it_was_told_is_told_to_nobody(told: Told) -> None:
    for number in range(BURST):
        told.hear(name=f"Name {number}")
    told.hear(name="Passing")
    told.hear(name=f"Name {BURST - 1}")
    await told.world.clock.advance(2 * INTERVAL)

    assert told.names == [f"Name {number}" for number in range(BURST)]


async def test_the_same_again_is_no_news_whichever_bot_hears_it(told: Told) -> None:
    for _ in range(3):
        told.hear(name="Anna", avatar=bytes(range(20)), state=1, app=0, game="")
    told.hear()

    (event,) = told.world.happened(PlayerPersonaChanged)
    assert event.persona == Persona(name="Anna", avatar=bytes(range(20)).hex(), state=PersonaState.ONLINE)


async def test_a_player_renames_himself_in_his_own_name(told: Told) -> None:
    envelopes: list[Envelope] = []
    told.world.ctx.subscribe(PlayerPersonaChanged, lambda envelope, _: envelopes.append(envelope))
    told.hear(name="Anna")

    assert [envelope.actor for envelope in envelopes] == [f"player:{PLAYER}"]


async def test_a_crowd_of_tasks_is_asked_for_in_messages_of_a_hundred(told: Told) -> None:
    await told.world.clock.advance(2_000)
    told.asked.clear()
    for number in range(1, 251):
        told.task(SteamId64(str(ANNA + number)))
    await told.world.clock.advance(2_000)

    assert [len(ids) for _, ids in told.asked] == [100, 100, 50]


@pytest.mark.parametrize(
    ("told", "persona"),
    [
        ({"name": ""}, Persona(avatar="aa" * 20, state=PersonaState.AWAY, game_id=730, game="CS")),
        ({"state": 77}, None),
        ({"avatar": b"short"}, None),
        ({"avatar": bytes(20)}, Persona(name="Anna", state=PersonaState.AWAY, game_id=730, game="CS")),
        ({"app": 730}, None),
        ({"app": 440}, Persona(name="Anna", avatar="aa" * 20, state=PersonaState.AWAY, game_id=440)),
        ({"app": 0}, Persona(name="Anna", avatar="aa" * 20, state=PersonaState.AWAY)),
        (
            {"app": 0, "game": "\u202eMy\nown"},
            Persona(name="Anna", avatar="aa" * 20, state=PersonaState.AWAY, game="My own"),
        ),
        ({"state": 0}, Persona(name="Anna", avatar="aa" * 20, state=PersonaState.OFFLINE)),
    ],
)
def test_what_is_told_is_put_to_what_is_known(told: dict[str, object], persona: Persona | None) -> None:
    known = Persona(name="Anna", avatar="aa" * 20, state=PersonaState.AWAY, game_id=730, game="CS")

    assert merged(known, PersonaTold(ANNA, **told)) == (persona or known)  # type: ignore[arg-type]


def test_a_session_reads_each_person_as_far_as_steam_tells_of_them() -> None:
    body = m.CMsgClientPersonaState(
        friends=[
            Friend(friendid=ANNA, player_name="Анна", persona_state=0, avatar_hash=bytes(20), game_played_app_id=0),
            Friend(friendid=CLAN, player_name="A group"),
            Friend(friendid=BORIS),
        ]
    )

    assert session().receive(frame(EMsg.CLIENT_PERSONA_STATE, body), 0) == [
        PersonaTold(ANNA, name="Анна", avatar=bytes(20), state=0, app=0),
        PersonaTold(BORIS),
    ]


def test_a_name_that_steam_has_cut_within_a_letter_costs_no_other_its_name() -> None:
    body = m.CMsgClientPersonaState(
        friends=[Friend(friendid=ANNA, player_name="ab"), Friend(friendid=BORIS, player_name="B")]
    )
    cut = body.SerializeToString().replace(b"ab", b"a\xd0")
    made = session()

    assert [event.name for event in made.receive(frame(EMsg.CLIENT_PERSONA_STATE, cut), 0)] == ["a", "B"]  # type: ignore[union-attr]
    assert made.malformed == 0


def test_bytes_that_are_no_personas_are_counted_and_end_nothing() -> None:
    made = session()

    assert made.receive(frame(EMsg.CLIENT_PERSONA_STATE, b"\xff\xff"), 0) == []
    assert made.malformed == 1
