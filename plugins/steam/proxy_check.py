"""Checking proxies: how each reaches Steam's directory, in what time, and by which address it leaves."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kernel.context import Context
from kernel.errors import Conflict
from kernel.ids import BotId
from kernel.roles import Role
from kernel.routes import Method, Route
from plugins.steam import proxy
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid, SecretsOutOfReach, SecretsUnreadable, TransportError
from plugins.steam.lists import BadLine, Proxies
from plugins.steam.proxy import Proxy

AT_ONCE: Final = 20
MAX_PROXIES: Final = 20_000
SHOWN: Final = 2_000
"""Rows that one answer holds; the rest is asked for by `after`."""

Reach = Callable[[Proxy], Awaitable[None]]
"""Has Steam's directory answer through a proxy. Raises a `TransportError`."""
Exit = Callable[[Proxy], Awaitable[str]]
"""What an endpoint outside says of the address that a proxy leaves by. Raises a `TransportError`, or ValueError."""


class Target(NamedTuple):
    """A proxy to look at: a bot's, a line's of a list, or both."""

    proxy: Proxy
    line: int | None = None
    bot_id: BotId | None = None
    exit: str | None = None
    """The address that Steam saw at the bot's logon, where it is online."""


class ProxyReport(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What came of one proxy. Nothing of it is a secret."""

    proxy: str
    """As it may be shown; empty for a line that is none."""
    ok: bool
    told: str
    """What the matter is, and what to do; or what is not known."""
    line: int | None = None
    bot_id: BotId | None = None
    ms: int | None = None
    """Until Steam's directory had answered through it."""
    exit: str | None = None
    """The address by which it leaves; None: nobody says."""
    code: str | None = None
    """Of what failed."""


class CheckWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`proxies`: a list, in any of the usual spellings; left out, the bots' own proxies are checked."""

    proxies: str | None = None


class CheckAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows are asked for: those after so many."""

    after: int = 0


class CheckProgress(Struct, frozen=True, kw_only=True, rename="camel"):
    """How far the check is that runs, or ran last."""

    running: bool
    total: int
    done: int
    rows: list[ProxyReport]
    """Those after `after`, as they were finished; once it has ended, with what they have in common."""


class ProxyCheck:
    """One check at a time. Its outcome is kept until the next one, in memory alone."""

    def __init__(
        self,
        ctx: Context,
        reach: Reach,
        exit_of: Exit | None,
        fleet: Callable[[], list[Target]],
        holders: Callable[[Proxy], Sequence[BotId]],
    ) -> None:
        """`fleet` reads the bots' proxies from the disk; `holders` says whose a proxy is."""
        self._ctx = ctx
        self._reach = reach
        self._exit_of = exit_of
        self._fleet = fleet
        self._holders = holders
        self._rows: list[ProxyReport] = []
        self._total = 0
        self._running = False

    def routes(self) -> Sequence[Route[Any, Any]]:
        start = Route(
            method=Method.POST,
            path="/proxy-check",
            summary="Look how each proxy reaches Steam: of all bots, or of a list",
            role=Role.DEVELOPER,
            takes=CheckWanted,
            answers=CheckProgress,
            raises=(Conflict,),
            handler=self.start,
        )
        look = Route(
            method=Method.GET,
            path="/proxy-check",
            summary="How far the check of the proxies is",
            role=Role.DEVELOPER,
            takes=CheckAsked,
            answers=CheckProgress,
            handler=lambda asked: self.progress(asked.after),
        )
        return start, look

    async def start(self, wanted: CheckWanted) -> CheckProgress:
        """Begin, and answer at once. Raises Conflict while one runs."""
        if self._running:
            raise Conflict(SteamRefusal.PROXY_CHECK_RUNNING, "A check of the proxies is running; wait for its end.")
        self._running, self._rows, self._total = True, [], 0
        try:
            bad: list[BadLine] = []
            if wanted.proxies is None:
                targets = await asyncio.to_thread(self._fleet)
            else:
                targets, bad = self._listed(Proxies(wanted.proxies))
        except BaseException:
            self._running = False
            raise
        targets = targets[:MAX_PROXIES]  # more than there are bots
        self._total = len(targets) + len(bad)
        self._rows = [ProxyReport(proxy="", ok=False, told=one.told, line=one.line, code=one.code) for one in bad]
        self._ctx.spawn(self._run(targets), "check proxies")
        return self.progress(0)

    def progress(self, after: int) -> CheckProgress:
        rows = self._rows[max(0, after) :][:SHOWN]
        return CheckProgress(running=self._running, total=self._total, done=len(self._rows), rows=rows)

    def _listed(self, listed: Proxies) -> tuple[list[Target], list[BadLine]]:
        targets = []
        for entry in listed.entries:
            holders = self._holders(entry.proxy)
            targets.append(Target(entry.proxy, entry.line, holders[0] if holders else None))
        return targets, listed.problems

    async def _run(self, targets: list[Target]) -> None:
        waiting = iter(targets)

        async def work() -> None:
            for target in waiting:
                self._rows.append(await self._check(target))

        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(AT_ONCE, len(targets))):
                    workers.create_task(work(), name="steam: check a proxy")
            self._rows = with_shared_exits(self._rows)
        finally:
            self._running = False

    async def _check(self, target: Target) -> ProxyReport:
        loop = asyncio.get_running_loop()
        began = loop.time()
        report = ProxyReport(
            proxy=target.proxy.display, ok=False, told="", line=target.line, bot_id=target.bot_id, exit=target.exit
        )
        try:
            await self._reach(target.proxy)
        except TransportError as error:
            return replace(report, told=_sentence(str(error)), code=error.code)
        report = replace(report, ok=True, ms=round((loop.time() - began) * 1_000))
        if self._exit_of is None:
            seen = "the exit address is what Steam saw at the logon"
            unseen = "its exit address is not known, for [steam] has no exit_url"
            return replace(report, told=f"Steam's directory answers; {unseen if report.exit is None else seen}.")
        try:
            exit_address = await self._exit_of(target.proxy)
        except (TransportError, ValueError) as error:
            why = str(error) if isinstance(error, ValueError) else "exit_url gave no answer through it"
            return replace(report, told=f"Steam's directory answers; its exit address is not known: {why}.")
        return replace(report, exit=exit_address, told="Steam's directory answers through this exit address.")


