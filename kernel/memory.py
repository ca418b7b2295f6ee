"""What stays when rows have left the state: who has met whom, and what must be remembered of a player for ever.

Neither is a table: no browser has them, and no check compares them. A player costs 8 bytes and a pair of an account and
a player 4, so a million of each are 12 MB. A row, where there is one, stands before what is remembered.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Final, NamedTuple

import msgspec

from kernel.clock import DAY
from kernel.codes import LeftAlone, Open, Undeclared
from kernel.errors import IllegalTransition
from kernel.ids import SteamId64, account_number
from kernel.rows import InviteRefusal, Player
from kernel.tables import Ledger

REASONS: Final[tuple[Open[LeftAlone], ...]] = (
    LeftAlone.SAID_STOP,
    LeftAlone.REMOVED_US,
    LeftAlone.BLOCKED_US,
    LeftAlone.OPERATOR,
    LeftAlone.PROGRAM,
)
"""By their number, less one, on disk: only appended to."""
OTHER_REASON: Final = Undeclared("other")
REFUSALS: Final = (InviteRefusal.DECLINED, InviteRefusal.LAPSED, InviteRefusal.IN_DOUBT)
"""Likewise, and those first that are surer."""
_BUCKET_BITS: Final = 20
"""Players whose numbers differ in the lower bits alone lie together: of a million about 500."""
_RECENT_MOST: Final = 8_192
"""Players that are remembered in a dict before they are put into their buckets, all in one go of some milliseconds."""
_CLEARED: Final = 1 << 21

Numbers = array  # of unsigned integers of 32 bits; never changed once they are in a bucket


class Remembered(NamedTuple):
    """What is known of a player: why they are left alone, how they refused an invite, and when they were last met."""

    left_alone: Open[LeftAlone] | None = None
    refusal: InviteRefusal | None = None
    cleared: bool = False
    """An operator took them off the list, and no chat has begun since."""
    day: int = 0
    """Of the last contact: days since the epoch, at most 65,535."""

    def packed(self) -> int:
        reason = 0 if self.left_alone is None else 7
        if self.left_alone in REASONS:
            reason = REASONS.index(self.left_alone) + 1
        refusal = 0 if self.refusal is None else REFUSALS.index(self.refusal) + 1
        return self.day | reason << 16 | refusal << 19 | (_CLEARED if self.cleared else 0)

    @classmethod
    def unpacked(cls, value: int) -> Remembered:
        reason, refusal = value >> 16 & 7, value >> 19 & 3
        left_alone = None if not reason else REASONS[reason - 1] if reason <= len(REASONS) else OTHER_REASON
        return cls(left_alone, REFUSALS[refusal - 1] if refusal else None, bool(value & _CLEARED), value & 0xFFFF)

    def met_at(self, *moments: int | None) -> Remembered:
        """The same, if they were not met later than that."""
        latest = max((moment for moment in moments if moment is not None), default=0)
        return self._replace(day=max(self.day, min(latest // DAY, 0xFFFF)))

    def joined(self, other: Remembered) -> Remembered:
        """What is known by either; this one is the newer."""
        refusals = [refusal for refusal in (self.refusal, other.refusal) if refusal is not None]
        return Remembered(
            left_alone=self.left_alone or other.left_alone,
            refusal=min(refusals, key=REFUSALS.index, default=None),
            cleared=self.cleared or other.cleared,
            day=max(self.day, other.day),
        )

    def with_row(self, row: Player) -> Remembered:
        """The same and what stands in a row that leaves; what is known for sure is not overwritten by a doubt."""
        listed = row.do_not_contact
        refusals = [refusal for refusal in (row.invite_refusal, self.refusal) if refusal is not None]
        return Remembered(
            left_alone=listed.reason if listed is not None else self.left_alone,
            refusal=min(refusals, key=REFUSALS.index, default=None),
            cleared=self.cleared or row.cleared_at is not None,
            day=self.day,
        ).met_at(listed.since if listed is not None else None, row.invite_refused_at, row.cleared_at)


class StoredPlayers(msgspec.Struct, frozen=True):
    """Players on disk: their account numbers, ascending, and what is packed of each; 32 bits, the lowest byte first."""

    numbers: bytes
    values: bytes


class StoredMeetings(msgspec.Struct, frozen=True):
    """Whom an account has met, on disk, and up to which second of Steam's its lines are known."""

    account: SteamId64
    heard_until: int
    numbers: bytes


_Bucket = tuple["Numbers[int]", "Numbers[int]"]


