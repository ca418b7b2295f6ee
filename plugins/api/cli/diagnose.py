"""`switchboard diagnose`: one redacted report to attach to a question, of the running system or of its data folder."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from kernel import config_commands, origins
from kernel.arguments import add_url, path
from kernel.config import Config
from kernel.diagnosis import Subject, report
from kernel.errors import ConfigInvalid
from kernel.findings import findings
from kernel.hosting.library import Installed, find
from kernel.pseudonyms import Pseudonyms
from kernel.self_diagnosis import DATA, ours
from plugins.api.auth import operators, tokens
from plugins.api.auth.access import OPERATORS, TOKENS
from plugins.api.cli.actions import FOLDER, remark, running_at
from plugins.api.cli.plugins import RequestFailed, client, failed, refusal_of
from plugins.api.diagnosis import PATH, file_name
from plugins.api.errors import FileUnreadable

MOST_BYTES: Final = 8 * 1024 * 1024
TEXT: Final = (
    "Write one JSON file about the system: versions, the config with the origin of each setting, plugins, health, the "
    "last errors, queues, event rates, steps of the clock, the journal, limits, and counts. It has no secret, no word "
    "of a player, no address and nobody's name; SteamIDs are hashed with a key that only this file had. Look through "
    "it before you send it. It is asked of the running system with an admin's token in SWITCHBOARD_TOKEN; with --data "
    "and nothing running, it is made of the folder, and says what is missing."
)


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `diagnose`."""
    parser = subcommands.add_parser(
        "diagnose", help="write a redacted report to attach to a question", description=TEXT
    )
    add_url(parser)
    parser.add_argument("--data", type=path, metavar="DIR", help="the data folder of `switchboard run`")
    parser.add_argument("--config", type=path, metavar="FILE", help="its config, for a system that is stopped")
    parser.add_argument(
        "--output", type=path, metavar="FILE", help="a new file, or - (default: switchboard-diagnose-TIME.json here)"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    missing: list[str] = []
    running = running_at(options.data / FOLDER) if options.data is not None else None
    url = running or options.url
    content = None
    if options.data is None or (running is not None and os.environ.get("SWITCHBOARD_TOKEN", "").strip()):
        try:
            content = _asked(url)
        except (RequestFailed, httpx.HTTPError, httpx.InvalidURL) as error:
            if options.data is None:
                status = failed(url, error, "diagnose")
                remark("A system that is stopped is looked at by its files: --data DIR --config FILE")
                return status
            missing.append("the running system: it did not answer with a report")
    elif running is not None:
        missing.append("the running system: SWITCHBOARD_TOKEN has no token of an admin")
    if content is None:
        if not options.data.is_dir():
            remark(f"switchboard diagnose: there is no data folder {options.data}; check --data")
            return 1
        content = _of_folder(options.data, options.config, missing)
    return _written(content, options.output)


def _asked(url: str) -> bytes:
    with client(url) as http, http.stream("GET", PATH) as response:
        content = b""
        for piece in response.iter_bytes():
            content += piece
            if len(content) > MOST_BYTES:
                raise RequestFailed(f"what answers at {url} is not Switchboard; check --url")
        if response.status_code != 200 or not content.startswith(b"{"):
            raise refusal_of(url, httpx.Response(response.status_code, content=content))
    return content


def _of_folder(data: Path, config_path: Path | None, missing: list[str]) -> bytes:
    """The report about what is on disk. `missing` is told in it, beside what cannot be known."""
    missing.append("what only a running process knows: its health, measures and queues, and rows newer than a snapshot")
    config, installed = _config(config_path, missing)
    classes = {
        name: plugin for name, plugin in installed.plugins.items() if config is None or name in config.kernel.plugins
    }
    subject = Subject(
        classes=classes,
        ours=ours(classes),
        data=data,
        config=config,
        settings=None if config is None else lambda: origins.values(config, installed.plugins, os.environ),
        findings=None if config is None else lambda: findings(config, installed.plugins, data),
    )
    names = list(_people(data / FOLDER, missing))
    return report(subject, None, Pseudonyms(names, (), {str(data.absolute()): DATA, str(data): DATA}), missing)


def _config(config_path: Path | None, missing: list[str]) -> tuple[Config | None, Installed]:
    if config_path is None:
        missing.append("the config: give --config FILE")
        return None, find()
    try:
        config, _, installed = config_commands.loaded(config_path)
    except ConfigInvalid as invalid:
        missing.append(f"the config: it is refused, with {len(invalid.problems)} problems")
        missing += (f"config: {problem}" for problem in invalid.problems[:20])
        return None, find()
    missing.append("the environment of the system: its variables are taken from the shell that this was called in")
    return config, installed


def _people(folder: Path, missing: list[str]) -> Iterator[str]:
    """Whose names must not be in it."""
    try:
        yield from (person.name for person in operators.read(folder / OPERATORS).operators)
        yield from (token.name for token in tokens.read(folder / TOKENS))
    except FileUnreadable as error:
        missing.append(f"who may sign in: {type(error).__name__}")


def _written(content: bytes, output: Path | None) -> int:
    if output is not None and str(output) == "-":
        sys.stdout.buffer.write(content)
        return 0
    target = output or Path(file_name())
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        remark(f"switchboard diagnose: {target} cannot be written: {error.strerror}")
        return 1
    remark(f"{target}: {len(content):,} bytes. Look through it before you send it.")
    return 0