def with_shared_exits(rows: Iterable[ProxyReport]) -> list[ProxyReport]:
    """The same rows, told of each whose address another one leaves by too: to Steam they are one proxy."""
    rows = list(rows)
    by_exit: dict[str, list[ProxyReport]] = {}
    for row in rows:
        if row.exit is not None and row.ok:
            by_exit.setdefault(row.exit, []).append(row)
    told = []
    for row in rows:
        others = [other for other in by_exit.get(row.exit or "", ()) if other is not row] if row.ok else []
        if others:
            named = ", ".join(_named(other) for other in others[:3]) + (" and others" if len(others) > 3 else "")
            row = replace(
                row, ok=False, code=SteamRefusal.PROXY_SAME_EXIT, told=f"It leaves by the same address as {named}."
            )
        told.append(row)
    return told


def exit_address(body: bytes) -> str:
    """The address in the answer of an endpoint that tells its caller's. ValueError where it is none."""
    text = body[:200].decode("utf-8", "replace").strip().strip('"')
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("exit_url did not answer with an address alone") from None


def fleet_targets(
    bots: Iterable[BotId], secrets_url: Callable[[BotId], str | None], exit_of: Callable[[BotId], str | None]
) -> list[Target]:
    """The proxies of these bots; one whose secrets cannot be read is left out, and its row tells why already."""
    targets = []
    for bot_id in bots:
        try:
            url = secrets_url(bot_id)
            if url is not None:
                targets.append(Target(proxy.parse(url), bot_id=bot_id, exit=exit_of(bot_id)))
        except (ProxyInvalid, SecretsOutOfReach, SecretsUnreadable):
            continue
    return targets


def _named(row: ProxyReport) -> str:
    return f"line {row.line}" if row.line is not None else row.bot_id or row.proxy


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
