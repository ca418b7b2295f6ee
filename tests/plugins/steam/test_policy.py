"""What is done about Steam's results, in the places where they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import policy
from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.steam.policy import HOUR, MINUTE, SECOND, Context, Step, Strikes, judge
from plugins.steam_protocol.eresult import EResult

STAYS_WITH_THE_BOT = {Step.STOP, Step.HOLD_PROXY, Step.REAUTHENTICATE}


@pytest.mark.parametrize(
    ("context", "result", "step"),
    [
        (Context.SIGN_IN, EResult.OK, Step.PROCEED),
        (Context.SIGN_IN, EResult.INVALID_PASSWORD, Step.STOP),
        (Context.SIGN_IN, EResult.TWO_FACTOR_CODE_MISMATCH, Step.NEXT_CODE),
        (Context.SIGN_IN, EResult.DUPLICATE_REQUEST, Step.PROCEED),
        (Context.SIGN_IN, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_PROXY),
        (Context.SIGN_IN, EResult.ACCOUNT_LOGIN_DENIED_THROTTLE, Step.HOLD_PROXY),
        (Context.LOGON, EResult.INVALID_PASSWORD, Step.REAUTHENTICATE),
        (Context.LOGON, EResult.ACCESS_DENIED, Step.REAUTHENTICATE),
        (Context.LOGON, EResult.EXPIRED, Step.REAUTHENTICATE),
        (Context.LOGON, EResult.TRY_ANOTHER_CM, Step.RECONNECT),
        (Context.LOGON, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_PROXY),
        (Context.LOGON, EResult.ACCOUNT_DISABLED, Step.STOP),
        (Context.LOGGED_OFF, EResult.SERVICE_UNAVAILABLE, Step.RECONNECT),
        (Context.LOGGED_OFF, EResult.REVOKED, Step.REAUTHENTICATE),
        (Context.LOGGED_OFF, EResult.ACCOUNT_LOCKED_DOWN, Step.STOP),
        (Context.INVITE, EResult.ACCESS_DENIED, Step.GIVE_UP),
        (Context.INVITE, EResult.IGNORED, Step.GIVE_UP),
        (Context.INVITE, EResult.INSUFFICIENT_PRIVILEGE, Step.HOLD_INVITES),
        (Context.INVITE, EResult.LIMIT_EXCEEDED, Step.HOLD_INVITES),
        (Context.INVITE, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_INVITES),
        (Context.CHAT, EResult.ACCESS_DENIED, Step.GIVE_UP),
        (Context.CHAT, EResult.BLOCKED, Step.GIVE_UP),
        (Context.CHAT, EResult.LIMIT_EXCEEDED, Step.HOLD_MESSAGES),
        (Context.CHAT, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_MESSAGES),
    ],
)
def test_a_result_has_its_policy_where_it_comes(context: Context, result: int, step: Step) -> None:
    assert judge(context, result).step is step


@pytest.mark.parametrize(
    ("context", "least_ms"), [(Context.SIGN_IN, 25 * MINUTE), (Context.INVITE, 24 * HOUR), (Context.CHAT, 10 * SECOND)]
)
def test_a_rate_limit_is_waited_out(context: Context, least_ms: int) -> None:
    assert judge(context, EResult.RATE_LIMIT_EXCEEDED).back_off_ms >= least_ms


@given(st.sampled_from(list(Context)), st.integers(132, 2**31 - 1) | st.integers(-(2**31), -1))
def test_a_number_that_nobody_knows_is_transient_and_waits(context: Context, result: int) -> None:
    verdict = judge(context, result)

    assert verdict.step in (Step.RETRY, Step.RECONNECT)
    assert verdict.back_off_ms > 0
    assert (verdict.context, verdict.result) == (context, result)


@given(st.sampled_from(list(Context)), st.integers(0, 140))
def test_whoever_has_to_act_is_told_how(context: Context, result: int) -> None:
    verdict = judge(context, result)

    if verdict.step in STAYS_WITH_THE_BOT | {Step.HOLD_INVITES, Step.GIVE_UP}:
        assert verdict.advice
    if verdict.step in (Step.RETRY, Step.RECONNECT, Step.HOLD_PROXY, Step.HOLD_INVITES):
        assert verdict.back_off_ms > 0
    assert verdict.name in str(verdict)


@given(st.integers(0, 140))
def test_a_players_choice_never_stops_a_bot(result: int) -> None:
    for context in (Context.INVITE, Context.CHAT):
        assert judge(context, result).step not in STAYS_WITH_THE_BOT


def test_a_session_that_is_replaced_twice_within_an_hour_stops_the_bot() -> None:
    strikes = Strikes()
    replaced = judge(Context.LOGGED_OFF, EResult.LOGON_SESSION_REPLACED)

    first = strikes.count(replaced, 0)
    much_later = strikes.count(replaced, 2 * HOUR)
    soon_after = strikes.count(replaced, 2 * HOUR + 10 * MINUTE)

    assert (first.step, much_later.step, soon_after.step) == (Step.RETRY, Step.RETRY, Step.STOP)
    assert "another program" in soon_after.advice


def test_harmless_results_do_not_add_up() -> None:
    strikes = Strikes()

    steps = {strikes.count(judge(Context.LOGGED_OFF, EResult.SERVICE_UNAVAILABLE), at).step for at in range(50)}

    assert steps == {Step.RECONNECT}


def test_what_steam_says_to_a_sign_in_is_a_reason_and_to_an_invite_or_a_message_a_refusal() -> None:
    for context, table in policy._TABLE.items():
        kind = SteamRefusal if context in {Context.INVITE, Context.CHAT} else SteamReason
        assert all(isinstance(verdict.code, kind) for verdict in table.values() if verdict.code is not None)
    assert all(verdict.code is None for verdict in policy._EVERYWHERE.values())


@pytest.mark.parametrize("table", [policy._SIGN_IN, policy._LOGON, policy._LOGGED_OFF, policy._ACCOUNT_GONE])
def test_a_sign_in_that_a_person_has_to_mend_has_a_code_of_its_own(table: dict[int, policy.Verdict]) -> None:
    assert all(verdict.code for verdict in table.values() if verdict.step is Step.STOP)
