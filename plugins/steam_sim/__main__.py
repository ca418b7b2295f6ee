"""The simulated Steam as a process of its own: `python -m plugins.steam_sim --bots 20 --players 60 --out DIR`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time

import uvloop

from kernel.arguments import path
from plugins.steam_sim.errors import SimulationError
from plugins.steam_sim.options import POLL_INTERVAL, Ports, SimOptions
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import MIX, Temperament

DESCRIPTION = """\
Serve a simulated Steam on loopback: CM over TLS WebSockets, directory, proxies and players.

In DIR it writes ready.json (addresses, CA file, players, one proxy per bot) when it is serving, a maFile per bot in
mafiles/, and accounts.txt with a login:password a line. It serves until SIGINT or SIGTERM. Started again on the same
DIR it is the same Steam: accounts, tokens, friendships, messages and ports.
"""


class SpeedyClock:
    """The wall's clock, so many times as fast from the moment that it is made."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._wall = time.time()
        self._monotonic = time.monotonic()

    def now(self) -> int:
        return int((self._wall + (time.monotonic() - self._monotonic) * self._speed) * 1000)

    async def sleep(self, span: int, /) -> None:
        await asyncio.sleep(span / 1000 / self._speed)


async def serve(options: SimOptions, speed: float) -> None:
    """Run a simulation until the process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulation = Simulation(options, SpeedyClock(speed))
    ready = await simulation.start()
    print(f"Simulated Steam: {options.bots} bots, {options.players} players, seed {ready.seed}")
    print(f"  CM         {ready.cm_url}")
    print(f"  directory  {ready.directory_url}")
    print(f"  files      {options.folder.resolve() / 'ready.json'}", flush=True)
    await stop.wait()
    await simulation.stop()


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the process's exit status: 0 stopped, 1 could not serve, 2 bad arguments."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    ports = Ports(
        cm=options.cm_port,
        directory=options.port,
        socks=options.socks_port,
        http_proxy=options.http_proxy_port,
        control=options.control_port or 0,
    )
    try:
        chosen = SimOptions(
            folder=options.out,
            bots=options.bots,
            players=options.players,
            seed=options.seed,
            host=options.host,
            ports=ports,
            cms=options.cms,
            mix=options.mix,
            haste=options.haste,
            control=options.control_port is not None,
            record=options.record,
            hostile_names=options.hostile_names,
            poll_interval=POLL_INTERVAL / options.speed if options.poll_interval is None else options.poll_interval,
        )
        uvloop.run(serve(chosen, options.speed))
    except (SimulationError, OSError) as error:
        print(f"steam_sim: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plugins.steam_sim",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bots", type=int, default=20, metavar="N", help="accounts that can sign in (default: 20)")
    parser.add_argument("--players", type=int, default=60, metavar="M", help="players to talk with (default: 60)")
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="folder for files and state")
    parser.add_argument(
        "--seed", type=int, metavar="S", help="what accounts and players come from (default: the folder's, or 1)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="how much faster than life players are (default: 1)"
    )
    parser.add_argument("--cms", type=int, default=1, metavar="C", help="CMs in the directory (default: 1)")
    parser.add_argument(
        "--mix", type=_mix, default=MIX, metavar="A,B,…", help="temperaments that players have in turn (default: all)"
    )
    parser.add_argument(
        "--haste", type=float, default=1.0, metavar="X", help="how much faster players decide and answer (default: 1)"
    )
    parser.add_argument(
        "--hostile-names", action="store_true", help="give players names as people have who mean no good"
    )
    parser.add_argument("--record", action="store_true", help="write down in record.ndjson everything that reaches it")
    parser.add_argument(
        "--control-port", type=int, metavar="PORT", help="take orders (control.py) on this port; 0: a free one"
    )
    parser.add_argument(
        "--poll-interval",
        type=float,
        metavar="S",
        help="seconds between looks at a sign-in (default: 5, as many times less as --speed says)",
    )
    for flag, what in (
        ("--port", "the directory"),
        ("--cm-port", "the CM server"),
        ("--socks-port", "the SOCKS5 proxy"),
        ("--http-proxy-port", "the HTTP proxy"),
    ):
        parser.add_argument(
            flag, type=int, default=0, metavar="PORT", help=f"port of {what} (default: the folder's, or a free one)"
        )
    return parser


def _mix(text: str) -> tuple[Temperament, ...]:
    try:
        return tuple(Temperament(name) for name in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; there are: {', '.join(Temperament)}") from error


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 10_000:
        raise argparse.ArgumentTypeError("the speed must be above 0 and at most 10000")
    return speed


if __name__ == "__main__":
    sys.exit(main())
