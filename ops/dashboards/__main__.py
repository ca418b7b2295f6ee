"""`python -m ops.dashboards`: write every dashboard to `ops/grafana/dashboards`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from ops.dashboards.chats import CHATS
from ops.dashboards.deals import DEALS
from ops.dashboards.fleet import FLEET
from ops.dashboards.panels import Board, drawn
from ops.dashboards.system import SYSTEM

FOLDER: Final = Path(__file__).parent.parent / "grafana" / "dashboards"
BOARDS: Final = (FLEET, DEALS, CHATS, SYSTEM)


def text_of(board: Board) -> str:
    """The file that Grafana reads."""
    others = [other.name for other in BOARDS if other is not board]
    return JSONEncoder(sort_keys=True, indent=2).encode(drawn(board, others).build()) + "\n"


if __name__ == "__main__":
    for each in BOARDS:
        (FOLDER / f"{each.name}.json").write_text(text_of(each))
