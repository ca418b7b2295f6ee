"""What a config asks for that cannot work where it is to run: told by `switchboard check`, and at a start."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from kernel.config import Available, Config, KernelConfig
from kernel.containment import CONTAINED, wording
from kernel.plugin import Plugin
from kernel.plugin_manager import plugin_manager

ASKED: Final = ("recover", "admit", "respond")
"""Hooks that are a plugin's purpose: one that has the method and not the mark is never asked."""


class Deployment(NamedTuple):
    """Where a config is to run."""

    kernel: KernelConfig
    data: Path | None
    """The data folder, if it is known. It need not be there yet."""

    def folder(self, plugin: str) -> Path | None:
        """The plugin's own folder, which need not be there either."""
        return self.data / plugin if self.data is not None else None


@runtime_checkable
class Examined(Protocol):
    """A plugin's `Config` that looks for what cannot work: it has this method beside its settings.

    What holds everywhere, such as a range, belongs into `__post_init__`, which refuses the config.
    """

    def findings(self, deployment: Deployment) -> Iterable[str]:
        """Sentences as in `__post_init__`: `key: what is wrong, and what to do`. Changes nothing, and takes little
        time. The plugin's `start` fails with the same words where it cannot do without."""
        ...


def findings(config: Config, available: Available, data: Path | None = None) -> list[str]:
    """One sentence for each, `[table] key: what is wrong, and what to do`, in the order of the config."""
    deployment = Deployment(config.kernel, data)
    classes = {name: available[name] for name in config.kernel.plugins if name in available}
    found = [*_of_data(data), *_of_order(classes)]
    for name, table in config.plugins.items():
        if isinstance(table, Examined):
            found.extend(f"[{name}] {finding}" for finding in _contained(table, deployment))
    return found


def _contained(table: Examined, deployment: Deployment) -> list[str]:
    try:
        return list(table.findings(deployment))
    except CONTAINED as error:  # of a plugin's author; the other plugins are looked at all the same
        return [f"cannot be looked at: {wording(error)}"]


def unwritable(folder: Path) -> str | None:
    """Why this folder, which need not be there yet, cannot be written in, and what to do. None where it can."""
    nearest = next(above for above in (folder, *folder.absolute().parents) if above.exists())
    if not nearest.is_dir():
        return f"{nearest} is no folder; name another"
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        return f"this user may not write in {nearest}; change its owner, or name another folder"
    return None


def _of_data(data: Path | None) -> Iterator[str]:
    """The data folder, and those of the plugins that are in it."""
    if data is None:
        return
    there = sorted(data.iterdir()) if data.is_dir() and os.access(data, os.R_OK | os.X_OK) else []
    for folder in (data, *(below for below in there if below.is_dir())):
        if (objection := unwritable(folder)) is not None:
            yield f"--data {data}: {objection}"


def _of_order(classes: dict[str, type[Plugin[Any]]]) -> Iterator[str]:
    """The journal is there and first, and who is to be asked can be."""
    manager = plugin_manager()

    def answers(name: str, hook: str) -> bool:
        marked = ((member, manager.parse_hookimpl_opts(classes[name], member)) for member in dir(classes[name]))
        return any(options and (options.get("specname") or member) == hook for member, options in marked)

    journals = [name for name in classes if answers(name, "recover")]
    if not journals:
        yield "[kernel] plugins: name no journal, so nothing outlasts the process; put one first, such as journal"
    elif next(iter(classes)) != journals[0]:
        yield (
            f"[kernel] plugins: {journals[0]} is not first, so it stops before the plugins that it follows, "
            "and their last events are lost; put it first"
        )
    for name, plugin in classes.items():
        for hook in ASKED:
            if callable(getattr(plugin, hook, None)) and not answers(name, hook):
                yield f"[kernel] plugins: {name} has a method {hook} without @hookimpl, so it is never asked; mark it"
