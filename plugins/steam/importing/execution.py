"""A plan is carried out, one command for each new account; what is refused is told, and the rest goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from kernel.clock import Clock
from kernel.commands import AddBotFromMaFile
from kernel.errors import CommandError
from kernel.ids import BotId
from plugins.steam.codes import SteamRefusal
from plugins.steam.importing.plan import PlanStanding, Step
from plugins.steam.lists import Proxies

BUSY_TRIES: Final = 5
MAX_WAIT: Final = 30_000  # ms

Add = Callable[[AddBotFromMaFile], Awaitable[BotId]]
"""Carry the command out. Raises CommandError."""


async def add(step: Step, proxies: Proxies, give: Add, clock: Clock, label: str | None = None) -> Step:
    """The step as it ended: added, known (somebody was faster) or refused. Its secrets are dropped."""
    refused: CommandError | None = None
    for url in _urls(step, proxies):
        try:
            bot_id = await _given(step, url, give, clock, label)
        except CommandError as error:
            refused = error
            if error.code != SteamRefusal.PROXY_TAKEN:
                break
            proxies.taken(url)
        else:
            return ended(step, PlanStanding.ADDED, bot_id=bot_id, proxy_url=url)
    if refused is None:
        return ended(
            step, PlanStanding.REFUSED, SteamRefusal.PROXY_MISSING, "no proxy of the list is left for this bot"
        )
    known = refused.code == SteamRefusal.BOT_EXISTS
    return ended(step, PlanStanding.KNOWN if known else PlanStanding.REFUSED, str(refused.code), refused.message)


def ended(
    step: Step,
    standing: PlanStanding,
    code: str = "",
    message: str = "",
    *,
    bot_id: str = "",
    proxy_url: str | None = None,
) -> Step:
    """The step without the secrets in it: from now on it is only told."""
    found = step.found._replace(document="", shared_secret=b"", password=None)
    return Step(found, standing, code, message, step.notes, None, proxy_url, bot_id or step.bot_id)


def _urls(step: Step, proxies: Proxies) -> Iterator[str]:
    """The proxy of the plan, and where a bot has it meanwhile the next that is free."""
    if step.proxy_url is not None:
        yield step.proxy_url
    for url in proxies.offers(step.found.account_name):
        if url != step.proxy_url:
            proxies.taken(url)
            yield url


async def _given(step: Step, url: str, give: Add, clock: Clock, label: str | None) -> BotId:
    """Where the system is busy, wait as long as it says, a few times."""
    shown = label if label is not None and label.strip() else None
    command = AddBotFromMaFile(ma_file=step.found.document, proxy_url=url, password=step.password, label=shown)
    for _ in range(BUSY_TRIES - 1):
        try:
            return await give(command)
        except CommandError as error:
            if error.retry_after is None:
                raise
            await clock.sleep(min(error.retry_after, MAX_WAIT))
    return await give(command)
