"""Bytes and back: the one JSON encoder, and a decoder for the journal's and the stream's lines.

Which events there are is known here: the kernel's from the start, a plugin's once it is there (`learn_from`). What was
written in an earlier form is read in today's; what a plugin wrote that is not here any more is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Union

import msgspec

from kernel.errors import PluginFailed, UnreadableEvent
from kernel.events import KINDS, RETIRED, Envelope, Event, Retired, Split, UnknownEvent

JSON: Final = msgspec.json.Encoder(decimal_format="string")
KERNEL_WORDS: Final = frozenset(kind.partition(".")[0] for kind in KINDS)
"""What no plugin's kind of event may begin with: an unknown one that does was written by a newer version."""
UNKNOWN_MOST: Final = 500
"""Kinds of absent plugins that are remembered, so that their lines are read as fast as others."""


def encode(value: object) -> bytes:
    """`value` as compact JSON."""
    return JSON.encode(value)


class TooNew(msgspec.ValidationError):
    """The line is in a form that this version does not know: a newer one wrote it."""


class _Head(msgspec.Struct):
    kind: str


class Codec:
    """Reads envelopes by the kinds that it has learnt."""

    def __init__(self, events: Iterable[type[Event]]) -> None:
        self._events: dict[str, type[Event]] = {}
        self._retired: dict[tuple[str, int], type[Retired]] = {}
        self._unknown: set[str] = set()
        self._payloads: dict[type[Event], msgspec.json.Decoder[Any]] = {}
        self.learn(events)

    @property
    def events(self) -> Mapping[str, type[Event]]:
        """Those that are written today, by their kind."""
        return self._events

    def learn(self, events: Iterable[type[Event]]) -> None:
        """Read these from now on. Of one kind and version, the one that came last is read: its code is newer."""
        for event in events:
            if issubclass(event, Retired):
                self._retired[event.kind, event.v] = event
            else:
                self._events[event.kind] = event
                self._unknown.discard(event.kind)
        self._build()

    def earlier_kinds(self, kind: str) -> frozenset[str]:
        """The kinds under which the same fact stands in journals, its own among them."""
        return frozenset({kind, *(event.kind for event in self._retired.values() if kind in event.today)})

    def decode(self, line: bytes | memoryview) -> Envelope:
        """One line of the journal, or one element of a batch. Raises msgspec.ValidationError."""
        try:
            return self.envelope(self._lines.decode(line))
        except msgspec.ValidationError:
            if not self._meet(line):
                raise
        return self.envelope(self._lines.decode(line))

    def decode_lines(self, lines: bytes) -> Iterator[Envelope]:
        """Many at once, in a quarter less time than one by one. Raises msgspec.ValidationError."""
        return map(self.envelope, self.decode_wires(lines))

    def decode_wires(self, lines: bytes) -> list[Any]:
        """The same as they are decoded, for `kernel.replay`: `envelope` makes one of each."""
        try:
            decoded: list[Any] = self._lines.decode_lines(lines)
        except msgspec.ValidationError:
            met = [self._meet(line) for line in lines.split(b"\n") if line.strip()]
            if not any(met):
                raise
            decoded = self._lines.decode_lines(lines)
        return decoded

    def _meet(self, line: bytes | memoryview) -> bool:
        """Is it a kind of an absent plugin's that is not known yet? It is from now on. Raises TooNew for a kernel's."""
        kind = _kind_of(line)
        if kind is None or kind in self._events or kind in self._unknown:
            return False
        if not is_plugins(kind):
            if any(kind == old for old, _ in self._retired):
                return False
            raise TooNew(f"there is no event {kind!r} in this version")
        if len(self._unknown) >= UNKNOWN_MOST:
            return False
        self._unknown.add(kind)
        self._build()
        return True

    def _build(self) -> None:
        """One tagged Struct per kind lets msgspec find the payload's type and decode it in a single pass over the line.

        A kind that has had other forms is decoded in two: first its version, then its payload.
        """
        several = {kind for kind, _ in self._retired} | {e.kind for e in self._events.values() if e.v != 1}
        payloads: dict[str, Any] = {
            kind: msgspec.Raw if kind in several else event for kind, event in self._events.items()
        }
        payloads |= dict.fromkeys(several - payloads.keys(), msgspec.Raw)
        payloads |= dict.fromkeys(self._unknown - payloads.keys(), dict[str, object])
        wires = [
            msgspec.defstruct(
                f"Wire_{kind}",
                [
                    ("seq", int),
                    ("ts", int),
                    ("actor", str),
                    ("cause", int | None),
                    ("payload", payload),
                    ("v", int, 1),
                ],
                tag=kind,
                tag_field="kind",
                gc=False,
            )
            for kind, payload in payloads.items()
        ]
        self._lines = msgspec.json.Decoder(Union[tuple(wires)])  # noqa: UP007 - built at run time

    def envelope(self, wire: Any) -> Envelope:
        """What was decoded, in the form of today. Raises msgspec.ValidationError for a form that is not known."""
        kind, payload, v = wire.__struct_config__.tag, wire.payload, wire.v
        if type(payload) is msgspec.Raw:
            payload = self._today(kind, v, payload)
            kind, v = (kind, v) if isinstance(payload, Split) else (payload.kind, payload.v)
        elif type(payload) is dict:
            payload = UnknownEvent(payload)
        elif v != 1:
            raise _too_new(kind, v)
        return Envelope(wire.seq, wire.ts, wire.actor, wire.cause, kind, payload, v)

    def _today(self, kind: str, v: int, payload: msgspec.Raw) -> Event:
        """The payload in the form, or the forms, of today."""
        event = self._events.get(kind)
        form = event if event is not None and event.v == v else self._retired.get((kind, v))
        if form is None:
            raise _too_new(kind, v)
        decoder = self._payloads.get(form)
        if decoder is None:
            decoder = self._payloads[form] = msgspec.json.Decoder(form)
        events = tuple(_newest(decoder.decode(payload)))
        return events[0] if len(events) == 1 else Split(events)


