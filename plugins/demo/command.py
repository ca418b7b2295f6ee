"""`switchboard demo`: makes a folder with its own config, signs an operator in, and runs the system on it."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from kernel.__main__ import main, run_loop
from kernel.arguments import path
from kernel.config import check, toml
from kernel.errors import PluginFailed
from kernel.hosting.library import Distributions, find
from kernel.machine_clock import SystemClock
from kernel.system import System

OPERATOR: Final = "demo"
AGENTS: Final = "plugins"
"""The folder within its own whose files `NAME.py` are plugins too, to be swapped in while it runs."""
SERVERS: Final = ("cm", "directory", "socks", "http_proxy")
"""What the simulator listens with."""
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
PLUGINS: Final = (
    "journal",
    "contact_policy",
    "steam_sim",
    "steam",
    "fleet",
    "tasks",
    "assigner",
    "invites",
    "dialogue",
    "team",
    "history",
    "metrics",
    "api",
)


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand and its options."""
    parser = subcommands.add_parser(
        "demo",
        help="a whole deal on the embedded simulator, with a live view",
        description="Run everything on a simulated Steam on this machine: bots sign in from generated maFiles, tasks "
        "arrive, players answer. The next start on the same folder goes on from where the last one ended.",
    )
    parser.add_argument("--data", type=path, default=Path("var/demo"), metavar="DIR", help="its folder (var/demo)")
    parser.add_argument("--bots", type=_count, default=20, metavar="N", help="bot accounts (20)")
    parser.add_argument("--players", type=_count, default=60, metavar="N", help="simulated players (60)")
    parser.add_argument(
        "--tasks", type=_count_or_none, metavar="N", help="tasks to create, one a player, or 0 (all players)"
    )
    parser.add_argument(
        "--speed", type=_speed, default=20.0, metavar="X", help="how much faster than real time its clock runs (20)"
    )
    parser.add_argument(
        "--port", type=int, default=8040, metavar="N", help="of the web address; 0 takes a free one (8040)"
    )
    parser.add_argument(
        "--agent", default="scripted_agent", metavar="PLUGIN", help="who leads the dialogues (scripted_agent)"
    )
    parser.add_argument("--plain", action="store_true", help="a line now and then instead of the one-screen view")
    parser.add_argument("--until-done", action="store_true", help="stop by itself when every task has had its course")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Returns the exit status. What it decided at its first start (ports, numbers) it keeps."""
    data: Path = options.data.resolve()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PluginFailed(f"--data {data}: cannot be used: {error.strerror}") from error
    ports = _ports(data / "ports.toml", options.port)
    token = _sign_in(data)
    address = f"http://127.0.0.1:{ports['api']}"
    document = _document(options, data, ports, f"{address}/sign-in?token={token}")
    config = check(document, *find(data / AGENTS))
    if not options.plain and sys.stdout.isatty():
        _log_to(data / "switchboard.log")
    system = System(config, Distributions(data / AGENTS), clock=SystemClock(rate=options.speed), data=data)
    run_loop(system)
    return 0


def _document(options: argparse.Namespace, data: Path, ports: dict[str, int], link: str) -> dict[str, Any]:
    world = data / "steam"
    tasks = options.players if options.tasks is None else min(options.tasks, options.players)
    return {
        "kernel": {"plugins": [*PLUGINS, options.agent, "demo"]},
        "steam_sim": {
            "folder": str(world),
            "bots": options.bots,
            "players": options.players,
            "cm_port": ports["cm"],
            "directory_port": ports["directory"],
            "socks_port": ports["socks"],
            "http_proxy_port": ports["http_proxy"],
        },
        "steam": {
            "directory_url": f"http://127.0.0.1:{ports['directory']}/ISteamDirectory/GetCMListForConnect/v1/",
            "ca_file": str(world / "ca.pem"),
        },
        "contact_policy": {"invites_per_hour": max(60, options.players * 2)},
        "api": {"port": ports["api"]},
        "demo": {
            "world": str(world),
            "tasks": tasks,
            "invitation": (f"Sign in:   {link}", f"API:       {link.split('/sign-in')[0]}/api/openapi.json"),
            "plain": options.plain,
            "until_done": options.until_done,
        },
    }


def _ports(file: Path, api: int) -> dict[str, int]:
    """The simulator's ports of the first start, since bots keep the address of their proxy. Raises PluginFailed."""
    try:
        saved = msgspec.convert(toml(file), dict[str, Port])
        if missing := [name for name in SERVERS if name not in saved]:
            raise ValueError(f"it lacks {', '.join(missing)}")
    except FileNotFoundError:
        saved = dict(zip(SERVERS, _free_ports(len(SERVERS)), strict=True))
        file.write_text("".join(f"{name} = {port}\n" for name, port in saved.items()), "utf-8")
    except (OSError, ValueError) as error:
        text = f"{file} does not say the ports of the first start, and its bots know no others: {error}"
        raise PluginFailed(f"demo: {text}. Take another --data, or remove {file.parent} to begin anew.") from error
    return {**saved, "api": api or _free_ports(1)[0]}


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listening.getsockname()[1]) for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def _sign_in(data: Path) -> str:
    """A fresh token for the demo's operator, made as anybody would make one."""
    _token(data, "revoke", check=False)  # of an earlier run; there is none at the first
    return _token(data, "create", "--role", "admin", check=True)


def _token(data: Path, verb: str, *options: str, check: bool) -> str:
    """By the command line of whichever plugin has it, within this process: another one imports all for a second."""
    with redirect_stdout(StringIO()) as told, redirect_stderr(StringIO()) as problem:
        status = main(["token", verb, OPERATOR, *options, "--data", str(data)])
    if check and status != 0:
        raise PluginFailed(f"demo: no token could be made: {problem.getvalue().strip()}")
    return told.getvalue().strip()


def _log_to(file: Path) -> None:
    """Keep the log off the screen."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)


def _count_or_none(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 10_000:
        raise argparse.ArgumentTypeError("give a number from 1 to 10000")
    return number


def _speed(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 1_000:
        raise argparse.ArgumentTypeError("give a number from 1 to 1000")
    return number
