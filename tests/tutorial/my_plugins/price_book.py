"""Remembers what each item was last bought for: rows of its own, which every start brings back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from kernel.clock import Millis
from kernel.events import DialogScriptCompleted, Envelope, Event
from kernel.plugin import Plugin, PluginConfig
from kernel.plugin_tables import PluginTable
from kernel.row import Row
from kernel.tables import Table


class PriceNoted(Event, frozen=True, kw_only=True):
    """An item was bought for so much."""

    kind: ClassVar[str] = "price_book.noted"
    item: str
    price: Decimal


class LastPrice(Row, frozen=True, kw_only=True):
    """What an item was last bought for; its `id` is the item's name."""

    id: str
    price: Decimal
    at: Millis
    bought: int = 1


PRICES = PluginTable("prices", LastPrice)


@PRICES.reduces(PriceNoted)
def noted(rows: Table[str, LastPrice], envelope: Envelope, event: PriceNoted) -> None:
    before = rows.get(event.item)
    bought = before.bought + 1 if before is not None else 1
    rows.put(LastPrice(id=event.item, price=event.price, at=envelope.ts, bought=bought))


class PriceBook(Plugin[PluginConfig]):
    events: ClassVar[Sequence[type[Event]]] = (PriceNoted,)
    tables: ClassVar[Sequence[PluginTable[Any]]] = (PRICES,)

    async def start(self) -> None:
        self.ctx.subscribe(DialogScriptCompleted, self.note)

    def note(self, envelope: Envelope, event: DialogScriptCompleted) -> None:
        if event.agreed_price is not None:
            item = self.ctx.state.tasks[event.task_id].item
            self.ctx.publish(PriceNoted(item=item, price=event.agreed_price))

    def last(self, item: str) -> LastPrice | None:
        return self.ctx.rows(PRICES).get(item)
