"""`GET /api/panels`: who may read it, and that a broken panel costs its plugin a note and nobody else anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from kernel import panels
from kernel.commands import ReloadPlugin
from kernel.events import ErrorLogged
from kernel.hookspecs import hookimpl
from kernel.panels import Panel, PanelButton, PanelField, Text
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.testing import idle
from plugins.api.panels import ASK_AGAIN
from tests.kernel.test_panels import Stack
from tests.plugins.api.client import DEADLINE_S, Site, serving

URL = "/api/panels"
TITLE = Text(en="Books", ru="Книги")


class Librarian(Plugin[PluginConfig]):
    """Shows how many books were put there, and has a button for one more."""

    stacked = 0

    async def start(self) -> None:
        self.ctx.handle(Stack, self.stack)

    def stack(self, command: Stack) -> None:
        self.stacked += command.copies

    @hookimpl
    def panel(self) -> Panel:
        button = PanelButton(label=TITLE, command=Stack(title="Solaris", copies=2))
        return Panel(title=TITLE, fields=(PanelField(TITLE, self.stacked),), buttons=(button,))


class Clumsy(Plugin[PluginConfig]):
    """Fails, or never answers."""

    asked = 0
    hangs = False
    mended = False

    @hookimpl
    async def panel(self) -> Panel:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if not self.mended:
            raise LookupError("s3cret")
        return Panel(title=TITLE)


class Deaf(Plugin[PluginConfig]):
    """Does not hear that it is called off, and never ends until it is let go."""

    asked = 0
    deaf = True

    async def start(self) -> None:
        self.go = asyncio.Event()

    @hookimpl
    async def panel(self) -> Panel:
        self.asked += 1
        while self.deaf and not self.go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.go.wait()
        return Panel(title=TITLE)


@contextlib.contextmanager
def released(deaf: Deaf) -> Iterator[None]:
    """Have it end with the block."""
    try:
        yield
    finally:
        deaf.go.set()


async def cards(site: Site) -> dict[str, Any]:
    answer = await site.anna.get(URL)
    assert answer.status_code == 200
    assert "s3cret" not in answer.text
    return {card["plugin"]: card for card in answer.json()["panels"]}


async def test_a_viewer_reads_the_panels_and_what_a_button_gives_takes_the_role_of_its_command() -> None:
    async with (
        serving(Librarian) as site,
        site.client() as stranger,
        site.member(Role.VIEWER) as vera,
        site.member(Role.OPERATOR) as olga,
    ):
        assert (await stranger.get(URL)).status_code == 401
        (card,) = (await vera.get(URL)).json()["panels"]
        (button,) = card["panel"]["buttons"]
        assert (card["plugin"], card["fault"], button["role"]) == ("librarian", None, "operator")

        given = {"kind": button["kind"], "payload": button["payload"], "id": "cmd_1"}
        assert (await vera.post("/api/command", json=given)).json()["error"]["code"] == "roleTooLow"
        for _ in range(2):
            assert (await olga.post("/api/command", json=given)).status_code == 200
        assert site.world.plugin(Librarian).stacked == 2, "given twice under one id, it is carried out once"
        assert (await cards(site))["librarian"]["panel"]["fields"][0]["value"] == 2

        await site.world.system.host.disable("librarian")
        assert await cards(site) == {}


async def test_a_broken_panel_is_told_beside_the_others_and_counted_once_until_it_is_mended() -> None:
    async with serving(Clumsy, Librarian) as site:
        clumsy = site.world.plugin(Clumsy)
        found = await cards(site)
        assert list(found) == ["clumsy", "librarian"]
        assert (found["clumsy"]["fault"], found["clumsy"]["panel"]) == ("raised", None)
        assert "LookupError" in found["clumsy"]["detail"]
        assert found["librarian"]["panel"] is not None

        for _ in range(20):
            await cards(site)
            await site.world.clock.advance(ASK_AGAIN // 4)
        assert clumsy.asked == 5
        assert [error.source for error in site.world.happened(ErrorLogged)] == ["clumsy"]
        assert site.world.state.plugins["clumsy"].status == "running", "looking at it has not switched it off"

        clumsy.mended = True
        await site.world.clock.advance(ASK_AGAIN)
        assert (await cards(site))["clumsy"]["fault"] is None


async def test_a_plugin_that_was_changed_is_asked_for_its_panel_at_once() -> None:
    async with serving(Clumsy) as site:
        assert (await cards(site))["clumsy"]["fault"] == "raised"
        await site.world.clock.advance(1)
        for kind in ("DisablePlugin", "EnablePlugin"):
            assert (await site.command(kind, {"name": "clumsy"})).status_code == 200

        site.world.plugin(Clumsy).mended = True
        assert (await cards(site))["clumsy"]["fault"] is None


async def test_a_plugin_whose_panel_hangs_is_blamed_and_asked_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "DEADLINE_S", 0.05)
    async with serving(Clumsy, Librarian) as site:
        clumsy = site.world.plugin(Clumsy)
        clumsy.hangs = True
        found = await asyncio.gather(*(cards(site) for _ in range(5)))

        assert {one["clumsy"]["fault"] for one in found} == {"late"}
        assert clumsy.asked == 1
        assert [error.source for error in site.world.happened(ErrorLogged)] == ["clumsy"]
        assert (await cards(site))["librarian"]["panel"] is not None


async def test_a_panel_that_cannot_even_be_called_off_costs_no_page_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "DEADLINE_S", 0.05)
    async with serving(Deaf, Librarian) as site:
        deaf = site.world.plugin(Deaf)
        with released(deaf):
            for _ in range(3):
                async with asyncio.timeout(DEADLINE_S):
                    found = await cards(site)
                assert found["deaf"]["fault"] == "late"
                assert found["librarian"]["panel"] is not None
                await site.world.clock.advance(ASK_AGAIN)
            assert deaf.asked == 1, "while its task runs on, no second one is begun"
            assert [error.source for error in site.world.happened(ErrorLogged)] == ["deaf"]

            monkeypatch.setattr(Deaf, "deaf", False)
            await site.world.execute(ReloadPlugin(name="deaf"))
            assert (await cards(site))["deaf"]["fault"] is None, "mended and reloaded, it is asked at once"
        await idle()


async def test_a_panel_that_ends_long_after_its_deadline_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "DEADLINE_S", 0.05)
    async with serving(Deaf) as site:
        assert (await cards(site))["deaf"]["fault"] == "late"
        site.world.plugin(Deaf).go.set()
        await site.world.clock.advance(ASK_AGAIN)

        assert (await cards(site))["deaf"]["fault"] is None


async def test_the_document_says_what_a_panel_is() -> None:
    async with serving(Librarian) as site:
        document = (await site.anna.get("/api/openapi.json")).json()
        answer = document["paths"][URL]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

        assert answer == {"$ref": "#/components/schemas/PanelList"}
        fields = document["components"]["schemas"]["ShownPanel"]["properties"]["fields"]
        assert fields["maxItems"] == panels.FIELDS_MOST
