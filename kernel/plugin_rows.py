"""The rows of plugins' own: folded from their own events, and kept as bytes while no code is there that reads them.

Only a plugin itself publishes its own events, so its rows stand still while it is away. What it had published and no
snapshot holds is noted as missed, and is folded from the journal before it starts again (`kernel/refolding.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from kernel.codec import encode, plain_name
from kernel.containment import CONTAINED, wording
from kernel.errors import IllegalTransition, PluginFailed
from kernel.events import Envelope, Event, Split
from kernel.plugin_tables import OWN_BYTES_MOST, OWN_ROWS_MOST, OwnRow, PluginTable, StoredRows
from kernel.tables import Ledger, Table

ROWS_PER_PIECE: Final = 16


class _Earlier:
    """The rows before they were lifted to a newer version, for code that has to be put back, or for a snapshot."""

    def __init__(self, version: int, rows: list[msgspec.Raw], missed: int | None) -> None:
        self.version = version
        self.rows = rows
        self.missed = missed


class _Held:
    """One table. `rows` is None while no code reads them; `missed` is the first event that is not folded into it."""

    def __init__(self, name: str, version: int, missed: int | None = None) -> None:
        self.name = name
        self.version = version
        self.missed = missed
        self.declared: PluginTable[Any] | None = None
        self.rows: Table[str, Any] | None = None
        self.stored: list[msgspec.Raw] = []
        self.sizes: dict[str, int] = {}
        self.bytes = 0
        self.earlier: _Earlier | None = None
        self.on_trial = False
        """The code that lifted these rows has not started yet: until then a snapshot holds the earlier ones."""
        self.loaded = False
        self.failure: PluginFailed | None = None

    @property
    def is_current(self) -> bool:
        return self.rows is not None and self.missed is None

    def lasting(self) -> _Earlier:
        """As other code, or the next run, finds them."""
        if self.on_trial and self.earlier is not None:
            return self.earlier
        rows = self.stored if self.rows is None else [msgspec.Raw(encode(row)) for row in self.rows.values()]
        return _Earlier(self.version, rows, self.missed)

    def opaque(self) -> _Held:
        """The same rows, without the code that read them."""
        lasting = self.lasting()
        kept = _Held(self.name, lasting.version, lasting.missed)
        kept.stored, kept.earlier = lasting.rows, None if self.on_trial else self.earlier
        return kept

    def read_by(self, plugin: str, declared: PluginTable[Any], ledger: Ledger) -> _Held:
        """The same rows as that code has them. Raises PluginFailed."""
        lasting, earlier = self.lasting(), self.earlier
        if lasting.version > declared.version and earlier is not None and earlier.version == declared.version:
            lasting = earlier
        version = lasting.version
        if version > declared.version:
            what = f"its table {self.name} holds rows of version {version}, and this code knows {declared.version}"
            raise PluginFailed(f"{plugin}: {what}. They are kept; run the newer code again.")
        held = _Held(self.name, declared.version, lasting.missed)
        held.declared, held.rows = declared, Table(self.name, declared.row_type, ledger)
        held.on_trial = version < declared.version
        held.earlier = lasting if held.on_trial else earlier
        for raw in lasting.rows:
            try:
                row = declared.read(version, raw)
            except CONTAINED as error:  # a lift of the plugin's
                what = f"its table {self.name} holds rows of version {version} that do not become {declared.version}"
                raise PluginFailed(f"{plugin}: {what}: {wording(error)}. They are kept; mend its `lifts`.") from error
            held.rows.restore(row.id, row)
            held.measure(row.id, len(encode(row)))
        return held

    def measure(self, key: str, size: int) -> None:
        """The row of that key is so long as JSON; 0: it is not there any more."""
        self.bytes += size - self.sizes.pop(key, 0)
        if size:
            self.sizes[key] = size


class _Owner:
    """The tables of one plugin. An event is folded into all of them, or into none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables: dict[str, _Held] = {}
        self.ledger = Ledger()
        self.heard = 0
        """The last event of the plugin's that came by."""

    def fold(self, envelope: Envelope, *, replayed: bool) -> None:
        error = self._apply([held for held in self.tables.values() if held.is_current], envelope)
        if error is not None and not replayed:
            raise IllegalTransition(self._wording(envelope, error)) from error  # it has not happened: nobody missed it
        self.heard = envelope.seq
        for held in self.tables.values():
            if held.earlier is not None and held.earlier.missed is None:
                held.earlier.missed = envelope.seq
            if held.missed is None and (error is not None or held.rows is None):
                held.missed = envelope.seq  # folded again before the plugin starts, which shows what is wrong

    def refold(self, envelope: Envelope) -> None:
        """Fold an event into the tables that have missed it. Raises PluginFailed."""
        behind = [held for held in self.behind() if held.missed is not None and held.missed <= envelope.seq]
        error = self._apply(behind, envelope)
        for held in behind:
            held.missed = envelope.seq if error is not None else envelope.seq + 1
        if error is not None:
            raise PluginFailed(self._wording(envelope, error)) from error

    def behind(self) -> list[_Held]:
        return [held for held in self.tables.values() if held.rows is not None and held.missed is not None]

    def _apply(self, tables: Sequence[_Held], envelope: Envelope) -> BaseException | None:
        """What it failed with, if it did; then nothing has changed."""
        payload = envelope.payload
        events = payload.events if isinstance(payload, Split) else (payload,)
        self.ledger.open, self.ledger.changes = True, []
        try:
            for event in events:
                for held in tables:
                    reducer = held.declared.reducers.get(event.kind) if held.declared is not None else None
                    if reducer is not None:
                        reducer(self._rows(held.name), envelope, event)
            sizes = self._measured()
        except BaseException as error:  # raised again, unless the plugin is at fault: no event is folded by half
            for change in reversed(self.ledger.changes):
                self._rows(change.table).restore(change.key, change.old)
            if not isinstance(error, CONTAINED):
                raise
            return error
        finally:
            self.ledger.open = False
        for (table, key), size in sizes.items():
            self.tables[table].measure(key, size)
        return None

    def _measured(self) -> dict[tuple[str, str], int]:
        """The sizes of the rows that have changed, 0 for none. Raises ValueError where they may not be so."""
        sizes: dict[tuple[str, str], int] = {}
        grown = 0
        for table, key in dict.fromkeys((change.table, change.key) for change in self.ledger.changes):
            rows = self._rows(table)
            row = rows.get(key)
            line = encode(row) if row is not None else b""
            if row is not None and type(row) is not rows.row_type:
                kind, wanted = type(row).__name__, rows.row_type.__name__
                raise ValueError(f"the row {key} of {table} is a {kind}, and its rows are of {wanted}")
            if row is not None and (msgspec.json.decode(line, type=rows.row_type) is None or row.id != key):
                raise ValueError(f"the row {key} of {table} has got another id")
            sizes[table, key] = len(line)
            grown += len(line) - self.tables[table].sizes.get(key, 0)
        held = [table for table in self.tables.values() if table.rows is not None]
        count, before = sum(len(table.rows or ()) for table in held), sum(len(table.sizes) for table in held)
        size = grown + sum(table.bytes for table in held)
        if count > OWN_ROWS_MOST and count > before:  # fewer, or smaller ones, are always taken
            raise ValueError(f"it would have {count:,} rows of its own, and {OWN_ROWS_MOST:,} are the most")
        if size > OWN_BYTES_MOST and grown > 0:
            raise ValueError(f"its rows would come to {size:,} bytes, and {OWN_BYTES_MOST:,} are the most")
        return sizes

    def _rows(self, table: str) -> Table[str, Any]:
        rows = self.tables[table].rows
        assert rows is not None  # only those that are read are written to
        return rows

    def _wording(self, envelope: Envelope, error: BaseException) -> str:
        said = wording(error) if isinstance(error, ValueError | IllegalTransition) else f"{error!r:.300}"
        return f"{self.name}: {envelope.kind} cannot be folded into its rows, which stay as they were: {said}"


