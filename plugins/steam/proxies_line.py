"""`switchboard proxies check`: the proxies of the running system's bots, or of a list, one line each."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import Progress

from kernel.arguments import add_url, path
from plugins.steam.proxy_check import CheckProgress, ProxyReport
from plugins.steam.running_system import CommandStopped, RunningSystem, read_list
from plugins.steam.texts import decode

ROUTE: Final = "/api/plugins/steam/proxy-check"
LOOK_S: Final = 0.3

DESCRIPTION = """\
Look how each proxy reaches Steam's directory, in how many milliseconds, and by which address it leaves: the proxies of
all bots of the running system, or those of FILE, before they are given to bots. An exit address is known of a bot that
is online, and of every proxy where [steam] has an exit_url. The status is 1 where a proxy fails, a line is none, or two
proxies leave by one address. SWITCHBOARD_TOKEN is a developer's token of the API.
"""


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `proxies` with its action."""
    parser = subcommands.add_parser("proxies", help="check how proxies reach Steam")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    checking = actions.add_parser(
        "check",
        help="look how each proxy reaches Steam, and by which address",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checking.add_argument("file", type=path, nargs="?", metavar="FILE", help="a proxy a line; left out: the bots' own")
    add_url(checking)
    checking.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """The exit status: 0 where every proxy does, 1 otherwise."""
    try:
        wanted = {} if options.file is None else {"proxies": decode(read_list(options.file))}
        return _check(RunningSystem(options.url, os.environ.get("SWITCHBOARD_TOKEN"), ROUTE), wanted)
    except (CommandStopped, OSError) as error:
        sys.stderr.write(f"switchboard proxies check: {error}\n")
        return 1


def _check(system: RunningSystem, wanted: dict[str, str]) -> int:
    state = system.ask("POST", "", msgspec.json.encode(wanted), CheckProgress)
    shown = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with shown as progress:
        bar = progress.add_task("proxies", total=state.total)
        while state.running:
            time.sleep(LOOK_S)
            state = system.ask("GET", f"?after={state.total}", None, CheckProgress)
            progress.update(bar, completed=state.done)
    rows: list[ProxyReport] = []
    while len(rows) < state.done:
        page = system.ask("GET", f"?after={len(rows)}", None, CheckProgress).rows
        if not page:
            break
        rows += page
    rows.sort(key=lambda row: (row.line or 0, row.bot_id or ""))
    for row in rows:
        sys.stdout.write(_line(row))
    failed = sum(not row.ok for row in rows)
    sys.stderr.write(f"{len(rows) - failed} ok, {failed} failed\n")
    return 1 if failed or not rows else 0


def _line(row: ProxyReport) -> str:
    whose = " ".join(part for part in (f"line {row.line}" if row.line else "", row.bot_id or "") if part)
    took = f"{row.ms} ms" if row.ms is not None else "-"
    return f"{'ok' if row.ok else 'FAILED':<6}  {took:>8}  {row.exit or '-':<15}  {whose}  {row.proxy}  {row.told}\n"
