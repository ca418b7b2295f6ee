"""A port on which a simulation in a process of its own is told what to do: faults, deeds of players, cut connections.

Each request is a POST with one JSON object, answered `{"ok": true, "at": ms}` once it is done, by the simulation's
clock, or with status 400 and `{"ok": false, "error": "…"}`.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, TypeAlias

import msgspec
from msgspec import Struct

from plugins.steam_sim.clock import Clock
from plugins.steam_sim.deeds import Deed, Deeds
from plugins.steam_sim.errors import SimulationError
from plugins.steam_sim.faults import FaultKind, FaultRule, Faults
from plugins.steam_sim.http_exchange import HttpExchange, HttpRequest
from plugins.steam_sim.listener import Listener
from plugins.steam_sim.persona import Personas


class FaultOn(Struct, frozen=True, tag_field="do", tag="faultOn", forbid_unknown_fields=True):
    """Put a rule in force."""

    rule: FaultRule


class FaultsOff(Struct, frozen=True, tag_field="do", tag="faultsOff", forbid_unknown_fields=True):
    """Take out every rule of a kind; left out: all of them."""

    fault: FaultKind | None = None


class Act(Struct, frozen=True, tag_field="do", tag="act", rename="camel", forbid_unknown_fields=True):
    """Have a player do something; both are SteamIDs."""

    player: str
    deed: Deed
    other: str
    text: str = ""


class Show(Struct, frozen=True, tag_field="do", tag="show", rename="camel", forbid_unknown_fields=True):
    """Have a player show themselves otherwise; what is left out stays as it is."""

    player: str
    name: str | None = None
    avatar: str | None = None
    state: int | None = None
    app: int | None = None
    game: str | None = None


class Drop(Struct, frozen=True, tag_field="do", tag="drop", forbid_unknown_fields=True):
    """Cut all connections of a bot."""

    login: str


Order: TypeAlias = FaultOn | FaultsOff | Act | Show | Drop

_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)


class Ground(Protocol):
    """What can be told to do something: a simulation."""

    faults: Faults
    deeds: Deeds
    personas: Personas

    def switch_on(self, rule: FaultRule) -> None: ...

    def drop(self, login: str) -> int: ...


class Control:
    """Serves the port."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        self._ground = ground
        self._clock = clock
        self._listener = Listener("the control", self._serve)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises `PortTaken`."""
        return await self._listener.start(host, port)

    async def stop(self) -> None:
        await self._listener.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = HttpExchange(reader, writer)
        if (request := await exchange.request()) is not None:
            status, answer = self._answer(request)
            await exchange.respond(status, msgspec.json.encode(answer), "application/json")

    def _answer(self, request: HttpRequest) -> tuple[int, dict[str, object]]:
        if request.method != "POST":
            return 405, {"ok": False, "error": "POST only"}
        try:
            self._carry_out(_decoder.decode(request.body))
        except (msgspec.MsgspecError, ValueError, SimulationError) as error:
            return 400, {"ok": False, "error": str(error)}
        return 200, {"ok": True, "at": self._clock.now()}

    def _carry_out(self, order: Order) -> None:
        match order:
            case FaultOn(rule):
                self._ground.switch_on(rule)
            case FaultsOff(fault):
                self._ground.faults.switch_off(fault)
            case Act(player, deed, other, text):
                self._ground.deeds.do(int(player), deed, int(other), text)
            case Show(player, name, avatar, state, app, game):
                self._ground.personas.show(int(player), name=name, avatar=avatar, state=state, app=app, game=game)
            case Drop(login):
                self._ground.drop(login)
