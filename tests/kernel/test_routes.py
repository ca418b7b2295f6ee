"""A route is checked where it is declared, and holds no code that has gone."""

from __future__ import annotations

import gc
from importlib.metadata import version
from weakref import ref

import msgspec
import pytest

from kernel.roles import Role
from kernel.routes import Method, Nothing, Route

OLD = version("msgspec").startswith("0.21.")


def declared_and_gone() -> ref[type[msgspec.Struct]]:
    answers = msgspec.defstruct("Answers", [("total", int)])
    Route(
        method=Method.GET,
        path="/totals",
        summary="Totals",
        role=Role.VIEWER,
        takes=Nothing,
        answers=answers,
        handler=lambda _: answers(1),
    )
    return ref(answers)


@pytest.mark.skipif(OLD, reason="msgspec 0.21 itself keeps the type of every struct that it has decoded")
def test_a_route_of_reloaded_code_is_let_go() -> None:
    kept = declared_and_gone()
    gc.collect()

    assert kept() is None


@pytest.mark.parametrize("path", ["totals", "/", "/a b", "/../x", "/a//b", ""])
def test_a_path_that_is_none_is_refused_by_name(path: str) -> None:
    with pytest.raises(ValueError, match="path: "):
        Route(
            method=Method.GET,
            path=path,
            summary="Totals",
            role=Role.VIEWER,
            takes=Nothing,
            answers=Nothing,
            handler=lambda _: Nothing(),
        )