class RememberedPlayers:
    """What is remembered of players, by account number. Reading is open to all; reducers write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._buckets: dict[int, _Bucket] = {}
        self._recent: dict[int, int] = {}
        """What is to be put into the buckets, and stands before what is there."""
        self._count = 0
        self.left_alone_by_reason: Final[Counter[Open[LeftAlone]]] = Counter()

    def __len__(self) -> int:
        return self._count

    def get(self, player: SteamId64) -> Remembered | None:
        number = account_number(player)
        value = self._value(number) if number is not None else None
        return Remembered.unpacked(value) if value is not None else None

    def put(self, player: SteamId64, remembered: Remembered) -> None:
        """Remember that, in place of what is. Raises IllegalTransition where the id is no person's."""
        self._ledger.expect_open("remembered")
        number = account_number(player)
        if number is None:
            raise IllegalTransition(f"{player} is not the SteamID of an individual account, and cannot be remembered")
        old, value = self._value(number), remembered.packed()
        self._ledger.undo.append(partial(self._restore, number, old, value))
        self._restore(number, value, old)

    def drop(self, player: SteamId64) -> None:
        """Remember nothing of them any more."""
        self._ledger.expect_open("remembered")
        number = account_number(player)
        old = self._value(number) if number is not None else None
        if number is not None and old is not None:
            self._ledger.undo.append(partial(self._restore, number, old, None))
            self._restore(number, None, old)

    def note(self, player: SteamId64, *moments: int | None) -> None:
        """They were met then."""
        self.put(player, (self.get(player) or Remembered()).met_at(*moments))

    def met_in_chat(self, number: int, moment: int) -> None:
        """They were met then, in a chat; past the ledger, for `kernel.replay` alone. 0: no moment is known."""
        old = self._value(number)
        self._restore(number, _met((old or 0) & ~_CLEARED, moment), old)

    def met_at(self, number: int, moment: int) -> None:
        """The same, in whichever way."""
        old = self._value(number)
        self._restore(number, _met(old or 0, moment), old)

    def frozen(self) -> tuple[_Bucket, ...]:
        """All as it is now; a bucket is replaced and never changed, so this copies next to nothing."""
        self._sort_in()
        return tuple(self._buckets.values())

    def load(self, stored: Iterable[StoredPlayers]) -> None:
        for piece in stored:
            for number, value in zip(_numbers(piece.numbers), _numbers(piece.values), strict=True):
                self._restore(number, value, self._value(number))

    def items(self) -> Iterator[tuple[int, int]]:
        """Each account number and what is packed of it, in order."""
        self._sort_in()
        for key in sorted(self._buckets):
            yield from zip(*self._buckets[key], strict=True)

    def _value(self, number: int) -> int | None:
        value = self._recent.get(number)
        if value is not None:
            return value
        bucket = self._buckets.get(number >> _BUCKET_BITS)
        if bucket is None:
            return None
        numbers, values = bucket
        place = bisect_left(numbers, number)
        return values[place] if place < len(numbers) and numbers[place] == number else None

    def _restore(self, number: int, value: int | None, old: int | None) -> None:
        """`old` is what stands there now."""
        if value is None:
            self._forget(number)
        else:
            if len(self._recent) >= _RECENT_MOST:
                self._sort_in()
            self._recent[number] = value
        self._count += (value is not None) - (old is not None)
        if (old or 0) >> 16 & 7 != (value or 0) >> 16 & 7:
            self._count_reason(old or 0, -1)
            self._count_reason(value or 0, 1)

    def _forget(self, number: int) -> None:
        self._recent.pop(number, None)
        self._sort_in()
        key = number >> _BUCKET_BITS
        numbers, values = (array("I", held) for held in self._buckets.get(key, ((), ())))
        place = bisect_left(numbers, number)
        if place < len(numbers) and numbers[place] == number:
            del numbers[place], values[place]
            self._put_bucket(key, numbers, values)

    def _sort_in(self) -> None:
        """Put what is recent into the buckets."""
        recent, self._recent = sorted(self._recent.items()), {}
        for key, some in groupby(recent, key=lambda item: item[0] >> _BUCKET_BITS):
            numbers, values = (array("I", held) for held in self._buckets.get(key, ((), ())))
            place = 0
            for number, value in some:
                place = bisect_left(numbers, number, place)
                if place < len(numbers) and numbers[place] == number:
                    values[place] = value
                else:
                    numbers.insert(place, number)
                    values.insert(place, value)
            self._put_bucket(key, numbers, values)

    def _put_bucket(self, key: int, numbers: Numbers[int], values: Numbers[int]) -> None:
        if numbers:
            self._buckets[key] = numbers, values
        else:
            self._buckets.pop(key, None)

    def _count_reason(self, value: int, by: int) -> None:
        reason = Remembered.unpacked(value).left_alone
        if reason is not None:
            self.left_alone_by_reason[reason] += by
            if not self.left_alone_by_reason[reason]:
                del self.left_alone_by_reason[reason]