class PluginRows:
    """The own rows of every plugin, of those too that are not here."""

    def __init__(self) -> None:
        self._owners: dict[str, _Owner] = {}

    def attach(
        self, name: str, tables: Sequence[PluginTable[Any]], events: Collection[type[Event]], *, seq: int
    ) -> None:
        """From now on that plugin's events are folded by this code. Raises PluginFailed, and has changed nothing.

        `seq`: that of the state. A table that is new then has missed all that was before it.
        """
        owner = self._owners.get(plain_name(name))
        if owner is None:
            if not tables:
                return
            owner = _Owner(name)
        fresh: dict[str, _Held] = {}
        for declared in tables:
            declared.expect_sound(name, events)
            if declared.name in fresh:
                raise PluginFailed(f"{name}: two of its tables are called {declared.name}")
            before = owner.tables.get(declared.name) or _Held(declared.name, declared.version, 1 if seq else None)
            fresh[declared.name] = before.read_by(name, declared, owner.ledger)
        away = {held.name: held.opaque() for held in owner.tables.values() if held.name not in fresh}
        owner.name, owner.tables = name, {**fresh, **away}
        self._owners[plain_name(name)] = owner

    def load(self, pieces: Iterable[StoredRows]) -> None:
        """Rows of a snapshot; `settle` comes when all are there."""
        for piece in pieces:
            owner = self._owners.setdefault(plain_name(piece.plugin), _Owner(piece.plugin))
            held = owner.tables.setdefault(piece.table, _Held(piece.table, piece.version))
            held.version, held.missed, held.loaded, held.rows = piece.version, piece.missed, True, None
            held.stored += (raw.copy() for raw in piece.rows)

    def started(self, plugin: str) -> None:
        """Its code has started, and from now on its rows are kept in the form to which it has lifted them."""
        owner = self._owners.get(plain_name(plugin))
        for held in owner.tables.values() if owner is not None else ():
            held.on_trial = False

    def settle(self, seq: int) -> None:
        """All rows are loaded, and stand at that event: those whose code is here are read by it."""
        for owner in self._owners.values():
            for name, held in owner.tables.items():
                if held.declared is None:
                    continue
                if not held.loaded:
                    held.missed = 1 if seq else None
                    continue
                try:
                    owner.tables[name] = held.read_by(owner.name, held.declared, owner.ledger)
                except PluginFailed as error:
                    held.failure = error  # it does not start; what it cannot read is kept

    @property
    def owners(self) -> Collection[str]:
        """Plugins that have rows of their own, also of an earlier run."""
        return self._owners.keys()

    def fold(self, envelope: Envelope, *, replayed: bool) -> None:
        """Fold a plugin's own event. Raises IllegalTransition and changes nothing; not for one that is replayed."""
        owner = self._owners.get(plain_name(envelope.kind.partition(".")[0])) if self._owners else None
        if owner is not None:
            owner.fold(envelope, replayed=replayed)

    def of(self, plugin: str) -> Mapping[str, Mapping[str, Any]]:
        """The rows of a plugin that is here, by table and id."""
        owner = self._owners.get(plain_name(plugin))
        tables = owner.tables.values() if owner is not None else ()
        return {held.name: held.rows for held in tables if held.rows is not None}

    def table(self, plugin: str, table: PluginTable[OwnRow]) -> Mapping[str, OwnRow]:
        """The rows of one table. Raises RuntimeError where the plugin has not declared it."""
        rows: Mapping[str, OwnRow] | None = self.of(plugin).get(table.name)
        if rows is None:
            raise RuntimeError(f"{plugin}: {table.name} is not in its `tables`")
        return rows

    def stored(self) -> list[StoredRows]:
        """All rows as a snapshot holds them, a few at a time; rows are frozen, so this is the state of that moment."""
        tables = ((owner, held) for owner in self._owners.values() for held in owner.tables.values())
        return [piece for owner, held in tables for piece in _cut(owner, held)]

    def missed(self, plugin: str) -> tuple[int, frozenset[str]] | None:
        """From which event on the plugin's rows lack some, and the kinds that change them; None where none is missing.

        Raises PluginFailed where its rows cannot be read.
        """
        owner = self._owners.get(plain_name(plugin))
        for held in owner.tables.values() if owner is not None else ():
            if held.failure is not None:
                raise held.failure
        behind = owner.behind() if owner is not None else []
        if not behind:
            return None
        kinds = frozenset(kind for held in behind if held.declared is not None for kind in held.declared.reducers)
        return min(held.missed for held in behind if held.missed is not None), kinds

    def refold(self, plugin: str, envelopes: Iterable[Envelope]) -> None:
        """Fold these into the tables that have missed them. Raises PluginFailed; those before stay folded."""
        for envelope in envelopes:
            self._owners[plain_name(plugin)].refold(envelope)

    def caught_up(self, plugin: str, seq: int) -> None:
        """All events until that one are folded; what came by meanwhile may still be missing."""
        owner = self._owners[plain_name(plugin)]
        for held in owner.behind():
            held.missed = seq + 1 if owner.heard > seq else None


def _cut(owner: _Owner, held: _Held) -> Iterator[StoredRows]:
    if held.on_trial or held.rows is None:
        lasting = held.lasting()
        version, missed = lasting.version, lasting.missed
        rows: list[Any] = lasting.rows
    else:
        version, missed = held.version, held.missed
        rows = held.rows.rows()  # encoded when they are written
    for start in range(0, max(1, len(rows)), ROWS_PER_PIECE):
        yield StoredRows(owner.name, held.name, version, rows[start : start + ROWS_PER_PIECE], missed)
