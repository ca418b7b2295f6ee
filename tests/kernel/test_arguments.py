"""Arguments that several subcommands have are the same for all of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from kernel.__main__ import _parser
from kernel.hosting.library import find


def urls(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """The subcommands that have a `--url`, and what it is where it is not given."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for subparser in action.choices.values():
                yield from urls(subparser)
        elif "--url" in action.option_strings:
            yield parser.prog, action.default


def test_every_command_that_asks_the_running_system_finds_it_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWITCHBOARD_URL", "http://127.0.0.1:9999 ")
    found = dict(urls(_parser(find())))

    assert {"switchboard plugin list", "switchboard jupyter", "switchboard bots import"} <= found.keys()
    assert set(found.values()) == {"http://127.0.0.1:9999"}
    monkeypatch.setenv("SWITCHBOARD_URL", "")
    assert set(dict(urls(_parser(find()))).values()) == {"http://127.0.0.1:8040"}
