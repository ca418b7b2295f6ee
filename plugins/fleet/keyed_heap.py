"""A line of bots, ordered by a key that may change while they wait."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from kernel.ids import BotId

Key = tuple[int, int]
"""A rank, and a moment within it."""


class KeyedHeap:
    """The bot with the least key is first. A heap: an entry whose key no longer holds is skipped when it comes up."""

    def __init__(self) -> None:
        self._keys: dict[BotId, Key] = {}
        self._heap: list[tuple[Key, BotId]] = []

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, bot_id: BotId) -> bool:
        return bot_id in self._keys

    def put(self, bot_id: BotId, key: Key) -> None:
        """Let the bot wait by this key, instead of any before."""
        if self._keys.get(bot_id) != key:
            self._keys[bot_id] = key
            heappush(self._heap, (key, bot_id))

    def drop(self, bot_id: BotId) -> None:
        """Take the bot out, if it is there."""
        if self._keys.pop(bot_id, None) is not None and len(self._heap) > 2 * len(self._keys) + 100:
            self._heap = [(key, waiting) for waiting, key in self._keys.items()]  # most entries no longer held
            heapify(self._heap)

    def in_order(self) -> list[BotId]:
        """All of them, the first one first."""
        return sorted(self._keys, key=self._keys.__getitem__)

    def first(self) -> tuple[Key, BotId] | None:
        """The least key and its bot, which stays in the line."""
        while self._heap:
            key, bot_id = self._heap[0]
            if self._keys.get(bot_id) == key:
                return key, bot_id
            heappop(self._heap)
        return None
