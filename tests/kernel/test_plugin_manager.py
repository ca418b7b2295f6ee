"""Marks are found where pluggy finds them, and nothing of a plugin is run to look for them."""

from __future__ import annotations

import functools
from typing import Any

import pluggy

from kernel import hookspecs
from kernel.hookspecs import hookimpl
from kernel.plugin_manager import plugin_manager


def _answer(*_: object) -> None:
    """Marked or not by what follows."""


class Every:
    """A member of each form, marked and unmarked."""

    __slots__ = ("__dict__", "filled", "unfilled")

    plain = 3
    borrowed = hookimpl(functools.partial(_answer))

    def __init__(self) -> None:
        self.filled = hookimpl(lambda: None)
        self.own = hookimpl(lambda: None)
        self.own_unmarked = _answer
        self.hidden = None  # type: ignore[method-assign, assignment] # it hides a mark

    @hookimpl
    def health(self) -> None: ...

    @hookimpl(specname="admit")
    def weigh(self) -> None: ...

    @hookimpl
    @staticmethod
    def static() -> None: ...

    @classmethod
    @hookimpl
    def of_class(cls) -> None: ...

    @hookimpl
    def hidden(self) -> None: ...

    @staticmethod
    def unmarked_static() -> None: ...

    @classmethod
    def unmarked_of_class(cls) -> None: ...

    def unmarked(self) -> None: ...

    @property
    def asked(self) -> None:
        raise AssertionError("a plugin's code runs while marks are looked for")


class Heir(Every):
    def weigh(self) -> None:
        """Overrides a mark and bears none."""


def test_every_form_of_a_member_is_marked_or_not_as_pluggy_has_it() -> None:
    ours, theirs = plugin_manager(), pluggy.PluginManager(hookspecs.PROJECT)
    of_heir = {"health", "static", "of_class", "hidden"}
    of_every = of_heir | {"weigh"}
    of_instances = {"filled", "own"}
    things: list[tuple[Any, set[str]]] = [
        (Every, of_every),
        (Heir, of_heir),
        (Every(), (of_every | of_instances) - {"hidden"}),
        (Heir(), (of_heir | of_instances) - {"hidden"}),
    ]

    for thing, marked in things:
        found = {name: ours.parse_hookimpl_opts(thing, name) for name in [*dir(thing), "absent"]}
        assert found == {name: theirs.parse_hookimpl_opts(thing, name) for name in found}
        assert {name for name, options in found.items() if options} == marked
