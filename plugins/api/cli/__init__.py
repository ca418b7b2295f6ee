"""The subcommands `switchboard operator`, `token` and `plugin`."""

from __future__ import annotations

import argparse
from typing import Any

from plugins.api.cli import operators, plugins, tokens


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """All three, with their actions."""
    for subcommand in (operators, tokens, plugins):
        subcommand.add_to(subcommands)
