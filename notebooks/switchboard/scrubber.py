"""A slider over the past: one thing as it was after each event that changed it."""

from __future__ import annotations

from typing import Any

from kernel.reducers import reduce
from kernel.rows import Row
from kernel.state import State
from switchboard import brief, html
from switchboard.cards import place_of
from switchboard.errors import need
from switchboard.journal import Journal
from switchboard.view import Fleet


class Scrubber:
    """Shows itself as the last value of a cell. `slider.value` is the place among `turns`, which are seqs."""

    def __init__(self, journal: Journal, table: str | None, key: str) -> None:
        widgets = need("ipywidgets", "A slider over the past", "notebook")
        self._journal = journal
        self._table, self._key = table, key
        self.turns = _turns(journal, table, key)
        """The events after which the thing was another than before."""
        if not self.turns:
            raise KeyError(f"there is no {key or 'event'} in {journal.path.name}")
        self.slider = widgets.IntSlider(min=0, max=len(self.turns) - 1, readout=False)
        self.slider.layout.width = "32em"
        self.when = widgets.HTML()
        self.body = widgets.HTML()
        self.widget = widgets.VBox([widgets.HBox([self.slider, self.when]), self.body])
        self.slider.observe(self._draw, names="value")
        self._draw()

    def _draw(self, _: Any = None) -> None:
        past = self._journal.at(self.turns[self.slider.value])
        self.when.value = html.page(f"event {past.seq}, {brief.when(past.state.ts)} UTC", card=False)
        if self._table is None:
            self.body.value = html.fleet(past.state)
            return
        row = past.state.table(self._table).get(self._key)
        self.body.value = html.page(f"There is no {self._key} any more.") if row is None else html.row(row)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return f"{len(self.turns)} states of {self._key or 'the fleet'}, events {self.turns[0]} to {self.turns[-1]}"


def scrub(journal: Journal, thing: Row | Fleet | str | None = None) -> Scrubber:
    """A slider over the states of a bot, task, chat or plugin (a row, an id or a name), else of the fleet.

    Raises KeyError for what never was, NotInstalled without ipywidgets.
    """
    return Scrubber(journal, *place_of(thing))


def _turns(journal: Journal, table: str | None, key: str) -> list[int]:
    state, turns, before = State(), [], None
    for event in journal:
        reduce(state, event)
        if table is None:
            turns.append(event.seq)
            continue
        row = state.table(table).get(key)
        if row is not before:
            turns.append(event.seq)
            before = row
    return turns
