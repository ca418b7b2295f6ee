"""`switchboard plugin`: change the plugins of the running system over its API; begin one of your own, and check it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import msgspec
from httpx_sse import connect_sse

from kernel.arguments import add_url, path
from kernel.codec import encode
from kernel.commands import Command, DisablePlugin, DismissPlugin, EnablePlugin, ReloadPlugin, SwapAgent
from kernel.containment import CONTAINED
from kernel.errors import PluginFailed
from kernel.hosting.library import GROUP
from kernel.plugin import Plugin
from kernel.plugin_versions import checked_version, declared_version
from kernel.rows import PluginRow, PluginStatus
from kernel.testing import template
from plugins.api.cli import quality
from plugins.api.cli.actions import remark
from plugins.api.http.answers import Answer

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""A system there runs in this environment, as far as can be told."""
TIMEOUT_S: Final = 240.0
"""A reload that has to go back ends a plugin twice and starts it twice."""
DESCRIPTION: Final = "SWITCHBOARD_TOKEN is a token of a developer (`switchboard token create NAME`)."


NEW: Final = "Write a distribution with an agent that works, its config, and its tests. It needs no running system."


class RequestFailed(Exception):
    """The system did not do it; the message says why."""


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `plugin` with its actions."""
    parser = subcommands.add_parser("plugin", help="list and change plugins as the system runs, and make new ones")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    _action(
        actions, "list", "say of each plugin how it is, what code it runs, and what is installed beside"
    ).set_defaults(run=_listed)
    for verb, command, text in (
        ("enable", EnablePlugin, "start an installed plugin, now and after a restart"),
        ("disable", DisablePlugin, "stop a plugin, now and after a restart"),
        (
            "dismiss",
            DismissPlugin,
            "forget a plugin that is uninstalled or switched off; no start looks for it",
        ),
        ("reload", ReloadPlugin, "run a plugin with the code that is on disk now"),
    ):
        action = _action(actions, verb, text)
        action.add_argument("name", metavar="NAME")
        action.set_defaults(run=lambda options, command=command: _give(options, command(name=options.name)))
    new = actions.add_parser("new", help="make an agent of your own, with tests that pass", description=NEW)
    new.add_argument("name", metavar="NAME", help="such as my_agent; a folder of that name is made")
    new.add_argument("--into", type=path, default=Path(), metavar="DIR", help="where (default: here)")
    new.set_defaults(run=_new)
    quality.add_to(actions)
    swap = _action(actions, "swap", "have one agent take the place of another")
    swap.add_argument("old", metavar="OLD")
    swap.add_argument("new", metavar="NEW")
    swap.set_defaults(run=lambda options: _give(options, SwapAgent(old=options.old, new=options.new)))


def _action(actions: argparse._SubParsersAction[Any], verb: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(verb, help=text, description=f"{text.capitalize()}.")
    parser.epilog = DESCRIPTION
    add_url(parser)
    return parser


def _new(options: argparse.Namespace) -> int:
    try:
        files = template.make(options.name, options.into)
    except (template.TemplateRefused, OSError) as error:
        sys.stderr.write(f"switchboard plugin new: {error}\n")
        return 1
    sys.stdout.writelines(f"{file}\n" for file in files)
    remark(f"{files[1]} says how to try it and put it in.")
    return 0


def _listed(options: argparse.Namespace) -> int:
    here = None
    try:
        here = _installed() if httpx.URL(options.url).host in LOOPBACK else None
        rows = sorted(_rows(options.url), key=lambda row: (row.status != "running", row.name))
    except httpx.ConnectError as error:
        if here is None:
            return failed(options.url, error)
        rows = []
        remark(f"No system runs at {options.url}; this is what is installed here.")
    except (RequestFailed, httpx.HTTPError, httpx.InvalidURL) as error:
        return failed(options.url, error)
    for row in rows:
        facts = (row.name, row.status, row.version or "-", row.code or "-", ",".join(row.hooks) or "-")
        _line(*facts, *filter(None, (row.detail, row.last_error and f"last error: {row.last_error}", _news(row, here))))
    for name in sorted((here or {}).keys() - {row.name for row in rows}):
        _line(name, "installed", (here or {})[name].version or "-", "-", "-")
    return 0


def _line(name: str, status: str, version: str, code: str, hooks: str, *said: str) -> None:
    sys.stdout.write(f"{name:<20} {status:<12} {version:<10} {code:<17} {hooks}\n")
    sys.stdout.writelines(f"  {text}\n" for text in said)


class _Installed(NamedTuple):
    """A plugin of this environment. `version` is what a system would tell of it; that of its distribution alone where
    its code cannot be loaded here, and so not be asked for its own.
    """

    version: str | None
    loads: bool


def _installed() -> dict[str, _Installed]:
    return {entry.name: _looked_at(entry) for entry in entry_points(group=GROUP)}


def _looked_at(entry: EntryPoint) -> _Installed:
    """Imports nothing anew: every command of `switchboard` has loaded them, for the subcommands that they add."""
    try:
        plugin = entry.load()
        if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
            raise PluginFailed(f"{entry.value} is no plugin")
        version = checked_version(declared_version(plugin, entry))
    except CONTAINED:  # a reload says what is wrong with it
        return _Installed(entry.dist.version if entry.dist else None, loads=False)
    return _Installed(version, loads=True)


def _news(row: PluginRow, here: dict[str, _Installed] | None) -> str | None:
    """What has changed on disk since the system has looked at the plugin.

    No row tells whether a plugin is a file of the system's plugin folder, which is no part of what is installed: what
    runs is never called uninstalled.
    """
    if here is None or row.version is None:
        return None
    found = here.get(row.name)
    if found is None and row.status is PluginStatus.RUNNING:
        return None
    if found is None:
        unless = "no distribution here has it; unless it is a file of the plugin folder,"
        return f"{unless} switchboard plugin dismiss {row.name} forgets it"
    return f"version {found.version} is installed" if found.loads and found.version != row.version else None


def _rows(url: str) -> Iterator[PluginRow]:
    """The table of plugins, from the snapshot that every stream begins with."""
    with client(url) as http, connect_sse(http, "GET", "/api/event-stream") as source:
        if source.response.status_code != 200:
            source.response.read()
            raise refusal_of(url, source.response)
        for event in source.iter_sse():
            part = event.json()
            for row in part["state"].get("plugins", ()):
                yield msgspec.convert(row, PluginRow)
            if part["part"] >= part["parts"]:
                return


def _give(options: argparse.Namespace, command: Command[None]) -> int:
    try:
        with client(options.url) as http:
            body = encode({"kind": command.kind, "payload": command})
            response = http.post("/api/command", content=body, headers={"content-type": "application/json"})
        if response.status_code != 200:
            raise refusal_of(options.url, response)
    except (RequestFailed, httpx.HTTPError, httpx.InvalidURL) as error:
        return failed(options.url, error)
    remark("Done.")
    return 0


def client(url: str) -> httpx.Client:
    """Of the system at that URL, with SWITCHBOARD_TOKEN."""
    token = os.environ.get("SWITCHBOARD_TOKEN", "").strip()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False)


def refusal_of(url: str, response: httpx.Response) -> RequestFailed:
    """What an answer other than 200 says."""
    try:
        problem = msgspec.json.decode(response.content, type=Answer).error
    except msgspec.MsgspecError:
        problem = None
    if problem is None:
        return RequestFailed(f"what answers at {url} is not Switchboard; check --url")
    hint = " Give the token in SWITCHBOARD_TOKEN." if response.status_code == 401 else ""
    return RequestFailed(problem.message + hint)


def failed(url: str, error: Exception, command: str = "plugin") -> int:
    """Say so, and return the exit status."""
    if isinstance(error, RequestFailed):
        remark(f"switchboard {command}: {error}")
    else:
        remark(
            f"switchboard {command}: no answer from {url} ({error}); start the system, or give its address with --url"
        )
    return 1
