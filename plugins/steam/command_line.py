"""`switchboard bots import`: a folder of maFiles into the running system."""

from __future__ import annotations

import argparse
import getpass
import http.client
import os
import sys
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import Progress

from kernel.arguments import add_url, path
from plugins.steam import bulk_import, mafile_folder, secrets_line
from plugins.steam.bulk_import import Answer, Outcome
from plugins.steam.errors import InputInvalid
from plugins.steam.lists import Proxies, passwords
from plugins.steam.texts import decode

TIMEOUT: Final = 120.0  # seconds; a maFile that does not say whose it is takes a sign-in
BUSY_TRIES: Final = 5
MAX_WAIT: Final = 30.0  # seconds

DESCRIPTION = """\
Add a bot for every maFile in DIR to the running system. What is a bot already stays as it is, so the import can be
repeated at any time. A folder that SDA has encrypted is opened with its manifest.json and its passkey.

Secrets are taken from files and the environment, never from the command line: SWITCHBOARD_TOKEN is a token of the API
(`switchboard token create NAME`), SWITCHBOARD_PASSKEY the passkey of SDA or the PIN of Nebula.
"""


class ImportStopped(Exception):
    """Nothing can be imported at all; the message says why and what to do."""


class _Problem(msgspec.Struct, rename="camel"):
    code: str
    message: str
    retry_after: int | None = None


class _Reply(msgspec.Struct):
    ok: bool
    id: str = ""
    error: _Problem | None = None


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `bots` with its action."""
    parser = subcommands.add_parser("bots", help="add bots from a folder of maFiles")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    importing = actions.add_parser(
        "import",
        help="add a bot for every maFile of a folder",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    importing.add_argument("folder", type=path, metavar="DIR", help="the maFiles, with SDA's manifest.json if there is")
    importing.add_argument("--proxies", type=path, required=True, metavar="FILE", help="a proxy a line; or LOGIN PROXY")
    importing.add_argument("--passwords", type=path, metavar="FILE", help="login:password a line")
    add_url(importing)
    importing.add_argument("--ask-passkey", action="store_true", help="ask for the passkey at the terminal")
    importing.set_defaults(run=_run)
    secrets_line.add_to(subcommands)


def _run(options: argparse.Namespace) -> int:
    """The exit status: 0 where every file is a bot now, 1 otherwise."""
    try:
        return _import(options)
    except (ImportStopped, InputInvalid, OSError) as error:
        _say(f"switchboard bots import: {error}")
        return 1


def _import(options: argparse.Namespace) -> int:
    passkey = getpass.getpass("Passkey: ") if options.ask_passkey else os.environ.get("SWITCHBOARD_PASSKEY")
    proxies = Proxies(decode(options.proxies.read_bytes()))
    for problem in proxies.problems:
        _say(f"{options.proxies.name}: passed over: {problem.told}")
    known = passwords(decode(options.passwords.read_bytes()).splitlines()) if options.passwords else {}
    count = len(mafile_folder.names(options.folder))
    if not count:
        raise ImportStopped(f"{options.folder} holds no .maFile; give the folder in which the maFiles are")
    counted: Counter[Outcome] = Counter()
    api = Api(options.url, os.environ.get("SWITCHBOARD_TOKEN"))
    shown = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with shown as progress:
        bar = progress.add_task("maFiles", total=count)
        found = mafile_folder.read(options.folder, passkey)
        for line in bulk_import.import_bots(found, known, proxies, api.add):
            counted[line.outcome] += 1
            sys.stdout.write(f"{line.outcome:<8} {line.name}  {line.account_name}  {line.told}\n")
            progress.advance(bar)
    _say(", ".join(f"{counted[outcome]} {outcome}" for outcome in Outcome))
    return 1 if counted[Outcome.REFUSED] else 0


class Api:
    """The running system's commands, over one connection after another."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ImportStopped("--url is no address; give it as http://host:port")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._url = parts.hostname, parts.port, url
        self._path = f"{parts.path.rstrip('/')}/api/command"
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"

    def add(self, payload: Mapping[str, object]) -> Answer:
        """Have a bot added; where the system is busy, wait as long as it says. Raises `ImportStopped`."""
        body = msgspec.json.encode({"kind": "AddBotFromMaFile", "payload": payload})
        for _ in range(BUSY_TRIES):
            status, reply = self._post(body)
            problem = reply.error
            if status not in (429, 503) or problem is None or problem.retry_after is None:
                break
            time.sleep(min(problem.retry_after / 1_000, MAX_WAIT))
        if reply.ok:
            return Answer(bot_id=reply.id)
        if problem is None:
            raise ImportStopped(f"what answers at {self._url} is not Switchboard; check --url")
        if status == 401:
            raise ImportStopped(f"{problem.message} Give the token in SWITCHBOARD_TOKEN.")
        return Answer(code=problem.code, message=problem.message)

    def _post(self, body: bytes) -> tuple[int, _Reply]:
        connection = self._connect(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            return response.status, msgspec.json.decode(response.read(), type=_Reply)
        except (OSError, http.client.HTTPException) as error:
            raise ImportStopped(
                f"no answer from {self._url} ({error}); start the system, or give its address with --url"
            ) from error
        except (ValueError, msgspec.MsgspecError) as error:
            raise ImportStopped(f"what answers at {self._url} is not Switchboard; check --url") from error
        finally:
            connection.close()


def _say(text: str) -> None:
    """Tell the person, beside the report."""
    sys.stderr.write(f"{text}\n")
