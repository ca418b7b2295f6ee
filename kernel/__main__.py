"""The command line: `switchboard run`, `switchboard check`, and what the plugins add."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from kernel import DISTRIBUTION, config_commands, logs
from kernel.arguments import SHELLS, completion_of, path
from kernel.containment import CONTAINED, wording
from kernel.errors import ConfigInvalid, PluginFailed
from kernel.findings import findings
from kernel.hosting.library import Installed, find
from kernel.machine_clock import SystemClock
from kernel.system import System, serve

log = logging.getLogger("kernel")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 done, 1 failed, 2 the command line or the config is wrong, 130 interrupted."""
    logs.set_up()
    try:
        options = _parser(find()).parse_args(arguments)
        status: int = options.run(options)
    except ConfigInvalid as invalid:
        return config_commands.tell(invalid.problems, 2)
    except PluginFailed as failed:
        print(f"switchboard: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the system is there to be told
        return 130
    return status


def _parser(installed: Installed) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="switchboard",
        description="Run a pool of Steam bots that talk with players, and the multichat of the people behind it.",
    )
    parser.add_argument("--version", action="version", version=f"switchboard {version(DISTRIBUTION)}")
    subcommands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    run = subcommands.add_parser(
        "run",
        help="run the system until Ctrl-C",
        description="Run the system in the foreground until SIGINT or SIGTERM. Its state is recovered from DIR.",
    )
    config_commands.add_config(run)
    run.add_argument(
        "--data", type=path, required=True, metavar="DIR", help="where state, secrets and the log are kept"
    )
    run.add_argument(
        "--log-format", choices=list(logs.FORMATS), default="console", help="json: an object a line (default: console)"
    )
    run.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info", help="default: info")
    run.set_defaults(run=_run_logged)
    config_commands.add_to(subcommands)
    completion = subcommands.add_parser(
        "completion",
        help="print what completes the commands in a shell",
        description="Print what completes these commands, plugins' own among them, in a shell. Bash takes it by "
        '`eval "$(switchboard completion bash)"` in ~/.bashrc; zsh as the file _switchboard in a folder of its fpath.',
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    completion.set_defaults(run=lambda options: _complete(parser, options.shell))
    for name, plugin in installed.plugins.items():
        try:
            plugin.cli(subcommands)
        except CONTAINED as error:  # one plugin's subcommands must not keep the others from running
            log.error("%s: its subcommands are left out: %s", name, wording(error))
    return parser


def _complete(parser: argparse.ArgumentParser, shell: str) -> int:
    print(completion_of(parser, shell))
    return 0


def _run_logged(options: argparse.Namespace) -> int:
    logs.set_up(options.log_format, options.log_level)
    return _run(options.config, options.data)


def _run(path: Path, data: Path) -> int:
    config, library, installed = config_commands.loaded(path)
    for finding in findings(config, installed.plugins, data):
        log.warning("config: %s", finding)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        print(f"switchboard: --data {data}: cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    run_loop(System(config, library, clock=SystemClock(), data=data))
    return 0


def run_loop(system: System) -> None:
    """Serve on uvloop where it is installed: it holds a TLS connection in a sixth of asyncio's memory."""
    allow_many_files()
    allow_no_core()
    try:
        import uvloop
    except ImportError:  # it has no wheel for this platform
        asyncio.run(serve(system))
    else:
        uvloop.run(serve(system))


def allow_many_files() -> None:
    """Use as many open files as this process may: a shell's usual 1,024 would keep the 1,000th bot off."""
    try:
        import resource
    except ImportError:  # a platform without such limits
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError) as error:
        log.warning("the limit of open files stays as it is: %s", error)


def allow_no_core() -> None:
    """Leave no core file: what is in memory are secrets, which a crash would put on the disk unsealed."""
    try:
        import resource
    except ImportError:  # a platform without such limits
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    except (OSError, ValueError) as error:
        log.warning("core files stay allowed: %s", error)


if __name__ == "__main__":
    # `python -m` puts the folder that it runs in first: a `plugins` that lies there is somebody else's
    if not sys.flags.safe_path and sys.path[0] == str(Path.cwd()) != str(Path(__file__).parents[1]):
        del sys.path[0]
    sys.exit(main())
