"""A class name stands in one package: who searches for it finds one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
ALLOWED: Final = {
    "Answer": "the body of an HTTP response, and a player's answer in a script",
    "Clock": "the kernel's class, and the simulator's protocol, which it satisfies",
    "Context": "the kernel's, of a plugin; and what the policy of Steam's results is asked in",
    "Fleet": "the plugin, and a notebook's view of the fleet",
    "History": "Steam's history of a chat, and the journal's file of events",
    "Journal": "the plugin, and a notebook's reading of what it wrote",
    "Line": "a log line, and a line of a chat in a notebook",
    "Malformed": "of a command, and of a frame: protocol code knows no kernel",
    "Method": "of HTTP, and of a Steam service, which calls it so",
    "Outbox": "of messages and of invites: the same pattern, by which a reader knows both",
    "RequestFailed": "at Steam, and at our own api, asked by the command line",
    "Turn": "of a dialogue, and of a handshake with a proxy",
    "Turns": "the kernel's protocol, and the dialogue's class, which satisfies it",
    "Unavailable": "what a caller is told, and Steam's own, which becomes it",
    "Verdict": "on a result of Steam's, and of a dry run in a notebook",
    "World": "a test's system, and the simulator's accounts and players",
}
"""Each with its reason; what can bear a name of its own gets one in place of a line here."""


def package_of(path: Path) -> str:
    top, second, *_ = path.relative_to(ROOT).parts
    return f"{top}.{second}" if top == "plugins" else top


def test_no_public_class_name_stands_in_two_packages_but_for_those_with_a_reason() -> None:
    packages: dict[str, set[str]] = defaultdict(set)
    for folder in ("kernel", "plugins", "notebooks/switchboard"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    packages[node.name].add(package_of(path))
    shared = {name: sorted(places) for name, places in packages.items() if len(places) > 1}

    assert {name: places for name, places in shared.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() - shared.keys() == set(), "no longer in two packages: take it out of the list"
