"""The subcommands `switchboard operator`, `token`, `plugin` and `diagnose`."""

from __future__ import annotations

import argparse
from typing import Any

from plugins.api.cli import diagnose, operators, plugins, tokens


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """All four, with their actions."""
    for subcommand in (operators, tokens, plugins, diagnose):
        subcommand.add_to(subcommands)
