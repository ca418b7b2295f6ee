"""`switchboard check` and `switchboard config show`: what a config comes to, without a running process."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from kernel import origins
from kernel.arguments import path
from kernel.config import Config, load
from kernel.errors import ConfigInvalid
from kernel.findings import findings
from kernel.hosting.library import Distributions, Installed, Library, find, folder_of


def add_to(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both."""
    check = subcommands.add_parser(
        "check",
        help="say what is wrong with a config, all at once",
        description="Name all that is wrong with a config: what a start refuses, and what could never work on this "
        "machine. Nothing is started or changed. Status 0: nothing found, 1: something.",
    )
    add_config(check)
    check.add_argument("--data", type=path, metavar="DIR", help="look at this data folder too; it need not be there")
    check.set_defaults(run=lambda options: _check(options.config, options.data))
    config = subcommands.add_parser("config", help="what is in effect, and where it comes from")
    below = config.add_subparsers(required=True, metavar="COMMAND")
    show = below.add_parser(
        "show",
        help="every setting, its value, and the line or variable that it comes from",
        description="Print every setting as it is in effect, and beside it where it comes from: a default, a line of "
        "the file, or a variable of the environment. What is secret is hidden. Nothing needs to run.",
    )
    add_config(show)
    show.add_argument("tables", nargs="*", metavar="TABLE", help="only these, such as api (all)")
    show.add_argument("--json", action="store_true", help="as one JSON object")
    show.set_defaults(run=_show)


def add_config(parser: argparse.ArgumentParser) -> None:
    """The option `--config`."""
    parser.add_argument(
        "--config", type=path, required=True, metavar="FILE", help="TOML; switchboard.toml in the project is an example"
    )


def loaded(path: Path) -> tuple[Config, Library, Installed]:
    """The config, what plugins may be loaded from later, and what it was held against. Raises ConfigInvalid."""
    folder = folder_of(path)
    if folder is not None and not folder.is_dir():
        raise ConfigInvalid([f"[kernel] plugin_folder: {folder} is no folder; make it, or leave the setting out"])
    installed = find(folder)
    return load(path, *installed), Distributions(folder), installed


def _check(path: Path, data: Path | None) -> int:
    try:
        config, _, installed = loaded(path)
    except ConfigInvalid as invalid:
        return tell(invalid.problems, 1)
    found = findings(config, installed.plugins, data)
    if found:
        return tell(found, 1)
    print(f"{path}: good; runs {', '.join(config.kernel.plugins)}")
    return 0


def tell(problems: Sequence[str], status: int) -> int:
    """Print them, and return the exit status."""
    print(f"The config has {len(problems)} problem{'s' if len(problems) > 1 else ''}:", file=sys.stderr)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return status


def _show(options: argparse.Namespace) -> int:
    config, _, installed = loaded(options.config)
    values = origins.values(config, installed.plugins, os.environ)
    for table in options.tables:
        if table not in values:
            close = get_close_matches(table, values, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(values)}"
            print(f"switchboard: there is no table [{table}] in effect; {hint}", file=sys.stderr)
            return 2
    chosen = {table: values[table] for table in options.tables} or values
    print(origins.as_json(chosen) if options.json else origins.as_toml(chosen, config.kernel.plugins))
    return 0