def _met(value: int, moment: int) -> int:
    """What is packed of a player who was met then."""
    day = min(moment // DAY, 0xFFFF)
    return value if day <= value & 0xFFFF else value & ~0xFFFF | day


class _Account(NamedTuple):
    heard_until: int
    numbers: Numbers[int]


_NOBODY: Final = _Account(0, array("I"))


class Meetings:
    """Which players each account of ours had a chat with that has left, whichever bot it was. Reducers write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._accounts: dict[SteamId64, _Account] = {}

    def __contains__(self, pair: tuple[SteamId64, SteamId64]) -> bool:
        """Have this account and this player met?"""
        held, number = self._accounts.get(pair[0]), account_number(pair[1])
        if held is None or number is None:
            return False
        place = bisect_left(held.numbers, number)
        return place < len(held.numbers) and held.numbers[place] == number

    def numbers(self, account: SteamId64) -> Numbers[int]:
        """The account numbers of those whom it has met, ascending."""
        return self._accounts.get(account, _NOBODY).numbers

    def heard_until(self, account: SteamId64) -> int:
        """The latest second, by Steam's clock, up to which it is known that all was heard; 0: nothing has left.

        Where reading back begins, less an overlap, and never a filter: of two who wrote while a bot was off, one may
        have been heard first.
        """
        return self._accounts.get(account, _NOBODY).heard_until

    def put(self, account: SteamId64, player: SteamId64, heard_until: int) -> None:
        """They have met, and until then all is known. Raises IllegalTransition where the id is no person's."""
        self._ledger.expect_open("met")
        number = account_number(player)
        if number is None:
            raise IllegalTransition(f"{player} is not the SteamID of an individual account, and cannot be remembered")
        old = self._accounts.get(account)
        self._ledger.undo.append(partial(self._restore, account, old))
        held = old or _NOBODY
        place = bisect_left(held.numbers, number)
        numbers = held.numbers
        if place == len(numbers) or numbers[place] != number:
            numbers = array("I", numbers)
            numbers.insert(place, number)
        self._accounts[account] = _Account(max(held.heard_until, heard_until), numbers)

    def add(self, account: SteamId64, number: int, heard_until: int) -> None:
        """The same, past the ledger and in place: for `kernel.replay` alone, before anybody has a copy."""
        held = self._accounts.get(account)
        if held is None:
            self._accounts[account] = _Account(heard_until, array("I", (number,)))
            return
        numbers = held.numbers
        place = bisect_left(numbers, number)
        if place == len(numbers) or numbers[place] != number:
            numbers.insert(place, number)
        if heard_until > held.heard_until:
            self._accounts[account] = _Account(heard_until, numbers)

    def drop(self, player: SteamId64) -> None:
        """Nobody has met them."""
        self._ledger.expect_open("met")
        number = account_number(player)
        for account in [account for account in self._accounts if (account, player) in self]:
            old = self._accounts[account]
            self._ledger.undo.append(partial(self._restore, account, old))
            kept = array("I", (one for one in old.numbers if one != number))
            self._accounts[account] = _Account(old.heard_until, kept)

    def _restore(self, account: SteamId64, held: _Account | None) -> None:
        if held is None:
            self._accounts.pop(account, None)
        else:
            self._accounts[account] = held

    def frozen(self) -> Mapping[SteamId64, _Account]:
        """All as it is now, at the cost of a reference for each account."""
        return dict(self._accounts)

    def load(self, stored: Iterable[StoredMeetings]) -> None:
        for piece in stored:
            self._accounts[piece.account] = _Account(piece.heard_until, _numbers(piece.numbers))


class Memory:
    """Both, as a snapshot on disk has them."""

    def __init__(self, players: tuple[_Bucket, ...] = (), meetings: Mapping[SteamId64, _Account] | None = None) -> None:
        self._players = players
        self._meetings = meetings or {}

    @classmethod
    def of(cls, players: RememberedPlayers, meetings: Meetings) -> Memory:
        return cls(players.frozen(), meetings.frozen())

    def __len__(self) -> int:
        """Pieces."""
        return len(self._players) + len(self._meetings)

    def players(self) -> Iterator[StoredPlayers]:
        for numbers, values in self._players:
            yield StoredPlayers(_bytes(numbers), _bytes(values))

    def meetings(self) -> Iterator[StoredMeetings]:
        for account, held in self._meetings.items():
            yield StoredMeetings(account, held.heard_until, _bytes(held.numbers))


def _numbers(stored: bytes) -> Numbers[int]:
    """Raises ValueError where they are not whole."""
    numbers = array("I", stored)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(numbers: Numbers[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = array("I", numbers)
        numbers.byteswap()
    return numbers.tobytes()
