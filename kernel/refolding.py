"""Before a plugin starts: what its own rows have missed is read from the journal and folded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final

from kernel.codec import decode_envelope
from kernel.context import Context
from kernel.events import Envelope

SLICE: Final = 500
"""Events that are folded before the loop comes round again."""


async def catch_up(ctx: Context) -> None:
    """Fold what the plugin's rows lack. Raises PluginFailed where one of its reducers fails."""
    rows = ctx.state.plugin_rows
    while (missed := rows.missed(ctx.name)) is not None:
        since, kinds = missed
        upto = ctx.state.seq
        await ctx.committed(upto)
        recalled = [lines for kind in sorted(kinds) if (lines := ctx.hooks.recall(kind)) is not None]
        events = _in_order(recalled, since, upto)
        while some := await asyncio.to_thread(_next, events):
            rows.refold(ctx.name, some)
        rows.caught_up(ctx.name, upto)


def _next(events: Iterator[Envelope]) -> list[Envelope]:
    """Reads the journal, in a thread."""
    return list(islice(events, SLICE))


def _in_order(recalled: Sequence[Iterator[bytes]], since: int, upto: int) -> Iterator[Envelope]:
    """One kind's lines may be another's too, where an old form became two events: each is folded once."""
    latest = 0
    for envelope in merge(*(map(decode_envelope, lines) for lines in recalled), key=lambda envelope: envelope.seq):
        if since <= envelope.seq <= upto and envelope.seq != latest:
            latest = envelope.seq
            yield envelope
