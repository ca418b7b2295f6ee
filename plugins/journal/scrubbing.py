"""A line of the journal without a person: no word about them or of theirs, and a pseudonym for their SteamID.

Lines are taken as JSON, and not by the types of today: also those of earlier forms and of plugins that are not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from kernel.codec import CODEC, decode_envelope, encode, is_plugins
from kernel.forgetting import ForgottenPersons
from kernel.ids import SteamId64

TEXTS: Final = frozenset(
    {
        "text",
        "detail",
        "note",
        "dropped",
        "error",
        "nextStep",
        "next_step",
        "name",
        "avatar",
        "game",
        "title",
        "message",
    }
)
"""Fields that hold words, in all events of the kernel's. What is about a person keeps its codes, ids, items, prices."""
NUMBERS: Final = frozenset({"offerId", "gameId"})
"""Fields by which a person could be found at Steam."""
_ID: Final = re.compile(r"[a-z]+_[0-9a-hjkmnp-tv-z]{26}|[0-9.+-]*")
_CODE: Final = re.compile(r"[a-z][A-Za-z0-9]{0,40}")
"""What is no word in the event of a plugin; codes where the plugin takes nothing else, or is not here to say."""
_STARTS: Final = (b'"kind":"chat.started"', b'"kind":"task.created"')
PLAIN_MOST: Final = 16
NAME_LEAST: Final = 3
"""Letters of a name that is looked for in the item of a task of theirs."""


class _Head(msgspec.Struct):
    kind: str
    payload: dict[str, Any]


class PersonTrace:
    """By what one person is found in lines: their SteamID, and the chats and tasks with them."""

    def __init__(self, player: SteamId64, pseudonym: SteamId64) -> None:
        self.player = player
        self.pseudonym = pseudonym
        self.ids: set[str] = set()
        """Of their chats and tasks."""
        self.names: set[str] = set()

    @property
    def needles(self) -> Iterator[str]:
        yield self.player
        yield from self.ids

    def learn(self, line: bytes) -> None:
        """Take note of what a line that names them tells: a chat or task of theirs, a name."""
        if not any(mark in line for mark in (*_STARTS, b"player.personaChanged")):
            return
        head = msgspec.json.decode(line, type=_Head)
        payload = head.payload
        if payload.get("playerSteamId64") != self.player:
            return
        if head.kind == "player.personaChanged":
            name = (payload.get("persona") or {}).get("name")
            self.names |= {name} if isinstance(name, str) and len(name) >= NAME_LEAST else set()
            return
        own = payload.get("chatId") if head.kind == "chat.started" else payload.get("taskId")
        self.ids |= {own} if isinstance(own, str) else set()

    def without(self, text: str) -> str:
        """The text with the pseudonym in place of their SteamID."""
        return text.replace(self.player, self.pseudonym)

    def without_name(self, text: str) -> str:
        for name in self.names:
            text = re.sub(re.escape(name), "…", text, flags=re.IGNORECASE)
        return text


class Scrubbing:
    """Rewrites lines about some persons. First `learn` all lines, then `scrub` them."""

    def __init__(self, persons: ForgottenPersons) -> None:
        self.traces = [PersonTrace(player, pseudonym) for player, pseudonym in persons.items()]
        self._marks = [(trace, trace.player.encode()) for trace in self.traces]
        self._needles: re.Pattern[bytes] | None = None
        self._plain: tuple[bytes, ...] = ()

    def learn(self, lines: bytes) -> None:
        """Find out which chats and tasks are theirs, and what they were called."""
        for trace, mark in self._marks:
            if mark in lines:
                for line in lines.splitlines():
                    if mark in line:
                        trace.learn(line)

    def concerns(self, lines: bytes) -> bool:
        """Whether any of these lines is to be rewritten."""
        pattern = self._pattern
        if len(self._plain) <= PLAIN_MOST:  # one search after another is as fast as the memory
            return any(needle in lines for needle in self._plain)
        return pattern.search(lines) is not None

    def scrub(self, lines: bytes) -> bytes:
        """The same number of lines, without these persons. Raises ValueError for one that could not be read back."""
        if not self.concerns(lines):
            return lines
        kept = (self._line(line) if self._pattern.search(line) else line for line in lines.split(b"\n"))
        return b"\n".join(kept)

    @property
    def _pattern(self) -> re.Pattern[bytes]:
        if self._needles is None:
            found = sorted({needle for trace in self.traces for needle in trace.needles}, key=len, reverse=True)
            self._plain = tuple(needle.encode() for needle in found)
            self._needles = re.compile(b"|".join(map(re.escape, self._plain)))
        return self._needles

    def _line(self, line: bytes) -> bytes:
        found = msgspec.json.decode(line)
        kind = str(found.get("kind"))
        found["actor"] = self.text(str(found.get("actor")))
        payload = found.get("payload")
        if kind in CODEC.events or not is_plugins(kind):
            found["payload"] = self.value(payload, keeps=_ID if is_plugins(kind) else None)
            scrubbed = encode(found)
            try:
                decode_envelope(scrubbed)  # as the next start does
            except msgspec.ValidationError:
                if not is_plugins(kind):
                    raise
            else:
                return scrubbed
        found["payload"] = self.value(payload, keeps=_CODE)
        return encode(found)

    def text(self, text: str) -> str:
        for trace in self.traces:
            text = trace.without(text)
        return text

    def scrub_row(self, row: bytes) -> bytes:
        """A row of a plugin's own, likewise."""
        if not self.concerns(row):
            return row
        return encode(self.value(msgspec.json.decode(row), keeps=_CODE))

    def value(self, value: Any, *, keeps: re.Pattern[str] | None = None, whose: Iterable[Any] | None = None) -> Any:
        """A payload or a row as JSON has it: of somebody else's only the SteamID goes, of theirs every word.

        `keeps`: which texts are no words, where nobody knows what its fields are. `whose`: whose it is, where that is
        known; else those whose SteamID, or a chat or task of whom, stands in a field of its own.
        """
        if whose is not None:
            traces = [trace for trace in self.traces if trace.player in whose]
        else:
            marks = {trace.player: {trace.player, f"player:{trace.player}", *trace.ids} for trace in self.traces}
            traces = [trace for trace in self.traces if _names(value, marks[trace.player])]
        return self._blank(value, "", traces, keeps)

    def _blank(self, value: Any, key: str, traces: list[PersonTrace], keeps: re.Pattern[str] | None) -> Any:
        if isinstance(value, str):
            if traces and key in NUMBERS:
                return None
            if traces and (key in TEXTS or (keeps and not keeps.fullmatch(value) and not _ID.fullmatch(value))):
                return ""
            if key == "item":
                for trace in traces:
                    value = trace.without_name(value)
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self._blank(below, name, traces, keeps) for name, below in value.items()}
        if isinstance(value, list):
            return [self._blank(below, key, traces, keeps) for below in value]
        if isinstance(value, int) and not isinstance(value, bool):
            if traces and key in NUMBERS:
                return None
            number = next((trace for trace in self.traces if str(value) == trace.player), None)
            return int(number.pseudonym) if number is not None else value
        return value


def _names(value: Any, ids: Iterable[str]) -> bool:
    """Whether one of these ids stands in it by itself."""
    if isinstance(value, str):
        return value in ids
    if isinstance(value, Mapping):
        return any(_names(below, ids) for below in (*value.keys(), *value.values()))
    if isinstance(value, list):
        return any(_names(below, ids) for below in value)
    return isinstance(value, int) and not isinstance(value, bool) and str(value) in ids
