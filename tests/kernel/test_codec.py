"""Old journals are read in today's words: events that were renamed, got a field that must be there, or were split."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest

from kernel.clock import Millis
from kernel.codec import Codec, TooNew, decode_envelope, encode, is_plugins
from kernel.events import ChatAgentToggled, Envelope, Event, Retired, Split, SystemStopped, UnknownEvent
from kernel.reducers import reduce
from kernel.reducers.register import REDUCERS
from kernel.rows import AgentOffReason
from kernel.state import State


class Weighed(Event, frozen=True, kw_only=True):
    """What the shop's scales say; the second form of it, since grams must be there."""

    kind: ClassVar[str] = "shop.weighed"
    v: ClassVar[int] = 2
    item: str
    grams: int


class Weighed1(Retired, frozen=True, kw_only=True):
    """It was in pounds, which could be left out."""

    kind: ClassVar[str] = Weighed.kind
    item: str
    pounds: float | None = None

    def newer(self) -> tuple[Event, ...]:
        return (Weighed(item=self.item, grams=round((self.pounds or 0) * 454)),)


class Scaled(Retired, frozen=True, kw_only=True):
    """Its name before it was `shop.weighed`, in the form that this had first."""

    kind: ClassVar[str] = "shop.scaled"
    today: ClassVar[tuple[str, ...]] = (Weighed.kind,)
    item: str

    def newer(self) -> tuple[Event, ...]:
        return (Weighed1(item=self.item),)


class Sold(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "shop.sold"
    item: str


class Exchanged(Retired, frozen=True, kw_only=True):
    """Two facts in one: what went out was sold, and what came in was weighed."""

    kind: ClassVar[str] = "shop.exchanged"
    gone: str
    come: str

    def newer(self) -> tuple[Event, ...]:
        return (Sold(item=self.gone), Weighed1(item=self.come, pounds=1))


@pytest.fixture
def codec() -> Codec:
    return Codec((Weighed, Weighed1, Scaled, Sold, Exchanged, SystemStopped))


def line(kind: str, payload: str, rest: str = "") -> bytes:
    return f'{{"seq":1,"ts":2,"actor":"a","cause":null,"kind":"{kind}","payload":{payload}{rest}}}'.encode()


def test_an_event_of_a_second_form_says_so_and_one_of_the_first_does_not() -> None:
    event = Weighed(item="knife", grams=7)

    written = encode(Envelope.of(1, Millis(2), "a", None, event))
    assert written.endswith(b'"payload":{"item":"knife","grams":7},"v":2}')
    assert b'"v"' not in encode(Envelope(1, Millis(2), "a", None, "system.stopped", SystemStopped()))


def test_a_field_that_must_be_there_is_filled_from_the_earlier_form(codec: Codec) -> None:
    for read in (codec.decode, lambda text: next(codec.decode_lines(text))):
        old = read(line("shop.weighed", '{"item":"knife","pounds":2}'))
        new = read(line("shop.weighed", '{"item":"knife","grams":908}', ',"v":2'))

        assert old == new == Envelope(1, Millis(2), "a", None, "shop.weighed", Weighed(item="knife", grams=908), 2)


def test_an_event_that_was_renamed_bears_todays_name_and_is_found_by_it(codec: Codec) -> None:
    old = codec.decode(line("shop.scaled", '{"item":"knife"}'))

    assert (old.kind, old.v, old.payload) == ("shop.weighed", 2, Weighed(item="knife", grams=0))
    assert codec.earlier_kinds("shop.weighed") == {"shop.scaled", "shop.weighed"}


def test_an_event_that_was_split_is_folded_as_its_parts_under_its_one_number(codec: Codec) -> None:
    old = codec.decode(line("shop.exchanged", '{"gone":"knife","come":"gloves"}'))
    assert old.payload == Split((Sold(item="knife"), Weighed(item="gloves", grams=454)))

    state, folded = State(), []
    REDUCERS[Sold] = REDUCERS[Weighed] = lambda _, envelope, event: folded.append((envelope.seq, envelope.kind, event))
    try:
        reduce(state, old)
    finally:
        del REDUCERS[Sold], REDUCERS[Weighed]
    assert folded == [(1, "shop.sold", Sold(item="knife")), (1, "shop.weighed", Weighed(item="gloves", grams=454))]
    assert state.seq == 1


def test_a_form_of_a_newer_version_is_refused_by_name(codec: Codec) -> None:
    for text in (line("shop.weighed", "{}", ',"v":3'), line("shop.sold", '{"item":"x"}', ',"v":2')):
        with pytest.raises(TooNew, match=r"there is no version [23] of the event 'shop\."):
            codec.decode(text)
    with pytest.raises(TooNew, match=r"there is no event 'bot\.danced' in this version"):
        codec.decode(line("bot.danced", "{}"))


def test_what_a_plugin_wrote_that_is_gone_is_passed_over_and_read_again_once_it_is_back() -> None:
    codec = Codec((SystemStopped,))
    text = line("shop.sold", '{"item":"knife","price":[1,2]}')

    for _ in range(2):
        gone = codec.decode(text)
        assert (gone.seq, gone.kind, gone.payload) == (1, "shop.sold", UnknownEvent({"item": "knife", "price": [1, 2]}))
        assert [e.kind for e in codec.decode_lines(text + b"\n" + line("system.stopped", "{}"))] == [
            "shop.sold",
            "system.stopped",
        ]
    codec.learn((Sold,))
    assert codec.decode(text).payload == Sold(item="knife")


def test_what_cannot_be_read_is_not_taken_for_a_plugins(codec: Codec) -> None:
    for text in (b"nonsense", line("shop.sold", "{}"), line("unnamed", "{}"), line("shop.", "{}"), b'{"kind":7}'):
        with pytest.raises(msgspec.ValidationError if text.startswith(b"{") else msgspec.DecodeError):
            codec.decode(text)
    assert not is_plugins("chat.danced")
    assert is_plugins("talk_counter.counted")


def test_a_take_over_from_before_there_was_a_why_has_one() -> None:
    text = line("chat.agentToggled", '{"chatId":"c","enabled":false,"epoch":2,"reason":"agentSilent"}')

    event = decode_envelope(text).payload
    assert isinstance(event, ChatAgentToggled)
    assert event.why is AgentOffReason.AGENT_SILENT
