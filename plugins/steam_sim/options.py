"""What a simulation is made of, and what an earlier run in the same folder has settled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from plugins.steam_sim.certificate import ADDRESSES
from plugins.steam_sim.errors import BadOptions
from plugins.steam_sim.files import write_private
from plugins.steam_sim.temperament import MIX, Temperament

POLL_INTERVAL = 5.0
"""What Steam itself asks for (`interval` in the answer that begins a sign-in; node-steam-session falls back on it)."""

MAX_BOTS, MAX_PLAYERS, MAX_CMS, MAX_HASTE = 50_000, 100_000, 100, 10_000


class Ports(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One port a server; 0 lets the system choose."""

    cm: int = 0
    directory: int = 0
    socks: int = 0
    http_proxy: int = 0
    control: int = 0

    def filled_from(self, saved: Ports) -> Ports:
        """These ports, with those that are 0 taken from an earlier run."""
        return Ports(**{name: getattr(self, name) or getattr(saved, name) for name in self.__struct_fields__})


@dataclass(frozen=True, slots=True)
class SimOptions:
    """`folder` holds everything that outlives a run. A `seed` of None is the folder's, or 1 in a new one."""

    folder: Path
    bots: int = 20
    players: int = 60
    seed: int | None = None
    host: str = "127.0.0.1"
    ports: Ports = field(default_factory=Ports)
    cms: int = 1
    """CMs in the directory's list; the ports of those beyond the first are free ones."""
    heartbeat_seconds: int = 9
    mix: tuple[Temperament, ...] = MIX
    """The temperaments that players have in turn."""
    haste: float = 1.0
    """How many times as fast as their temperaments say players decide and answer."""
    hostile_names: bool = False
    """Players have the names of `persona.HOSTILE_NAMES` in turn."""
    control: bool = False
    """Whether it can be told by HTTP what to do; see `control`."""
    record: bool = False
    """Whether everything that reaches Steam is written down; see `record`."""
    poll_interval: float = POLL_INTERVAL
    """Seconds between two looks at a sign-in that Steam asks of its clients."""

    def __post_init__(self) -> None:
        """Raises `BadOptions` for numbers that no simulation can have."""
        if not 0 <= self.bots <= MAX_BOTS:
            raise BadOptions(f"bots must be from 0 to {MAX_BOTS}, not {self.bots}")
        if not 0 <= self.players <= MAX_PLAYERS:
            raise BadOptions(f"players must be from 0 to {MAX_PLAYERS}, not {self.players}")
        if not 1 <= self.cms <= MAX_CMS:
            raise BadOptions(f"cms must be from 1 to {MAX_CMS}, not {self.cms}")
        if self.heartbeat_seconds < 1 or self.poll_interval <= 0:
            raise BadOptions("heartbeat_seconds must be at least 1, and poll_interval above 0")
        if not self.mix or not 0 < self.haste <= MAX_HASTE:
            raise BadOptions(f"mix must name a temperament, and haste must be above 0 and at most {MAX_HASTE}")
        if self.host not in ADDRESSES:
            raise BadOptions(f"a simulated Steam listens on {' or '.join(ADDRESSES)} only, not on {self.host!r}")
        for name in self.ports.__struct_fields__:
            if not 0 <= (port := getattr(self.ports, name)) <= 65_535:
                raise BadOptions(f"the port {name} must be from 0 to 65535, not {port}")


class _Saved(msgspec.Struct, frozen=True):
    seed: int
    ports: Ports


def settle(options: SimOptions) -> tuple[SimOptions, int]:
    """The options with what the folder knows from earlier: its ports and its seed, which cannot change any more."""
    saved = _load(options.folder)
    if saved is None:
        return options, 1 if options.seed is None else options.seed
    if options.seed not in (None, saved.seed):
        raise BadOptions(
            f"{options.folder} was made with the seed {saved.seed}, and its accounts come from it; "
            f"leave the seed {options.seed} out or take another folder"
        )
    return replace(options, ports=options.ports.filled_from(saved.ports)), saved.seed


def save(options: SimOptions, seed: int, ports: Ports) -> None:
    """Let the next run in this folder have the same seed and ports."""
    write_private(_file(options.folder), msgspec.json.format(msgspec.json.encode(_Saved(seed, ports))))


def _load(folder: Path) -> _Saved | None:
    file = _file(folder)
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Saved)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BadOptions(f"{file} cannot be read: {error}; repair it or take another folder") from error


def _file(folder: Path) -> Path:
    return folder / "simulation.json"
