"""The state: tables of frozen rows, open to everybody's eyes and to the reducers' hands alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kernel.codes import LeftAlone, Open
from kernel.ids import BotId, ChatId, CommandId, ReplyId, SteamId64, TaskId
from kernel.indexes import Indexes
from kernel.memory import Meetings, RememberedPlayers, StoredMeetings, StoredPlayers
from kernel.plugin_rows import PluginRows
from kernel.plugin_tables import StoredRows
from kernel.rows import (
    Account,
    Bot,
    CannedReply,
    Chat,
    Contact,
    DoneCommand,
    Invite,
    InviteRefusal,
    Operator,
    Player,
    PluginRow,
    Task,
)
from kernel.tables import Change as Change
from kernel.tables import Ledger
from kernel.tables import Table as Table


class State:
    """Everything that is known, and the seq of the last event that it was folded from."""

    def __init__(self) -> None:
        ledger = Ledger()
        self._ledger = ledger
        self.seq = 0
        self.ts = 0
        self.bots: Final = Table[BotId, Bot]("bots", Bot, ledger)
        self.tasks: Final = Table[TaskId, Task]("tasks", Task, ledger)
        self.invites: Final = Table[TaskId, Invite]("invites", Invite, ledger, "task_id")
        self.chats: Final = Table[ChatId, Chat]("chats", Chat, ledger)
        self.players: Final = Table[SteamId64, Player]("players", Player, ledger, "steam_id64")
        self.accounts: Final = Table[SteamId64, Account]("accounts", Account, ledger, "steam_id64")
        self.contacts: Final = Table[str, Contact]("contacts", Contact, ledger)
        self.replies: Final = Table[ReplyId, CannedReply]("replies", CannedReply, ledger)
        self.operators: Final = Table[str, Operator]("operators", Operator, ledger, "actor")
        self.commands: Final = Table[CommandId, DoneCommand]("commands", DoneCommand, ledger)
        self.plugins: Final = Table[str, PluginRow]("plugins", PluginRow, ledger, "name")
        self.plugin_rows: Final = PluginRows()
        """Rows that plugins bring themselves; the journal's snapshots have them, and those of a stream do not."""
        self.remembered: Final = RememberedPlayers(ledger)
        """What is known of players whose rows have left."""
        self.met: Final = Meetings(ledger)
        """Who has met whom in a chat that has left."""
        self.index: Final = Indexes()
        self.contacts.restore("contact", Contact())

    @property
    def contact(self) -> Contact:
        """The fleet's contact switch and limits: a table of one row."""
        return self.contacts["contact"]

    @property
    def tables(self) -> tuple[Table[Any, Any], ...]:
        """All tables, in the order in which a snapshot lists them."""
        return (
            self.bots,
            self.tasks,
            self.invites,
            self.chats,
            self.players,
            self.accounts,
            self.contacts,
            self.replies,
            self.operators,
            self.commands,
            self.plugins,
        )

    def table(self, name: str) -> Table[Any, Any]:
        """The table of that name. Raises KeyError."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def begin(self) -> None:
        """Open the tables to a reducer."""
        self._ledger.open = True
        self._ledger.changes = []
        self._ledger.undo = []

    def commit(self) -> list[Change]:
        """Close them again, and bring the indexes up to date."""
        self._ledger.open = False
        changes = self._ledger.changes
        for change in changes:
            self.index.apply(change.table, change.old, change.new)
        return changes

    def roll_back(self) -> None:
        """Close them again as if the reducer had not run."""
        self._ledger.open = False
        for change in reversed(self._ledger.changes):
            self.table(change.table).restore(change.key, change.old)
        for undo in reversed(self._ledger.undo):
            undo()

    def load(self, name: str, rows: list[Any]) -> None:
        """Put rows of a snapshot into a table, past the reducers; bots come first. Only before the bus is open."""
        table = self.table(name)
        for row in rows:
            key = getattr(row, table.key_field)
            old = table.get(key)
            table.restore(key, row)
            self.index.apply(name, old, row)

    def load_plugin_rows(self, pieces: list[StoredRows]) -> None:
        """The same for rows of plugins' own."""
        self.plugin_rows.load(pieces)

    def load_memory(self, players: Iterable[StoredPlayers], meetings: Iterable[StoredMeetings]) -> None:
        """The same for what stays of rows that have left."""
        self.remembered.load(players)
        self.met.load(meetings)

    def left_alone(self, player: SteamId64) -> Open[LeftAlone] | None:
        """Why the player is on the do-not-contact list, by their row or by what is remembered; None: they are not."""
        row: Player | None = self.players.get(player)
        if row is not None and row.do_not_contact is not None:
            return row.do_not_contact.reason
        remembered = self.remembered.get(player)
        return remembered.left_alone if remembered is not None else None

    def invite_refusal(self, player: SteamId64) -> InviteRefusal | None:
        """How the player refused an invite, by their row or by what is remembered; what is surer stands before it."""
        row: Player | None = self.players.get(player)
        refusal = row.invite_refusal if row is not None else None
        if refusal is None or refusal is InviteRefusal.IN_DOUBT:
            remembered = self.remembered.get(player)
            return (remembered.refusal if remembered is not None else None) or refusal
        return refusal

    def have_talked(self, account: SteamId64, player: SteamId64) -> bool:
        """The account has or had a chat with the player, whichever bot it was, also if that chat has left."""
        return (account, player) in self.index.chat_of_account or (account, player) in self.met

    def set_position(self, seq: int, ts: int) -> None:
        """All rows are loaded: this is the event that they stand at."""
        self.seq, self.ts = seq, ts
        self.plugin_rows.settle(seq)
        self.index.rebuild_queues(self.tasks, self.invites)
