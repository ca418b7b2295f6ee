"""The facts about plugins and their code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kernel.events.envelope import Event


class PluginFacts(Event, frozen=True, kw_only=True):
    """What is known of the code of a plugin; no event by itself."""

    name: str
    version: str | None = None
    """That of its distribution."""
    code: str | None = None
    """The first 16 hexadecimal digits of the SHA-256 of its source."""
    hooks: tuple[str, ...] = ()
    fixed: bool = False
    """Nothing runs without it, so it can be neither disabled nor swapped."""


class PluginFound(PluginFacts, frozen=True, kw_only=True):
    """A plugin is installed and does not run; EnablePlugin would start it."""

    kind: ClassVar[str] = "plugin.found"


class PluginStarted(PluginFacts, frozen=True, kw_only=True):
    """A plugin is up."""

    kind: ClassVar[str] = "plugin.started"


class PluginStopped(Event, frozen=True, kw_only=True):
    """A plugin was stopped and has given everything back."""

    kind: ClassVar[str] = "plugin.stopped"
    name: str


class PluginEnabled(Event, frozen=True, kw_only=True):
    """Somebody wants the plugin to run, whatever the config says, and after a restart too."""

    kind: ClassVar[str] = "plugin.enabled"
    name: str


class PluginDisabled(Event, frozen=True, kw_only=True):
    """Somebody wants the plugin not to run, whatever the config says, and after a restart neither."""

    kind: ClassVar[str] = "plugin.disabled"
    name: str


class PluginDismissed(Event, frozen=True, kw_only=True):
    """Nothing is wanted of the plugin any more: its row is gone, and no start looks for it."""

    kind: ClassVar[str] = "plugin.dismissed"
    name: str


class PluginReloaded(PluginFacts, frozen=True, kw_only=True):
    """A plugin runs with the code that is on disk now."""

    kind: ClassVar[str] = "plugin.reloaded"


class PluginRolledBack(Event, frozen=True, kw_only=True):
    """The code on disk does not start, so what ran before goes on. `detail` says what is wrong with it, and where."""

    kind: ClassVar[str] = "plugin.rolledBack"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    name: str
    detail: str


class PluginSwapped(Event, frozen=True, kw_only=True):
    """`new` is asked in the place of `old` from now on, and after a restart too."""

    kind: ClassVar[str] = "plugin.swapped"
    old: str
    new: str


class PluginQuarantined(Event, frozen=True, kw_only=True):
    """A plugin kept failing, or did not start, and was switched off."""

    kind: ClassVar[str] = "plugin.quarantined"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    name: str
    detail: str
