"""`switchboard bots import`: maFiles into the running system, after a plan that is shown first."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from kernel.arguments import add_url, path
from plugins.steam import secrets_line
from plugins.steam.errors import InputInvalid
from plugins.steam.importing import sources, summaries
from plugins.steam.importing.client import ImportClient
from plugins.steam.importing.forms import ImportRow, ImportState
from plugins.steam.importing.plan import DONE_WELL, PlanStanding
from plugins.steam.running_system import CommandStopped, read_list

DESCRIPTION = """\
Add a bot for every maFile to the running system. A plan is shown first, and carried out when you say yes. What is a
bot already stays as it is, so the import can be repeated at any time. maFiles are read as SDA, Nebula, steamguard-cli
and their like write them; encrypted ones are opened with the manifest.json of their folder and the passkey.

Secrets are taken from files and the environment, never from the command line: SWITCHBOARD_TOKEN is a token of the API
(`switchboard token create NAME`), SWITCHBOARD_PASSKEY the passkey of the program that encrypted the files, or the PIN
of Nebula.
"""


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `bots` with its action."""
    parser = subcommands.add_parser("bots", help="add bots from maFiles")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    importing = actions.add_parser(
        "import",
        help="add a bot for every maFile of folders, zips and single files",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    importing.add_argument(
        "paths", type=path, nargs="+", metavar="PATH", help="a folder with all below it, a zip, or a maFile"
    )
    importing.add_argument("--proxies", type=path, metavar="FILE", help="a proxy a line; or LOGIN PROXY")
    importing.add_argument("--passwords", type=path, metavar="FILE", help="login:password a line, or a CSV with a head")
    add_url(importing)
    importing.add_argument("--ask-passkey", action="store_true", help="ask for the passkey at the terminal")
    importing.add_argument("--dry-run", action="store_true", help="show the plan and do nothing")
    importing.add_argument("--yes", action="store_true", help="carry the plan out without a question")
    importing.add_argument("--json", action="store_true", help="print the plan as JSON; with --yes the summary")
    importing.add_argument("--save", type=path, metavar="FILE", help="save the summary: .json, or a table (CSV)")
    importing.set_defaults(run=_run)
    secrets_line.add_to(subcommands)


def _run(options: argparse.Namespace) -> int:
    """The exit status: 0 where every account is a bot now, or would be, 1 otherwise."""
    try:
        return _import(options)
    except (CommandStopped, InputInvalid, OSError) as error:
        _say(f"switchboard bots import: {error}")
        return 1


def _import(options: argparse.Namespace) -> int:
    passkey = getpass.getpass("Passkey: ") if options.ask_passkey else os.environ.get("SWITCHBOARD_PASSKEY")
    passwords, proxies = (read_list(one) if one else b"" for one in (options.passwords, options.proxies))
    client = ImportClient(options.url, os.environ.get("SWITCHBOARD_TOKEN"))
    files, unreadable = _files(options.paths, [one for one in (options.passwords, options.proxies) if one])
    where = ", ".join(map(str, options.paths))
    if not files and not unreadable:
        raise CommandStopped(f"{where} holds no .maFile; give the folder, the zip or the files themselves")
    try:
        with _progress() as bar:
            client.send(files, lambda count: bar(count, len(files)))
            state = client.plan(passwords, proxies, passkey, lambda seen: bar(seen.done, seen.total))
        rows = [*unreadable, *client.rows()]
        if not rows:
            raise CommandStopped(f"{where} holds no .maFile; give the folder, the zip or the files themselves")
        new = state.counts.get(PlanStanding.NEW, 0)
        if options.dry_run or not new or (options.json and not options.yes):
            return _told(options, state, rows)
        if not options.yes:
            _show(state, rows)
            if not _agreed(new):
                return 1
        with _progress() as bar:
            state = client.run(lambda seen: bar(seen.done, seen.total))
        return _told(options, state, [*unreadable, *client.rows()])
    finally:
        client.discard()


def _files(paths: list[Path], lists: list[Path]) -> tuple[list[sources.ImportFile], list[ImportRow]]:
    """What can be sent, by its name alone where it is no maFile, and what cannot even be read here."""
    found = list(sources.in_paths(paths, without=lists))
    unreadable = [
        ImportRow(file=one.name, standing=PlanStanding.UNUSABLE, code=one.problem.code, message=str(one.problem))
        for one in found
        if one.problem is not None
    ]
    read = [one for one in found if one.problem is None]
    return [one if sources.is_wanted(one) else one._replace(raw=b"") for one in read], unreadable


def _told(options: argparse.Namespace, state: ImportState, rows: list[ImportRow]) -> int:
    """The end of it: shown, saved, and the exit status."""
    if options.json:
        sys.stdout.write(summaries.as_json(state, rows).decode())
    else:
        _show(state, rows)
    if options.save is not None:
        summaries.save(options.save, state, rows)
        _say(f"saved: {options.save}")
    return 0 if all(row.standing in DONE_WELL for row in rows) else 1


def _show(state: ImportState, rows: list[ImportRow]) -> None:
    for row in rows:
        sys.stdout.write(f"{summaries.line(row)}\n")
    sys.stdout.flush()
    for text in summaries.lists(state):
        _say(text)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.standing] = counts.get(row.standing, 0) + 1
    _say(summaries.counted(counts))


def _agreed(new: int) -> bool:
    """Asks at a terminal; elsewhere nobody can answer."""
    if not sys.stdin.isatty():
        _say("Nothing was done. Give --yes to carry this plan out, or --dry-run to see it alone.")
        return False
    sys.stderr.write(f"Add {new} bots? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes", "д", "да")


class _progress:  # noqa: N801 - used like a function
    """A bar at a terminal: `bar(done, total)`."""

    def __init__(self) -> None:
        self._shown = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())

    def __enter__(self) -> Callable[[int, int], None]:
        self._shown.__enter__()
        task = self._shown.add_task("maFiles", total=None)
        return lambda done, total: self._shown.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._shown.__exit__(None, None, None)


def _say(text: str) -> None:
    """Tell the person, beside the report."""
    sys.stderr.write(f"{text}\n")