def _kind_of(line: bytes | memoryview) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Head).kind
    except msgspec.MsgspecError:
        return None


def learn_from(name: str, events: Sequence[type[Event]]) -> None:
    """Read the events that the plugin of that name brings. Raises PluginFailed for one that it may not bring."""
    for event in events:
        kind = getattr(event, "kind", None)
        if not isinstance(kind, str) or not issubclass(event, Event):
            raise PluginFailed(f"{event!r} in its `events` is no event: a subclass of Event that has a `kind`")
        if plain_name(kind.partition(".")[0]) != plain_name(name) or not is_plugins(kind):
            text = f"the kind {kind!r} of its event {event.__name__} must begin with the plugin's name: {name}.…"
            raise PluginFailed(text)
    if events:
        CODEC.learn(events)


def plain_name(name: str) -> str:
    """Tests name a plugin after its class, and wire names are in camel case: all of them are the same name."""
    return name.replace("_", "").lower()


def expect_readable(line: bytes, envelope: Envelope) -> None:
    """Types are not checked when an event is made: a plugin's mistake must show here, and not at the next start."""
    try:
        read = CODEC.decode(line)
    except msgspec.ValidationError as error:
        raise UnreadableEvent(f"{envelope.kind} by {envelope.actor} cannot be read back: {error}") from None
    if type(read.payload) is UnknownEvent:
        text = f"{envelope.kind} by {envelope.actor} cannot be read back: no plugin has it in its `events`"
        raise UnreadableEvent(text)


def is_plugins(kind: str) -> bool:
    """Can that be the kind of an event that a plugin brings?"""
    word, dot, what = kind.partition(".")
    return bool(dot and what) and word not in KERNEL_WORDS


def _newest(event: Event) -> Iterator[Event]:
    if not isinstance(event, Retired):
        yield event
        return
    for newer in event.newer():
        yield from _newest(newer)


def _too_new(kind: str, v: int) -> TooNew:
    return TooNew(f"there is no version {v} of the event {kind!r} here")


CODEC: Final = Codec((*KINDS.values(), *RETIRED))
"""The one of this process: what a plugin brings is known to all who read."""
decode_envelope = CODEC.decode
decode_envelopes = CODEC.decode_lines
