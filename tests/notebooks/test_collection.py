"""Collections are looked through, counted, and turned into frames with the right types."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import polars
import pytest
from msgspec.structs import replace

import switchboard
from kernel.ids import SteamId64
from kernel.rows import Persona, PersonaState, Player, TaskStatus
from kernel.state import State
from switchboard.brief import activity, columns
from switchboard.view import View
from tests.histories import fold, history


class Shown(View):
    """A state to look at."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def state(self) -> State:
        return self._state


@pytest.fixture(scope="module")
def seen() -> Shown:
    return Shown(fold(history(Random(11), 1_500)))


def test_a_collection_is_filtered_by_fields_by_sets_of_values_and_by_tests(seen: Shown) -> None:
    tasks = seen.tasks
    ended = tasks.filter(status={"resolved", "failed", "disposed"})
    dear = tasks.filter(lambda task: task.price_max > 1, status="failed")

    assert 0 < len(ended) < len(tasks)
    assert {task.status for task in ended} <= {"resolved", "failed", "disposed"}
    assert len(ended) + len(tasks.filter(lambda task: task.is_open)) == len(tasks)
    assert all(task.price_max > 1 and task.status == "failed" for task in dear)
    assert ended.filter(status="created").first() is None
    assert tasks.filter().keys() == list(seen.state.tasks)


def test_a_row_is_found_by_its_key_and_only_where_it_passes(seen: Shown) -> None:
    chat = next(iter(seen.chats))

    assert seen.chats[chat.id] is chat
    assert chat.id in seen.chats
    assert chat.id not in seen.chats.filter(lambda _: False)
    assert seen.plugins.get("no such") is None
    with pytest.raises(KeyError, match="chat_none is not among the"):
        seen.chats["chat_none"]


def test_a_field_that_there_is_not_is_named_with_those_that_there_are(seen: Shown) -> None:
    with pytest.raises(TypeError, match="tasks have no field 'state'; they have id, player, item"):
        seen.tasks.filter(state="open")


@pytest.mark.parametrize(
    ("table", "field", "value", "said"),
    [
        ("tasks", "status", "resolvd", "status is never 'resolvd', but one of created, .*; did you mean 'resolved'"),
        ("tasks", "status", {"created", "asigned"}, "did you mean 'assigned'"),
        ("tasks", "status", None, "status is never None, but one of created"),
        ("invites", "binds", "acount", "but one of player, account, request; did you mean 'account'"),
        ("players", "invite_refusal", "no", "but one of declined, lapsed, inDoubt$"),
        ("messages", "sender", "agent", "but one of bot, player"),
        ("messages", "delivery", "send", "did you mean 'sending'|did you mean 'sent'"),
        ("plugins", "enabled", "yes", "enabled='yes': Expected `bool . null`, got `str`"),
        ("tasks", "price_min", "ten", "price_min='ten': Invalid decimal"),
        ("tasks", "player", 76561198000000001, "Expected `str`, got `int`"),
        ("bots", "retry_at", "soon", "Expected `int . null`, got `str`"),
    ],
)
def test_a_value_that_a_field_never_has_is_an_error_that_names_the_right_ones(
    seen: Shown, table: str, field: str, value: object, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        getattr(seen, table).filter(**{field: value})


def test_values_are_compared_as_what_the_field_holds(seen: Shown) -> None:
    task = next(iter(seen.tasks))

    exact = seen.tasks.filter(price_min=str(task.price_min), status=TaskStatus(task.status), chat_id=task.chat_id)
    assert task.id in exact
    assert len(seen.players.filter(invite_refusal=None)) == sum(p.invite_refusal is None for p in seen.players)


def test_a_collection_that_is_kept_stays_up_to_date() -> None:
    events = history(Random(5), 400)
    shown = Shown(fold(events[:200]))
    tasks, open_ones = shown.tasks, shown.tasks.filter(lambda task: task.is_open)
    before = [task.id for task in tasks]
    fold(events[200:], shown.state)

    assert len(tasks) == len(shown.state.tasks)
    assert [task.id for task in tasks] != before
    assert len(open_ones) == sum(task.is_open for task in shown.state.tasks.rows())


@pytest.mark.parametrize("name", ["bots", "tasks", "invites", "chats", "players", "plugins", "messages"])
def test_every_collection_becomes_a_pandas_and_a_polars_frame_of_its_rows(seen: Shown, name: str) -> None:
    collection: Any = getattr(seen, name)
    pandas_frame, polars_frame = collection.to_pandas(), collection.to_polars()

    assert len(pandas_frame) == len(polars_frame) == len(collection)
    assert list(pandas_frame.columns) == polars_frame.columns
    empty = collection.filter(lambda _: False)
    assert list(empty.to_pandas().dtypes) == list(pandas_frame.dtypes)
    assert empty.to_polars().schema == polars_frame.schema


def test_times_are_timestamps_prices_are_exact_and_nested_things_are_counted(seen: Shown) -> None:
    task = next(iter(seen.tasks))
    created = datetime.fromtimestamp(task.created_at / 1_000, UTC)
    pandas_frame, polars_frame = seen.tasks.to_pandas(), seen.tasks.to_polars()

    assert pandas_frame["created_at"][0].to_pydatetime() == created
    assert polars_frame["created_at"][0] == created
    assert pandas_frame["price_min"][0] == task.price_min and isinstance(pandas_frame["price_min"][0], Decimal)
    assert polars_frame.schema["price_min"] == polars.Decimal(38, 8)
    assert polars_frame["price_min"][0] == task.price_min
    chats = seen.chats.to_pandas()
    assert list(chats["messages"]) == [len(chat.messages) for chat in seen.chats]
    assert len(seen.messages) == sum(chats["messages"])


@pytest.mark.parametrize(("package", "method"), [("pandas", "to_pandas"), ("polars", "to_polars")])
def test_a_frame_without_its_library_says_what_to_install(
    seen: Shown, monkeypatch: pytest.MonkeyPatch, package: str, method: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(switchboard.NotInstalled, match=rf"needs {package}.*pip install '\./notebooks\[{package}\]'"):
        getattr(seen.tasks, method)()


def test_a_player_is_shown_by_name_and_by_what_they_do_on_steam() -> None:
    persona = Persona(name="Анна", state=PersonaState.ONLINE, game_id=730)
    row = Player(steam_id64=SteamId64("76561198000000001"), persona=persona)

    assert [column.value(row) for column in columns(Player)][:3] == [row.steam_id64, "Анна", "plays app 730"]
    assert activity(Player(steam_id64=row.steam_id64)) == ""
    assert activity(replace(row, persona=replace(persona, game_id=None))) == "online"
