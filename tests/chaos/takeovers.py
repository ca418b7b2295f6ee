"""Take-overs that race the agent's lines: from the `ok` on, Steam gets none of them."""

from __future__ import annotations

import asyncio
from bisect import bisect_right

from plugins.steam_sim.record import Asked
from tests.chaos.checks import Report
from tests.chaos.driver import at_once
from tests.chaos.evidence import AGENT_LINE
from tests.chaos.ground import Ground

RACE_MS = 100


async def takeovers(ground: Ground, times: int) -> Report:
    """Take every chat over and give it back, again and again, at random moments, until it has been so many times."""
    await ground.begin()
    await at_once(20, [lambda player=player: ground.load.create_task(player) for player in ground.steam.players])  # type: ignore[misc]
    wanted = len(ground.steam.players)
    await ground.driver.until(lambda state: len(state.chats) >= wanted, 120, f"{wanted} chats have begun")
    left = times

    async def race(chat_id: str) -> None:
        nonlocal left
        while left > 0:
            await asyncio.sleep(ground.random.uniform(0, 0.2))
            left -= 1
            await ground.driver.give("ToggleAgent", chat_id, tries=20, chatId=chat_id, enabled=False)
            await asyncio.sleep(ground.random.uniform(0, 0.2))
            if left > 0:  # the last one stays
                await ground.driver.give("ToggleAgent", chat_id, tries=20, chatId=chat_id, enabled=True)
            ground.tell(f"{times - left} of {times} take-overs")

    await asyncio.gather(*(race(chat_id) for chat_id in list(ground.driver.state.chats)))
    report = await ground.judge()
    report.counts["of them while the agent was talking"] = _raced(ground)
    return report


def _raced(ground: Ground) -> int:
    """How many take-overs came while the agent was talking: the others have shown little."""
    lines: dict[str, list[int]] = {}
    for asked in ground.steam.lines():
        if isinstance(asked, Asked) and (line := AGENT_LINE.search(asked.text)) is not None:
            lines.setdefault(line[1], []).append(asked.at)
    raced = 0
    for given, answer in ground.driver.ledger.acknowledged("ToggleAgent"):
        times = lines.get(given.about, [])
        before = bisect_right(times, answer.at)
        raced += not given.payload["enabled"] and before > 0 and given.sent - times[before - 1] <= RACE_MS
    return raced
