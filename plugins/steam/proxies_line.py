"""`switchboard proxies check`: the proxies of the running system's bots, or of a list, one line each."""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import Progress

from kernel.arguments import add_url, path
from kernel.regular_files import read_regular
from plugins.steam.proxy_check import CheckProgress, ProxyReport
from plugins.steam.texts import decode

MAX_LIST: Final = 2 * 1024 * 1024  # bytes
ROUTE: Final = "/api/plugins/steam/proxy-check"
LOOK_S: Final = 0.3
TIMEOUT_S: Final = 60.0

DESCRIPTION = """\
Look how each proxy reaches Steam's directory, in how many milliseconds, and by which address it leaves: the proxies of
all bots of the running system, or those of FILE, before they are given to bots. An exit address is known of a bot that
is online, and of every proxy where [steam] has an exit_url. The status is 1 where a proxy fails, a line is none, or two
proxies leave by one address. SWITCHBOARD_TOKEN is a developer's token of the API.
"""


class CheckStopped(Exception):
    """Nothing can be checked at all; the message says why and what to do."""


class _Problem(msgspec.Struct):
    message: str


class _Refusal(msgspec.Struct):
    error: _Problem


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
        wanted = {} if options.file is None else {"proxies": decode(_list(options.file))}
        return _check(_Api(options.url, os.environ.get("SWITCHBOARD_TOKEN")), wanted)
    except (CheckStopped, OSError) as error:
        sys.stderr.write(f"switchboard proxies check: {error}\n")
        return 1


def _list(file: Path) -> bytes:
    raw = read_regular(file, MAX_LIST)
    if len(raw) > MAX_LIST:
        raise CheckStopped(f"{file} has over {MAX_LIST // 1024**2} MiB, which no list has; give the list itself")
    return raw


def _check(api: _Api, wanted: dict[str, str]) -> int:
    state = api.ask("POST", ROUTE, wanted)
    shown = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with shown as progress:
        bar = progress.add_task("proxies", total=state.total)
        while state.running:
            time.sleep(LOOK_S)
            state = api.ask("GET", f"{ROUTE}?after={state.total}")
            progress.update(bar, completed=state.done)
    rows: list[ProxyReport] = []
    while len(rows) < state.done:
        page = api.ask("GET", f"{ROUTE}?after={len(rows)}").rows
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


class _Api:
    """The route of the running system."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise CheckStopped("--url is no address; give it as http://host:port")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._url = parts.hostname, parts.port, url
        self._base = parts.path.rstrip("/")
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"

    def ask(self, method: str, route: str, body: dict[str, str] | None = None) -> CheckProgress:
        connection = self._connect(self._host, self._port, timeout=TIMEOUT_S)
        try:
            content = msgspec.json.encode(body) if body is not None else None
            connection.request(method, self._base + route, content, self._headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status == 200:
                return msgspec.json.decode(answer, type=CheckProgress)
            refused = msgspec.json.decode(answer, type=_Refusal).error.message
        except (OSError, http.client.HTTPException) as error:
            raise CheckStopped(
                f"no answer from {self._url} ({error}); start the system, or give its address with --url"
            ) from error
        except (ValueError, msgspec.MsgspecError) as error:
            raise CheckStopped(f"what answers at {self._url} is not Switchboard; check --url") from error
        finally:
            connection.close()
        hint = " Give a developer's token in SWITCHBOARD_TOKEN." if response.status in (401, 403) else ""
        raise CheckStopped(f"{refused}{hint}")
