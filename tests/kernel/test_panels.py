"""A panel is checked where it leaves the plugin: bounded, of the declared types, and with the plugin's own commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kernel import panels
from kernel.clock import Millis
from kernel.commands import Command, PauseContact
from kernel.hooks import HookCaller
from kernel.hookspecs import hookimpl
from kernel.panels import (
    BUTTONS_MOST,
    FIELDS_MOST,
    FORM_MOST,
    ROWS_MOST,
    TABLES_MOST,
    FormField,
    Moment,
    Panel,
    PanelBroken,
    PanelButton,
    PanelFault,
    PanelField,
    PanelTable,
    PluginPanel,
    Price,
    ShownPanel,
    Text,
)
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.testing import World

WORD = Text(en="Word", ru="Слово")
FIELD = PanelField(WORD, 1)
TABLE = PanelTable(title=WORD, columns=(WORD,), rows=((1,),))


class Stack(Command[None], frozen=True, kw_only=True):
    """Put so many copies of a title on a pile."""

    role = Role.OPERATOR
    title: str
    copies: int = 1
    signed: bool = False
    tags: tuple[str, ...] = ()


class Burn(Command[None], frozen=True, kw_only=True):
    """Not to be given from outside."""

    public = False


BUTTON = PanelButton(label=WORD, command=Stack(title="Solaris"))


class Piles(Plugin[PluginConfig]):
    """Shows what the test says."""

    answer: Callable[[], Any]

    async def start(self) -> None:
        self.ctx.handle(Stack, lambda _: None)
        self.ctx.handle(Burn, lambda _: None)

    @hookimpl
    def panel(self) -> Any:
        return self.answer()


class Pauser(Plugin[PluginConfig]):
    """Handles a command that is not the other plugin's."""

    async def start(self) -> None:
        self.ctx.handle(PauseContact, lambda _: None)


def only(hooks: HookCaller) -> PluginPanel:
    (panel,) = hooks.panels()
    return panel


async def read(answer: Callable[[], Any]) -> ShownPanel | None:
    async with World(Piles, Pauser) as world:
        world.plugin(Piles).answer = answer
        return await only(world.ctx.hooks).read()


async def broken(answer: Callable[[], Any]) -> PanelBroken:
    with pytest.raises(PanelBroken) as caught:
        await read(answer)
    return caught.value


async def test_a_panel_comes_out_as_it_was_declared_with_the_role_and_the_payload_of_its_command() -> None:
    asked = (FormField("title", WORD, blank=True), FormField("copies", WORD), FormField("signed", WORD))
    shown = await read(
        lambda: Panel(
            title=WORD,
            fields=(PanelField(WORD, Price(Decimal("10.50"), "USD")), PanelField(WORD, Moment(Millis(1)))),
            tables=(PanelTable(title=WORD, columns=(WORD, WORD), rows=(("Lem", 2.5), (WORD, None))),),
            buttons=(PanelButton(label=WORD, command=Stack(title="Solaris"), form=asked, confirm=WORD),),
        )
    )

    word = {"type": "text", "en": "Word", "ru": "Слово"}
    assert msgspec.to_builtins(shown) == {
        "title": word,
        "fields": (
            {"label": word, "value": {"type": "price", "amount": "10.50", "currency": "USD"}},
            {"label": word, "value": {"type": "moment", "at": 1}},
        ),
        "tables": ({"title": word, "columns": (word, word), "rows": (("Lem", 2.5), (word, None))},),
        "buttons": (
            {
                "label": word,
                "kind": "Stack",
                "role": "operator",
                "payload": {"title": "Solaris", "copies": 1, "signed": False, "tags": []},
                "form": (
                    {"name": "title", "label": word, "blank": True},
                    {"name": "copies", "label": word, "blank": False},
                    {"name": "signed", "label": word, "blank": False},
                ),
                "confirm": word,
            },
        ),
    }


async def test_a_panel_may_be_awaited_and_may_be_none() -> None:
    async def later() -> Panel:
        await asyncio.sleep(0)
        return Panel(title=WORD)

    assert await read(later) == ShownPanel(title=WORD)
    assert await read(lambda: None) is None


async def test_what_is_full_to_the_brim_is_shown() -> None:
    full = PanelTable(title=WORD, columns=(WORD,), rows=((1,),) * ROWS_MOST)
    button = PanelButton(label=WORD, command=Stack(title="Solaris"), form=(FormField("title", WORD),) * FORM_MOST)
    panel = Panel(
        title=WORD, fields=(FIELD,) * FIELDS_MOST, tables=(full,) * TABLES_MOST, buttons=(button,) * BUTTONS_MOST
    )

    assert await read(lambda: panel) is not None


LONG = Text(en="x" * 301, ru="x")
WIDE = tuple(PanelTable(title=WORD, columns=(WORD,), rows=((Text(en="x" * 300, ru="x" * 300),),) * 50) for _ in "1234")


