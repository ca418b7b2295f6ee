"""A served world with chats in it, and a notebook that is connected to it under its own name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import switchboard
from kernel.plugin import Plugin
from kernel.roles import Role
from kernel.testing import FakeTransport, World
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.fleet import Fleet
from plugins.tasks import Tasks

DEADLINE_S = 30.0
"""Longer than anything here takes."""


class Desk:
    """The world, and ben at his notebook."""

    def __init__(self, world: World, sb: switchboard.Switchboard, token: str) -> None:
        self.world = world
        self.sb = sb
        self.token = token

    @property
    def url(self) -> str:
        return self.sb.url

    async def caught_up(self) -> None:
        """Return when the notebook has seen all that has happened."""
        await self.sb.wait(lambda: self.sb.seq >= self.world.state.seq, DEADLINE_S)


def token_of(world: World, name: str, kind: Kind = Kind.NOTEBOOK, role: Role = Role.DEVELOPER) -> str:
    """A fresh token."""
    return tokens.create(world.data / "api" / "tokens.json", name, kind, 0, role=role)


@asynccontextmanager
async def serving(
    *more: type[Plugin[Any]], first: type[Plugin[Any]] | None = None, data: Path | None = None, **api: Any
) -> AsyncIterator[World]:
    """A world in which deals can be made, served on any port. `first`: a plugin that gives an earlier run back."""
    plugins = (*([first] if first else []), FakeTransport, ContactPolicy, Fleet, Tasks, Dialogue, *more, Api)
    async with World(*plugins, config={"api": {"port": 0, **api}}, data=data) as world:
        yield world


def url_of(world: World) -> str:
    return (world.data / "api" / "address").read_text().strip()


@asynccontextmanager
async def desk(*more: type[Plugin[Any]], **api: Any) -> AsyncIterator[Desk]:
    """A notebook of ben's at such a world."""
    async with serving(*more, **api) as world:
        token = token_of(world, "ben")
        async with await switchboard.connect(url_of(world), token) as sb:
            yield Desk(world, sb, token)
