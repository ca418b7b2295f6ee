"""Events a second through publish, reduce and five subscribers, beside a bare loop over the same five functions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from kernel.codec import encode
from kernel.codes import Undeclared
from kernel.config import check
from kernel.events import BotAdded, BotConnected, BotConnecting, BotDisconnected, Envelope, Event
from kernel.ids import BotId, SteamId64
from kernel.machine_clock import SystemClock
from kernel.plugin import Plugin, PluginConfig
from kernel.system import System
from tests.bench.figures import Figure, report

EVENTS: Final = 90_000
ROUNDS: Final = 5


def _script(bots: int, events: int) -> list[Event]:
    """Bots that sign in, work and drop, over and over."""
    cycle: list[Callable[[BotId], Event]] = [
        lambda bot: BotConnecting(bot_id=bot),
        lambda bot: BotConnected(bot_id=bot),
        lambda bot: BotDisconnected(bot_id=bot, reason=Undeclared("dropped"), detail="The connection was lost."),
    ]
    ids = [BotId(f"bot_{number}") for number in range(bots)]
    return [cycle[(n // bots) % 3](ids[n % bots]) for n in range(events)]


async def _through_the_bus(script: list[Event], bots: int, *, tapped: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        plugins: dict[str, type[Plugin[PluginConfig]]] = {"nothing": Plugin}
        config = check({"kernel": {"plugins": ["nothing"]}}, plugins)
        async with System(config, plugins, clock=SystemClock(), data=Path(folder)) as system:
            ctx = system.context("bench")
            for number in range(bots):
                account = SteamId64(str(76561199000000000 + number))
                ctx.publish(BotAdded(bot_id=BotId(f"bot_{number}"), steam_id64=account, proxy_url="http://h:1"))
            seen = [0]
            for kind in (BotConnecting, BotConnected, BotDisconnected):
                for _ in range(5):
                    ctx.subscribe(kind, _counter(seen))
            if tapped:
                ctx.tap(lambda envelope, line: None)
            began = perf_counter()
            for event in script:
                ctx.publish(event, actor="bench")
            took = perf_counter() - began
            assert seen[0] == 5 * len(script), "a subscriber missed an event"
    return len(script) / took


def _counter(seen: list[int]) -> Callable[[Envelope, Event], None]:
    def count(envelope: Envelope, event: Event) -> None:
        seen[0] += 1

    return count


def _bare(script: list[Event]) -> float:
    """The floor: an envelope made, encoded, and handed to five functions."""
    seen = [0]
    handlers = [_counter(seen) for _ in range(5)]
    began = perf_counter()
    for seq, event in enumerate(script):
        envelope = Envelope.of(seq, 0, "bench", None, event)  # type: ignore[arg-type]
        encode(envelope)
        for handler in handlers:
            handler(envelope, event)
    return len(script) / (perf_counter() - began)


async def main() -> None:
    script = _script(bots=1_000, events=EVENTS)
    plain, tapped, bare = [], [], []
    for _ in range(ROUNDS):  # in turn, so that a slow minute of the machine falls on all three
        plain.append(await _through_the_bus(script, 1_000, tapped=False))
        tapped.append(await _through_the_bus(script, 1_000, tapped=True))
        bare.append(_bare(script))
    report(
        "events through publish, reduce and five subscribers",
        [
            Figure("bus, five subscribers", plain, "events/s"),
            Figure("bus, five subscribers, encoded for a tap", tapped, "events/s"),
            Figure("bare loop: make, encode, call five", bare, "events/s"),
        ],
    )