@pytest.mark.parametrize(
    ("panel", "says"),
    [
        (lambda: Panel(title=LONG), "$.title.en"),
        (lambda: Panel(title=Text(en="", ru="x")), "$.title.en"),
        (lambda: Panel(title=WORD, fields=(FIELD,) * (FIELDS_MOST + 1)), "fields: 25; at most 24"),
        (lambda: Panel(title=WORD, fields=(FIELD, PanelField(WORD, "x" * 201))), "$.fields[1].value"),
        (lambda: Panel(title=WORD, fields=(PanelField(WORD, 2**53 + 1),)), "$.fields[0].value"),
        (lambda: Panel(title=WORD, fields=(PanelField(WORD, True),)), "$.fields[0].value"),
        (lambda: Panel(title=WORD, tables=(TABLE,) * (TABLES_MOST + 1)), "tables: 5; at most 4"),
        (lambda: Panel(title=WORD, tables=WIDE), "more than 65536 bytes"),
        (lambda: Panel(title=WORD, buttons=(BUTTON,) * (BUTTONS_MOST + 1)), "buttons: 9; at most 8"),
        (lambda: Panel(title="<b>Word</b>"), "$.title"),  # type: ignore[arg-type]
        (lambda: Panel(title=WORD, fields=object()), "object"),  # type: ignore[arg-type]
        (lambda: {"title": {"en": "Word", "ru": "Слово"}}, "dict instead of Panel"),
    ],
)  # fmt: skip
async def test_what_is_too_large_or_of_another_type_is_refused_and_the_part_named(
    panel: Callable[[], object], says: str
) -> None:
    found = await broken(panel)

    assert found.fault is PanelFault.INVALID
    assert says in found.detail


@pytest.mark.parametrize("rows", [((1,),) * (ROWS_MOST + 1), ((1, 2),)])
def test_too_many_rows_and_rows_that_do_not_fit_are_refused_where_they_are_made(rows: Any) -> None:
    with pytest.raises(ValueError, match="rows"):
        PanelTable(title=WORD, columns=(WORD,), rows=rows)


def test_too_many_columns_are_refused_where_they_are_made() -> None:
    with pytest.raises(ValueError, match="columns: 9; at most 8"):
        PanelTable(title=WORD, columns=(WORD,) * 9)


@pytest.mark.parametrize(
    ("panel", "says"),
    [
        (lambda many: Panel(title=WORD, fields=many), "fields: 1000000; at most 24"),
        (lambda many: Panel(title=WORD, tables=many), "tables: 1000000; at most 4"),
        (lambda many: Panel(title=WORD, buttons=(PanelButton(label=WORD, command=Stack(title="x"), form=many),)),
         "form: 1000000; at most 8"),
        (lambda _: Panel(title=WORD, buttons=(PanelButton(label=WORD, command=Stack(title="x" * 65_536)),)),
         "more than 65536 bytes"),
    ],
)  # fmt: skip
async def test_what_is_far_too_large_is_refused_by_its_length_alone(panel: Callable[[Any], object], says: str) -> None:
    many = (FIELD,) * 1_000_000

    found = await broken(lambda: panel(many))

    assert found.fault is PanelFault.INVALID
    assert says in found.detail


async def test_of_cells_that_are_far_too_long_no_more_is_written_out_than_it_takes_to_tell() -> None:
    long = "x" * 1_000_000
    written: list[int] = []

    class Encoder:
        def encode(self, part: object) -> bytes:
            encoded = msgspec.json.encode(part)
            written.append(len(encoded))
            return encoded

    table = PanelTable(title=WORD, columns=(WORD,), rows=((long,),) * ROWS_MOST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "_ENCODER", Encoder())
        found = await broken(lambda: Panel(title=WORD, tables=(table,) * TABLES_MOST))

    assert "more than 65536 bytes" in found.detail
    assert sum(written) < 2_000_000, "one cell, and not two hundred"


async def test_an_error_that_cannot_be_told_is_told_by_its_name() -> None:
    class Wordless(ValueError):
        def __str__(self) -> str:
            raise RuntimeError("not even that")

    class Sulky(tuple[Any, ...]):
        def __len__(self) -> int:
            raise Wordless

    found = await broken(lambda: Panel(title=WORD, fields=Sulky()))

    assert (found.fault, found.detail) == (PanelFault.INVALID, "Wordless")


@pytest.mark.parametrize("command", [PauseContact(), Burn()])
async def test_a_button_gives_only_a_public_command_that_its_plugin_handles(command: Command[Any]) -> None:
    found = await broken(lambda: Panel(title=WORD, buttons=(PanelButton(label=WORD, command=command),)))

    assert found.fault is PanelFault.INVALID
    assert f"{type(command).__name__} is no public command" in found.detail


@pytest.mark.parametrize("name", ["author", "tags"])
async def test_a_form_asks_only_for_what_its_command_has_and_a_person_can_fill_in(name: str) -> None:
    button = PanelButton(label=WORD, command=Stack(title="Solaris"), form=(FormField(name, WORD),))

    assert f"no text, number or flag {name!r}" in (await broken(lambda: Panel(title=WORD, buttons=(button,)))).detail


async def test_a_hook_that_calls_itself_off_has_raised() -> None:
    async def sulk() -> Panel:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)
        raise AssertionError

    assert (await broken(sulk)).fault is PanelFault.RAISED


async def test_a_hook_that_raises_or_hangs_is_told_as_such_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Panel:
        raise LookupError("s3cret")

    async def never() -> Panel:
        await asyncio.Event().wait()
        raise AssertionError

    raised = await broken(fail)
    assert (raised.fault, raised.detail) == (PanelFault.RAISED, "LookupError; the log says where")
    monkeypatch.setattr(panels, "DEADLINE_S", 0.01)
    assert (await broken(never)).fault is PanelFault.LATE
