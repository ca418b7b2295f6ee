"""The event bus: number, reduce, deliver. One total order, the same for all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from kernel import causality
from kernel.clock import Clock, Millis
from kernel.codec import encode, expect_readable
from kernel.containment import CONTAINED
from kernel.events import ClockResumed, ClockStepped, Envelope, ErrorLogged, Event
from kernel.reducers import reduce
from kernel.state import State

E = TypeVar("E", bound=Event)
Handler = Callable[[Envelope, E], object]
Sink = Callable[[Envelope, bytes], object]
Undo = Callable[[], None]

BACKLOG: Final = 100_000
"""Events that may wait for delivery. Only handlers that answer each other without end get there."""


class Contain(Protocol):
    """Takes note of what a plugin raised, so that whoever called it can go on. Never raises."""

    def __call__(self, owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
        """`announce`: publish it as error.logged too. Not for failures over the news of a failure."""
        ...


class _Subscription(NamedTuple):
    owner: str
    handler: Handler[Any]


class Bus:
    """Publishes events. Handlers are plain functions, called in the order in which they subscribed."""

    def __init__(self, state: State, clock: Clock, contain: Contain) -> None:
        self._state = state
        self._clock = clock
        self._contain = contain
        self._handlers: dict[type[Event] | str, list[_Subscription]] = {}
        self._taps: list[tuple[str, Sink]] = []
        self._undelivered: deque[tuple[Envelope, bytes]] = deque()
        self._delivering = False

    def publish(self, event: Event, *, actor: str) -> Envelope:
        """Give the event its number and fold it into the state at once, then deliver it in its turn.

        Called from within a handler, it returns before the delivery: the event is queued behind the one under way,
        so that all handlers see one order. Raises IllegalTransition when the state does not allow the event,
        UnicodeEncodeError when its text cannot be written down, and UnreadableEvent when it could not be read back;
        then nothing has happened.
        """
        if len(self._undelivered) >= BACKLOG and not isinstance(event, ErrorLogged):
            raise RuntimeError(f"{event.kind} by {actor}: {BACKLOG} events wait; do two handlers answer each other?")
        floor = self._state.ts
        if isinstance(event, ClockStepped | ClockResumed):  # only here may the time of events go back
            floor += event.shift_ms
        now = Millis(max(self._clock.now(), floor))
        envelope = Envelope.of(self._state.seq + 1, now, actor, causality.current().cause, event)
        line = encode(envelope)  # first: what cannot be written down, or not be read back, must not happen
        expect_readable(line, envelope)
        reduce(self._state, envelope)
        self._undelivered.append((envelope, line))
        if not self._delivering:
            self._deliver()
        return envelope

    def subscribe(self, event: type[E] | str, handler: Handler[E], *, owner: str) -> Undo:
        """Have `handler(envelope, event)` called for each event of that type, or of that kind of a plugin's own.

        Returns the way to undo it.
        """
        subscription = _Subscription(owner, handler)
        self._handlers.setdefault(event, []).append(subscription)

        def undo() -> None:
            # a new list: a delivery under way goes on over the old one
            self._handlers[event] = [s for s in self._handlers[event] if s is not subscription]

        return undo

    def tap(self, sink: Sink, *, owner: str) -> Undo:
        """Have `sink(envelope, line)` called for every event, before its handlers, with its JSON, encoded once."""
        entry = (owner, sink)
        self._taps = [*self._taps, entry]

        def undo() -> None:
            self._taps = [tap for tap in self._taps if tap is not entry]

        return undo

    def _deliver(self) -> None:
        self._delivering = True
        before = causality.current()
        try:
            while self._undelivered:
                envelope, line = self._undelivered.popleft()
                # set once an event and put back once a burst: a context manager here costs a fifth of the bus
                causality.ORIGIN.set(causality.Origin(None, envelope.seq))
                self._deliver_one(envelope, line)
        finally:
            causality.ORIGIN.set(before)
            self._delivering = False

    def _deliver_one(self, envelope: Envelope, line: bytes) -> None:
        event = envelope.payload
        announce = not isinstance(event, ErrorLogged)
        for owner, sink in self._taps:
            try:
                sink(envelope, line)
            except CONTAINED as error:  # the others must have it too
                self._contain(owner, "tap", error, announce=announce)
        for owner, handler in self._subscribed(envelope):
            try:
                handler(envelope, event)
            except CONTAINED as error:  # the next handler runs
                self._contain(owner, f"handler of {envelope.kind}", error, announce=announce)

    def _subscribed(self, envelope: Envelope) -> Sequence[_Subscription]:
        by_type = self._handlers.get(type(envelope.payload), ())
        by_kind = self._handlers.get(envelope.kind)
        return by_type if by_kind is None else (*by_type, *by_kind)
