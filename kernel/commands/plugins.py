"""The requests that change plugins while the system runs; part of `kernel.commands`, where they are imported from."""

from __future__ import annotations

from typing import ClassVar

from kernel.commands.command import Command
from kernel.roles import Role


class EnablePlugin(Command[None], frozen=True, kw_only=True):
    """Start an installed plugin with the code that is on disk, and let it run after a restart too."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class DisablePlugin(Command[None], frozen=True, kw_only=True):
    """Let a plugin end what it has under way, stop it, and leave it stopped after a restart too."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class DismissPlugin(Command[None], frozen=True, kw_only=True):
    """Forget a plugin that is uninstalled, switched off or stopped: it leaves the list, and no start looks for it.

    One that is still installed is listed again at the next start, as one that can be enabled.
    """

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class ReloadPlugin(Command[None], frozen=True, kw_only=True):
    """Run a plugin with the code that is on disk now. Where that does not start, what ran before goes on."""

    role: ClassVar[Role] = Role.DEVELOPER
    name: str


class SwapAgent(Command[None], frozen=True, kw_only=True):
    """Have the agent `new` take the place of the agent `old`, which ends the turns that it has begun.

    Where the new one does not start, the old one goes on.
    """

    role: ClassVar[Role] = Role.DEVELOPER
    old: str
    new: str
