"""What a plugin is: a class with a config, built with its context, started and stopped by the host."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from kernel.events.envelope import Event
from kernel.plugin_tables import PluginTable

if TYPE_CHECKING:
    from kernel.context import Context


class PluginConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plugin's table of the config file. Spans of time say their unit in their name."""


C = TypeVar("C", bound=PluginConfig)


class Plugin(Generic[C]):
    """The parent of all plugins. Hook implementations are methods marked with `hookimpl`.

    Take everything through `ctx`: what is taken there is given back when the plugin stops. Keep no truth of your
    own: what must survive a restart or a reload is in the state.
    """

    Config: ClassVar[type[PluginConfig]] = PluginConfig
    events: ClassVar[Sequence[type[Event]]] = ()
    """Events of its own. The kind of each begins with the plugin's name and a dot, such as `talk_counter.counted`.

    They are in the journal and the streams as all others are. Where the plugin is gone, they are passed over. Forms
    that an earlier version of it wrote are listed with them, as `Retired`.
    """
    tables: ClassVar[Sequence[PluginTable[Any]]] = ()
    """Tables of rows of its own, folded from these events and kept while it is away; `ctx.rows(table)` reads one."""
    version: ClassVar[str | None] = None
    """Of its code, as an agent's lines and chats bear it; at most 64 characters. Where none is given, it is that of its
    distribution."""
    essential: ClassVar[bool] = False
    """When it cannot start, the system does not."""
    required: ClassVar[bool] = False
    """Where it is installed, every config must list it: what it guards may not be left out by oversight."""

    def __init__(self, ctx: Context, config: C) -> None:
        self.ctx = ctx
        self.config = config

    async def start(self) -> None:
        """Subscribe, take commands on, open what you need. Raises to say that it cannot work."""

    async def stop(self) -> None:
        """Finish what is under way; what was taken through `ctx` is given back afterwards, without your help.

        Comes also when `start` has raised, or was never reached because another plugin kept the system from starting.
        """

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        """Add subcommands to `switchboard`; each sets `run=callable(namespace) -> exit status`."""
