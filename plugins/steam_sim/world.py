"""Who is whose friend, what was said, and which tokens hold: the state of the simulated Steam and its changes.

Pure: no clock, no file, no socket. `World.apply` is the only writer, and the same changes always make the same
world, which is what lets `world_log` bring it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct

from plugins.steam_protocol.relationship import EFriendRelationship

IGNORING = frozenset({EFriendRelationship.BLOCKED, EFriendRelationship.IGNORED, EFriendRelationship.IGNORED_FRIEND})


class FriendshipChanged(Struct, frozen=True, tag="friendship", omit_defaults=True):
    """`actor` did something; this is how the two see each other from now on."""

    actor: int
    target: int
    actor_sees: EFriendRelationship
    target_sees: EFriendRelationship


class MessageSent(Struct, frozen=True, tag="message", omit_defaults=True):
    """One chat message. `text` is as shown, `bbcode` as sent by a client that speaks bbcode, else empty."""

    sender: int
    recipient: int
    text: str
    timestamp: int  # seconds
    ordinal: int = 0
    bbcode: str = ""
    markup_only: bool = False
    """It is told without `message_no_bbcode`."""

    @property
    def position(self) -> tuple[int, int]:
        """Its place in the conversation, and with the two accounts its identity."""
        return self.timestamp, self.ordinal


class MessagesViewed(Struct, frozen=True, tag="viewed"):
    """`viewer` has read what `friend` wrote up to `timestamp` (seconds)."""

    viewer: int
    friend: int
    timestamp: int


class PersonaShown(Struct, frozen=True, tag="persona", omit_defaults=True):
    """What `account` shows of itself from now on. `avatar` in hexadecimal digits, `state` an EPersonaState."""

    account: int
    name: str = ""
    avatar: str = ""
    state: int = 0
    app: int = 0
    game: str = ""


class TokenIssued(Struct, frozen=True, tag="token", omit_defaults=True):
    """A refresh token, known by its SHA-256 only; the one it replaces is dead from the same moment."""

    digest: str
    identity: str  # the token's own `jti`
    owner: int
    audience: tuple[str, ...]
    expires_at: int  # unix seconds
    replaces: str = ""


class TokensRevoked(Struct, frozen=True, tag="tokensRevoked"):
    """Every refresh token of the account is dead, as after a change of its password."""

    owner: int


class CodeUsed(Struct, frozen=True, tag="code"):
    """A Steam Guard code of this 30-second step was taken; neither it nor an earlier one is again."""

    owner: int
    step: int


Change: TypeAlias = (
    FriendshipChanged | MessageSent | MessagesViewed | PersonaShown | TokenIssued | TokensRevoked | CodeUsed
)


@dataclass(slots=True)
class Conversation:
    """All that two accounts wrote to each other, oldest first, and how far each has read (seconds)."""

    messages: list[MessageSent] = field(default_factory=list)
    viewed: dict[int, int] = field(default_factory=dict)

    def next_position(self, now: int) -> tuple[int, int]:
        """Where a message written at `now` (seconds) goes: never before what is there, not even if time went back."""
        if not self.messages:
            return now, 0
        timestamp, ordinal = self.messages[-1].position
        return (now, 0) if now > timestamp else (timestamp, ordinal + 1)


class World:
    """The state; queries are cheap and never give away what they could be changed through."""

    def __init__(self) -> None:
        self._relationships: dict[int, dict[int, EFriendRelationship]] = {}
        self._conversations: dict[int, dict[int, Conversation]] = {}
        self._personas: dict[int, PersonaShown] = {}
        self._tokens: dict[str, TokenIssued] = {}
        self._code_steps: dict[int, int] = {}

    def apply(self, change: Change) -> None:
        match change:
            case FriendshipChanged(actor, target, actor_sees, target_sees):
                self._relate(actor, target, actor_sees)
                self._relate(target, actor, target_sees)
            case MessageSent():
                self._conversation(change.sender, change.recipient).messages.append(change)
            case MessagesViewed(viewer, friend, timestamp):
                viewed = self._conversation(viewer, friend).viewed
                viewed[viewer] = max(viewed.get(viewer, 0), timestamp)
            case PersonaShown(account):
                self._personas[account] = change
            case TokenIssued():
                self._tokens.pop(change.replaces, None)
                self._tokens[change.digest] = change
            case TokensRevoked(owner):
                self._tokens = {digest: held for digest, held in self._tokens.items() if held.owner != owner}
            case CodeUsed(owner, step):
                self._code_steps[owner] = max(step, self._code_steps.get(owner, 0))

    def relationship(self, account: int, other: int) -> EFriendRelationship:
        """How `account` sees `other`."""
        return self._relationships.get(account, {}).get(other, EFriendRelationship.NONE)

    def relationships(self, account: int) -> Iterator[tuple[int, EFriendRelationship]]:
        """Everyone that `account` sees as something, in the order of acquaintance."""
        return iter(tuple(self._relationships.get(account, {}).items()))

    def conversation(self, one: int, other: int) -> Conversation:
        """What the two wrote; empty where they never did."""
        return self._conversations.get(one, {}).get(other) or Conversation()

    def conversations(self, account: int) -> Iterator[tuple[int, Conversation]]:
        """Every conversation of `account` with the one it is with."""
        yield from self._conversations.get(account, {}).items()

    def persona(self, account: int) -> PersonaShown | None:
        """What the account has chosen to show; None while that is what it began with."""
        return self._personas.get(account)

    def token(self, digest: str) -> TokenIssued | None:
        return self._tokens.get(digest)

    def last_code_step(self, account: int) -> int:
        """The latest 30-second step whose Steam Guard code was taken, 0 for none."""
        return self._code_steps.get(account, 0)

    def _relate(self, account: int, other: int, relationship: EFriendRelationship) -> None:
        seen = self._relationships.setdefault(account, {})
        if relationship is EFriendRelationship.NONE:
            seen.pop(other, None)
        else:
            seen[other] = relationship

    def _conversation(self, one: int, other: int) -> Conversation:
        held = self._conversations.setdefault(one, {})
        if other not in held:
            held[other] = self._conversations.setdefault(other, {})[one] = Conversation()
        return held[other]
