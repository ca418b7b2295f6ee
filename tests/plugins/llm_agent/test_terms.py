"""How far one turn may go, and what the chat remembers of a dialogue: worked out by code alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.rows import Delivery
from plugins.llm_agent.position import Position, standing
from plugins.llm_agent.prices import asked, money
from plugins.llm_agent.terms import Terms, terms
from tests.plugins.llm_agent.table import AGENT, a_task, a_turn, ours, theirs

CENTS = st.integers(1, 10_000_00).map(lambda cents: Decimal(cents) / 100)


def buying(standing: str | None = None, ask: str | None = None, *, answered: bool = True, side: str = "buy") -> Terms:
    return terms(
        a_task(),
        side=side,
        standing=Decimal(standing) if standing else None,
        ask=Decimal(ask) if ask else None,
        answered=answered,
        opening=Decimal(0),
        concession=Decimal("0.34"),
    )


def span(limits: Terms) -> tuple[str, str]:
    return str(limits.first), str(limits.last)


def test_a_buyer_begins_low_and_gives_way_in_steps() -> None:
    assert span(buying()) == ("10.00", "10.00")
    assert span(buying("10.00")) == ("10.00", "10.85")
    assert span(buying("12.00")) == ("12.00", "12.50")


def test_a_seller_begins_high_and_gives_way_in_steps() -> None:
    assert span(buying(side="sell")) == ("12.50", "12.50")
    assert span(buying("12.50", side="sell")) == ("12.50", "11.65")
    assert span(buying("10.20", side="sell")) == ("10.20", "10.00")


def test_nobody_bids_against_themselves_nor_above_what_is_asked() -> None:
    assert span(buying("10.00", answered=False)) == ("10.00", "10.00")
    assert span(buying("10.00", "10.30")) == ("10.00", "10.30")
    assert span(buying("11.00", "10.50")) == ("10.50", "10.50")
    assert span(buying("11.00", "5")) == ("10.00", "10.00")


def test_what_the_player_asks_for_may_be_taken_at_once_where_it_is_within_the_range() -> None:
    assert buying("10.00", "12.50").allow(Decimal("12.5"))
    assert not buying("10.00", "12.51").allow(Decimal("12.51"))
    assert not buying("10.00", "12.50").allow(Decimal("12.49"))


@given(
    prices=st.tuples(CENTS, CENTS),
    share=st.floats(0, 1),
    ask=st.none() | CENTS,
    step=st.floats(0.01, 1),
    opening=st.floats(0, 1),
    answered=st.booleans(),
    side=st.sampled_from(("buy", "sell")),
)
def test_whatever_is_asked_no_turn_may_leave_the_range_or_be_kinder_than_the_player_asks(
    prices: tuple[Decimal, Decimal],
    share: float,
    ask: Decimal | None,
    step: float,
    opening: float,
    answered: bool,
    side: str,
) -> None:
    low, high = sorted(prices)
    task = a_task(price_min=low, price_max=high)
    before = round(low + (high - low) * Decimal(str(share)), 2)
    for there in (None, before):
        limits = terms(
            task,
            side=side,
            standing=there,
            ask=ask,
            answered=answered,
            opening=Decimal(str(opening)),
            concession=Decimal(str(step)),
        )
        assert low <= limits.first <= high and low <= limits.last <= high
        assert limits.first <= limits.last if side == "buy" else limits.first >= limits.last
        assert limits.allow(limits.first) and limits.allow(limits.last)
        if ask is not None:
            best = low if side == "buy" else high
            kinder = limits.last > ask if side == "buy" else limits.last < ask
            assert not kinder or limits.last == best
            assert limits.allow(ask) or not low <= ask <= high


@pytest.mark.parametrize(
    ("texts", "ask"),
    [
        (["hi"], None),
        (["12"], "12"),
        (["12,40 and go"], "12.40"),
        (["$11.5"], "11.5"),
        (["11 or 20"], None),
        (["20", "hm"], "20"),
        (["20", "15"], "15"),
        (["it is an AK-47, in 5 minutes at 10:30"], None),
        (["50%"], None),
        (["float 1.5"], None),
        (["(sticker)"], None),
        (["１２"], "12"),
    ],
)
def test_the_newest_number_of_the_players_is_what_they_ask_for(texts: list[str], ask: str | None) -> None:
    assert asked(texts, a_task()) == (Decimal(ask) if ask else None)


def test_prices_are_said_with_two_decimals_or_as_many_as_the_task_has() -> None:
    assert money(Decimal(11), a_task()) == "11.00 USD"
    assert money(Decimal("0.035"), a_task(price_min=Decimal("0.031"), price_max=Decimal("0.04"))) == "0.035 USD"


@given(
    turns=st.integers(0, 999_999),
    tokens=st.integers(0, 10**12 - 1),
    price=st.none() | CENTS,
    reminded=st.booleans(),
    end=st.none() | st.sampled_from(("agreed", "declined", "too_far", "no_answer")),
)
def test_a_position_is_read_as_it_was_written(
    turns: int, tokens: int, price: Decimal | None, reminded: bool, end: str | None
) -> None:
    position = Position(turns, tokens, price, reminded, end)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", [None, "", "offer", "confirm@11.00", "llm:1", "llm:1:2@", "llm:1:2=won", "llm:1:2 "])
def test_what_another_agent_wrote_is_no_position(text: str | None) -> None:
    assert Position.parse(text) is None


def test_words_that_did_not_reach_the_player_put_no_price_on_the_table() -> None:
    dropped = ours("We can pay 11.00 USD", "11.00", delivery=Delivery.FAILED)
    here = standing(a_turn(ours("We can pay 10.00 USD", "10.00"), dropped, theirs("hi")), AGENT)
    assert (here.price, here.on_table) == (Decimal("10.00"), True)
    here = standing(a_turn(dropped, theirs("hi")), AGENT)
    assert (here.price, here.on_table, here.spoken) == (None, False, False)
    assert here.position.turns == 1, "but it was written, and counts"
