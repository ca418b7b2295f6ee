"""What the journal may do while the system is being brought back: load rows, replay events, take charge of commits."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.bus import Bus, Sink, Undo
from kernel.commits import Commits
from kernel.events import Envelope
from kernel.memory import StoredMeetings, StoredPlayers
from kernel.plugin_tables import StoredRows
from kernel.reducers import reduce
from kernel.replay import Replay
from kernel.rows import Row
from kernel.state import State


class Recovery:
    """Handed to the hook `recover`, before any plugin is started and any event published."""

    def __init__(self, state: State, bus: Bus, commits: Commits) -> None:
        self.state = state
        self.commits = commits
        self._bus = bus
        self._replay: Replay | None = None

    def load(self, table: str, rows: Sequence[Row]) -> None:
        """Rows of a snapshot, for one table. Raises KeyError for a table that this version does not know."""
        self.state.load(table, list(rows))

    def load_plugin_rows(self, pieces: Sequence[StoredRows]) -> None:
        """Rows of a snapshot that plugins bring themselves, of those too that are not here."""
        self.state.load_plugin_rows(list(pieces))

    def load_memory(self, players: Sequence[StoredPlayers], meetings: Sequence[StoredMeetings]) -> None:
        """What stays of rows that have left, of a snapshot."""
        self.state.load_memory(players, meetings)

    def set_position(self, seq: int, ts: int) -> None:
        """All rows are loaded: this is the event that they stand at."""
        self.state.set_position(seq, ts)

    def replay(self, envelope: Envelope) -> None:
        """The next event after those that are in the state; nobody hears of it. Raises ValueError for a gap."""
        if envelope.seq != self.state.seq + 1:
            raise ValueError(f"event {self.state.seq + 1} is missing: the next one is {envelope.seq}")
        reduce(self.state, envelope, replayed=True)

    def replay_lines(self, lines: bytes) -> None:
        """Whole lines of the journal, the next ones; in a third of the time, once all rows are loaded.

        The state stands behind the last one that was folded. Raises ValueError for a gap and for a line that cannot be
        read, KeyError and IllegalTransition for an event that cannot follow.
        """
        if self._replay is None:
            self._replay = Replay(self.state)
        self._replay.fold(lines)

    def record(self, sink: Sink, *, owner: str) -> Undo:
        """From the first event on, call `sink(envelope, line)`; it answers with `commits.advance(seq)`."""
        return self._bus.tap(sink, owner=owner)
