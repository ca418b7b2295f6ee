"""Faults that can be switched on, for one account or for all: what Steam does on its bad days.

A place where something can go wrong asks `take` or `active` by the kind; nothing else is needed to add a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from plugins.steam_sim.errors import Refused


class FaultKind(StrEnum):
    """What goes wrong."""

    LOGON_RESULT = "logon_result"
    """ClientLogon is answered with `eresult`, and the connection closed."""
    BEGIN_RESULT = "begin_result"
    """BeginAuthSessionViaCredentials is answered with `eresult`."""
    INVITE_RESULT = "invite_result"
    """A friend invite, by 791 or Player.AddFriend, is answered with `eresult`."""
    CHAT_RESULT = "chat_result"
    """FriendMessages.SendMessage is answered with `eresult`."""
    DROP_SOCKET = "drop_socket"
    """The account's next message is answered with a closed TCP connection."""
    STALL = "stall"
    """The account's connections stay open, and nothing is answered or sent on them."""
    DUPLICATE_NOTIFICATIONS = "duplicate_notifications"
    """Everything that is sent to the account without being asked for is sent twice."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: its kind, whom it concerns (None: everybody), how often (None: until switched off)."""

    kind: FaultKind
    eresult: int = 0
    account: int | None = None
    times: int | None = None


class Faults:
    """The rules that are switched on, oldest first; the first that fits decides."""

    def __init__(self) -> None:
        self._left: dict[Fault, int | None] = {}

    def switch_on(self, fault: Fault) -> Callable[[], None]:
        """Put a rule in force; call what is returned to take it out again."""
        self._left[fault] = fault.times
        return partial(self._take_out, fault)

    def _take_out(self, fault: Fault) -> None:
        self._left.pop(fault, None)

    def switch_off(self, kind: FaultKind | None = None, account: int | None = None) -> None:
        """Take out every rule of this kind and account; None stands for any."""
        for fault in tuple(self._left):
            if kind in (None, fault.kind) and account in (None, fault.account):
                del self._left[fault]

    def active(self, kind: FaultKind, account: int | None) -> Fault | None:
        """The rule in force for this account, without using it up."""
        return next((fault for fault in self._left if fault.kind is kind and fault.account in (None, account)), None)

    def take(self, kind: FaultKind, account: int | None) -> Fault | None:
        """The rule in force for this account, used once."""
        fault = self.active(kind, account)
        if fault is not None and (left := self._left[fault]) is not None:
            if left <= 1:
                del self._left[fault]
            else:
                self._left[fault] = left - 1
        return fault

    def refuse(self, kind: FaultKind, account: int | None) -> None:
        """Raise `Refused` with the result of the rule in force, if there is one."""
        if (fault := self.take(kind, account)) is not None:
            raise Refused(fault.eresult, f"the fault {kind} is switched on")
