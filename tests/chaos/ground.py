"""What every scenario stands on: a Steam that outlives it all, the product, its driver and load, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec

from kernel.rows import BotStatus, Delivery, InviteStatus
from kernel.state import State
from plugins.steam_sim.record import Asked, ClientChannel, Request
from plugins.steam_sim.temperament import MIX, Temperament
from tests.chaos.checks import Report, judge
from tests.chaos.children import Launcher
from tests.chaos.driver import Driver
from tests.chaos.evidence import Span
from tests.chaos.load import Load, Pace
from tests.chaos.product import JournalTail, Product, Tables
from tests.chaos.steam import Steam, now, steam

CROWD: tuple[Temperament, ...] = (
    *(Temperament.TIRELESS,) * 8,
    *(Temperament.EAGER,) * 4,
    *(Temperament.DECLINER,) * 3,
    *(Temperament.STOPPER,) * 2,
    Temperament.BLOCKER,
    Temperament.NEVER,
    Temperament.SILENT,
)
"""More of those who say no than in `MIX`, and many who talk for as long as they are talked to."""
ALWAYS = (
    "what leaves is decided on disk",
    "everything settles",
    "each id is answered",
    "each id is answered the same",
)
"""The promises that are checked here, in every scenario, beside those of `checks`."""
assert set(CROWD) - {Temperament.TIRELESS} <= set(MIX)


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a scenario is. `environment` and `data` are the product's."""

    bots: int = 12
    players: int = 400
    haste: float = 10.0
    pace: Pace = field(default_factory=Pace)
    settings: Tables = field(default_factory=dict)
    crowd: Sequence[Temperament] = CROWD
    friends: int = 0
    """So many of the players are friends of every bot from the start, so that there are chats at once; at most 250."""
    environment: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None


class Ground:
    """The parts, and what is done with all of them. `tell` prints how far things are."""

    def __init__(self, steam: Steam, product: Product, random: Random, plan: Plan, tell: Callable[[str], None]) -> None:
        self.steam = steam
        self.product = product
        self.random = random
        self.tell = tell
        self.driver = Driver(product)
        self.load = Load(self.driver, steam, random, plan.pace, plan.friends)
        self.lies: list[Span] = []
        self.report = Report()
        self._tail = JournalTail(lambda: product.journal)
        self._decided: set[str] = set()
        self._compared = 0

    @property
    def bots(self) -> frozenset[int]:
        return frozenset(int(bot.steam_id64) for bot in self.steam.bots)

    async def begin(self) -> None:
        """The first start, and every bot online."""
        await self.product.start()
        await self.load.add_bots()
        await self.load.all_connected()

    def compare_disk_and_steam(self) -> None:
        """While the product is down: everything that has reached Steam was on its disk before, as a decision."""
        for event in self._tail.more():
            if event.kind == "friendInvite.requested":
                self._decided.add(f"invite {event.payload['playerSteamId64']}")
            elif event.kind == "chat.messageQueued":
                self._decided.add(event.payload["message"]["text"])
        lines = self.steam.lines()
        for line in lines[self._compared :]:
            if isinstance(line, Asked) and (key := _decision(line)) is not None and key not in self._decided:
                self.report.find("what leaves is decided on disk", f"{line} is not in the journal")
        self._compared = len(lines)

    async def settle(self, deadline: float = 240) -> None:
        """No more load and no faults; contact goes on, and what is owed is given the time that it takes.

        A message whose answer was lost is looked for in Steam's history for two minutes, and a bot's invite waits one.
        """
        await self.steam.faults_off()
        if self.product.child is None:
            await self.product.start()
        # in this order: a pause that is asked for again, because its answer was not known, is one once more
        await self.driver.ask_what_became()
        await self.driver.give("ResumeContact", tries=50)
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                while what := self.waits_for():
                    self.tell(f"settling: {what}")
                    await asyncio.sleep(0.5)
        if what := self.waits_for():
            self.report.find("everything settles", f"after {deadline:.0f} s without any fault: {what}")

    def progress(self) -> str:
        """How much has come about so far."""
        state = self.driver.state
        return f"{len(self.driver.ledger.given)} commands, {len(state.tasks)} tasks, {len(state.chats)} chats"

    def waits_for(self) -> str:
        """What has not come to rest, in words; empty when all has."""
        state = self.driver.state
        unsettled = len(self.driver.ledger.unsettled())
        off = sum(bot.status is not BotStatus.CONNECTED for bot in state.bots.values())
        queued = sum(
            message.delivery in (Delivery.QUEUED, Delivery.SENDING)
            for chat in state.chats.values()
            for message in chat.messages
        )
        requested = sum(invite.status is InviteStatus.REQUESTED for invite in state.invites.values())
        what = {
            "unanswered commands": unsettled,
            "bots off": off,
            "queued messages": queued,
            "invites under way": requested,
        }
        return ", ".join(f"{count} {name}" for name, count in what.items() if count)

    async def judge(self) -> Report:
        """Ask everything again, and hold the record to every promise."""
        await self.driver.ask_all_again()
        for different in self.driver.different:
            self.report.find("each id is answered the same", different)
        if unsettled := self.driver.ledger.unsettled():
            self.report.find("each id is answered", f"{len(unsettled)} never were, such as {unsettled[0]}")
        (self.product.folder / "ledger.json").write_bytes(msgspec.json.encode(self.driver.ledger.given))
        await asyncio.sleep(0.3)  # the stream is a batch behind the answers
        state: State = self.driver.state
        self.report.add(judge(self.steam.lines(), self.bots, self.driver.ledger, state, self.lies))
        self.report.counts |= {
            "starts": self.product.starts,
            "answers compared when asked again": self.driver.asked_again,
        }
        return self.report


def _decision(line: Asked) -> str | None:
    match line.request:
        case Request.ADD_FRIEND:
            return f"invite {line.target}"
        case Request.SEND_MESSAGE:
            return line.text
        case _:
            return None


@asynccontextmanager
async def ground(
    folder: Path, launcher: Launcher, plan: Plan, *, seed: int, tell: Callable[[str], None]
) -> AsyncIterator[Ground]:
    """All of it for the length of the block; the load is for the scenario to start."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(
            steam(
                folder / "steam",
                bots=plan.bots,
                players=plan.players,
                mix=plan.crowd,
                haste=plan.haste,
                seed=seed,
                friends=plan.friends,
            )
        )
        product = Product(
            folder, running, launcher, data=plan.data, settings=plan.settings, environment=plan.environment
        )
        stack.push_async_callback(product.close)
        made = Ground(running, product, Random(seed), plan, tell)
        following = asyncio.create_task(made.driver.follow())
        stack.push_async_callback(_end, following)
        yield made


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


def at_steam(lines: Sequence[ClientChannel], request: Request, since: int) -> list[Asked]:
    """What came in since then."""
    return [line for line in lines if isinstance(line, Asked) and line.request is request and line.at > since]


__all__ = ["ALWAYS", "CROWD", "Ground", "Plan", "at_steam", "ground", "now"]
