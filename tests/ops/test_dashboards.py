"""The dashboards on disk are what the code makes, and every panel answers a question."""

from __future__ import annotations

import json

import pytest

from ops.dashboards.__main__ import BOARDS, FOLDER, text_of
from ops.dashboards.panels import WIDTH, Board

by_name = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


@by_name
def test_a_dashboard_is_fresh(board: Board) -> None:
    written = (FOLDER / f"{board.name}.json").read_text()

    assert written == text_of(board), "`make contract` writes it anew"


@by_name
def test_each_panel_says_what_it_shows_and_rows_are_full(board: Board) -> None:
    for section in board.sections:
        width = 0
        for panel in section.panels:
            assert panel.title
            assert panel.description.endswith("."), panel.title
            assert panel.queries
            width += panel.width
        assert width % WIDTH == 0, section.title
    titles = [panel.title for panel in board.panels]
    assert len(titles) == len(set(titles))


@by_name
def test_grafana_finds_its_data_source_and_an_id_for_each_panel(board: Board) -> None:
    made = json.loads(text_of(board))

    assert made["uid"] == f"switchboard-{board.name}"
    assert [variable["name"] for variable in made["templating"]["list"]] == ["datasource"]
    assert len(made["links"]) == len(BOARDS) - 1
    drawn = [panel for panel in made["panels"] if panel["type"] != "row"]
    assert len(drawn) == len(board.panels)
    for panel in drawn:
        assert panel["datasource"] == {"type": "prometheus", "uid": "$datasource"}
        assert all(target["expr"] for target in panel["targets"])


def test_no_folder_holds_a_dashboard_that_nothing_makes() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {board.name for board in BOARDS}
