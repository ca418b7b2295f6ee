"""What the plugins of the scene show of their own: a panel that is whole, and one that is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from kernel.clock import Millis
from kernel.panels import (
    FormField,
    Moment,
    PanelField,
    PanelTable,
    Price,
    ShownButton,
    ShownPanel,
    Text,
)
from kernel.roles import Role

PATH: Final = "/api/panels"
ITEM: Final = Text(en="Item", ru="Предмет")


def told(now: Millis) -> dict[str, object]:
    """The answer to `GET /api/panels`."""
    whole = ShownPanel(
        title=Text(en="Prices of the day", ru="Цены дня"),
        fields=(
            PanelField(Text(en="Read at", ru="Прочитаны"), Moment(now)),
            PanelField(Text(en="Items", ru="Предметов"), 18_240),
        ),
        tables=(
            PanelTable(
                title=Text(en="Moved most", ru="Сильнее всего изменились"),
                columns=(ITEM, Text(en="Price", ru="Цена"), Text(en="Per cent", ru="Проценты")),
                rows=(
                    ("★ Karambit | Doppler", Price(Decimal("1240.50"), "USD"), 4.2),
                    ("Dragonclaw Hook", Price(Decimal("431.00"), "USD"), -2.75),
                ),
            ),
        ),
        buttons=(
            ShownButton(
                label=Text(en="Watch an item", ru="Следить за предметом"),
                kind="WatchItem",
                role=Role.OPERATOR,
                payload={"item": ""},
                form=(FormField("item", ITEM),),
            ),
        ),
    )
    return {
        "panels": [
            {"plugin": "price_feed", "panel": whole, "fault": None, "detail": None},
            {"plugin": "llm_agent", "panel": None, "fault": "raised", "detail": "KeyError; the log says where"},
        ]
    }
