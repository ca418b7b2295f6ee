"""The simulated Steam in a process of its own, which outlives every kill: orders to it, and its record."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec

from plugins.demo import stage
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import record
from plugins.steam_sim.__main__ import SpeedyClock
from plugins.steam_sim.accounts import Accounts
from plugins.steam_sim.record import Changed, ClientChannel
from plugins.steam_sim.temperament import Temperament
from plugins.steam_sim.world import FriendshipChanged
from tests.chaos.children import ROOT, Child

CLOCK = SpeedyClock(1)
"""The driver's clock; the record's times are by the same one in another process."""


def now() -> int:
    """Milliseconds, as in the record."""
    return CLOCK.now()


class Player(msgspec.Struct, frozen=True, rename="camel"):
    steam_id64: str
    temperament: Temperament


class _Ready(msgspec.Struct, frozen=True, rename="camel"):
    directory_url: str
    ca_file: str
    control_url: str
    players: list[Player]


class Steam:
    """A running simulation. `bots` and `players` are all that it has."""

    def __init__(self, folder: Path, child: Child, ready: _Ready) -> None:
        self.folder = folder
        self.child = child
        self.directory_url = ready.directory_url
        self.ca_file = ready.ca_file
        self.bots = stage.read(folder).bots
        self.players = ready.players
        self._control_url = ready.control_url
        self._http = httpx.AsyncClient(trust_env=False, timeout=30)
        self._read = 0
        self._lines: list[ClientChannel] = []
        self._decoder: msgspec.json.Decoder[ClientChannel] = msgspec.json.Decoder(ClientChannel)

    async def order(self, **what: object) -> int:
        """Have something done; gives when it was."""
        answer = (await self._http.post(self._control_url, json=what)).json()
        if not answer["ok"]:
            raise RuntimeError(f"the simulated Steam does not do {what}: {answer['error']}")
        return int(answer["at"])

    async def fault_on(self, fault: str, **rule: object) -> int:
        return await self.order(do="faultOn", rule={"fault": fault, **rule})

    async def faults_off(self, *faults: str) -> int:
        """Of these kinds, or all; gives when the last was switched off."""
        at = 0
        for fault in faults or (None,):
            at = await self.order(do="faultsOff", **({"fault": fault} if fault else {}))
        return at

    def lines(self) -> list[ClientChannel]:
        """Everything that the record holds so far."""
        with (self.folder / record.FILE).open("rb") as file:
            file.seek(self._read)
            content = file.read()
        whole = content.rfind(b"\n") + 1
        self._read += whole
        self._lines += map(self._decoder.decode, content[:whole].splitlines())
        return self._lines

    async def close(self) -> None:
        await self._http.aclose()
        await self.child.kill()


def befriend(folder: Path, bots: Sequence[int], players: Sequence[int]) -> None:
    """Before a start: these have been each other's friends all along, in the world and in the record."""
    changes = [
        FriendshipChanged(player, bot, EFriendRelationship.FRIEND, EFriendRelationship.FRIEND)
        for bot in bots
        for player in players
    ]
    with (folder / "world.log").open("ab") as log:
        log.writelines(msgspec.json.encode(change) + b"\n" for change in changes)
    with (folder / record.FILE).open("ab") as log:
        log.writelines(msgspec.json.encode(Changed(0, change)) + b"\n" for change in changes)


@asynccontextmanager
async def steam(
    folder: Path, *, bots: int, players: int, mix: Sequence[Temperament], haste: float, seed: int, friends: int = 0
) -> AsyncIterator[Steam]:
    """One for the length of the block. `friends`: so many players are friends of all bots from the start."""
    arguments = ["--bots", str(bots), "--players", str(players), "--out", str(folder), "--seed", str(seed)]
    arguments += ["--mix", ",".join(mix), "--haste", str(haste), "--poll-interval", "0.1"]
    arguments += ["--record", "--control-port", "0"]
    folder.mkdir(parents=True)
    if friends:
        everybody = Accounts(seed, bots, friends)
        befriend(folder, [b.steam_id64 for b in everybody.bots], [p.steam_id64 for p in everybody.players])
    with (folder / "output").open("ab") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "plugins.steam_sim", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            env=dict(os.environ),
            start_new_session=True,
        )
    child = Child(popen.pid, popen)
    try:
        deadline = time.monotonic() + 60
        while not (folder / "ready.json").exists():
            if not child.alive or time.monotonic() > deadline:
                raise RuntimeError(f"no simulated Steam: {(folder / 'output').read_text()}")
            await asyncio.sleep(0.02)
        running = Steam(folder, child, msgspec.json.decode((folder / "ready.json").read_bytes(), type=_Ready))
    except BaseException:
        await child.kill()
        raise
    try:
        yield running
    finally:
        await running.close()
