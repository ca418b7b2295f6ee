"""Codes by time and recovery codes, without a server: RFC 6238's own vectors, and what a person may type."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from kernel.clock import SECOND
from kernel.errors import Forbidden
from plugins.api.auth import recovery_codes, second_factor, totp
from plugins.api.auth.second_factor import SecondFactor

SEED = b"12345678901234567890"
NOW = 1_795_341_234_567


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_appendix_of_rfc_6238(at: int, code: str) -> None:
    assert totp.code_at(SEED, totp.step_of(at * SECOND)) == code


def test_an_app_is_told_all_that_it_needs_by_the_uri() -> None:
    secret = totp.new_secret()
    uri = urlsplit(totp.uri(secret, "olga+a b@host:8040"))
    said = parse_qs(uri.query)

    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Switchboard:olga%2Ba%20b%40host:8040")
    (text,) = said["secret"]
    assert base64.b32decode(text + "=" * (-len(text) % 8)) == secret
    assert (said["issuer"], said["digits"], said["period"]) == (["Switchboard"], ["6"], ["30"])


def used(factor: SecondFactor, code: str, now: int = NOW) -> SecondFactor:
    return second_factor.with_code_used(factor, lambda: SEED, code, now)


def refusal(factor: SecondFactor, code: str, now: int = NOW) -> str:
    with pytest.raises(Forbidden) as refused:
        used(factor, code, now)
    return refused.value.code


def code(steps: int = 0) -> str:
    return totp.code_at(SEED, totp.step_of(NOW) + steps)


FRESH = SecondFactor(secret="sealed", since=0)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_present_step_and_of_its_neighbours_is_good_once(steps: int) -> None:
    after = used(FRESH, code(steps))
    assert refusal(after, code(steps)) == "codeUsed"
    assert refusal(after, code(steps), NOW + totp.STEP // 2) == "codeUsed"
    assert len(used(after, code(1 if steps != 1 else 0)).used) == 2, "its neighbours are good still"


@pytest.mark.parametrize(("steps", "why"), [(-2, "clockOff"), (-20, "clockOff"), (-21, "badCode"), (2, "badCode")])
def test_whoever_guesses_is_told_of_codes_that_are_past_and_never_of_those_to_come(steps: int, why: str) -> None:
    assert refusal(FRESH, code(steps)) == why


@pytest.mark.parametrize(("steps", "side"), [(-20, "behind"), (-2, "behind"), (2, "ahead"), (20, "ahead")])
def test_while_it_is_set_up_a_phone_whose_clock_is_off_is_told_so(steps: int, side: str) -> None:
    with pytest.raises(Forbidden, match=side) as refused:
        second_factor.expect_code_of(SEED, code(steps), NOW)
    assert refused.value.code == "clockOff"


def test_a_code_stays_used_when_our_own_clock_was_ahead_and_is_put_right() -> None:
    ahead = used(FRESH, code(120), NOW + 120 * totp.STEP)
    assert len(used(ahead, code()).used) == 2, "nobody is locked out by it"
    assert refusal(ahead, code(120), NOW + 120 * totp.STEP) == "codeUsed"


@pytest.mark.parametrize(
    "typed",
    ["{0} {1}", " {0}-{1}\n", "{0}\u00a0{1}", "{wide}", "{arabic}"],
    ids=["blank", "hyphen", "nbsp", "wide", "arabic"],
)
def test_a_code_is_read_however_it_is_spaced_and_in_whichever_digits(typed: str) -> None:
    now = code()
    wide, arabic = ("".join(chr(first + int(digit)) for digit in now) for first in (0xFF10, 0x0660))
    assert used(FRESH, typed.format(now[:3], now[3:], wide=wide, arabic=arabic)).used == (totp.step_of(NOW),)


@pytest.mark.parametrize(
    "typed", ["", " ", "12345", "1234567", "abcdef", "-123456.0", "½⅓¼⅕⅙⅛", "\x00" * 6, "9" * 9_999]
)
def test_whatever_else_is_typed_is_a_wrong_code(typed: str) -> None:
    assert refusal(FRESH, typed) == "badCode"


def test_recovery_codes_are_ten_that_nobody_mistakes_each_good_once() -> None:
    codes = recovery_codes.new()
    factor = SecondFactor(since=0, recovery=tuple(map(recovery_codes.digest_of, codes)))
    assert len(set(codes)) == recovery_codes.COUNT
    mistaken = codes[2].replace("0", "O").replace("1", "l")
    for spelled in (codes[0].upper(), codes[1].replace("-", " "), mistaken, codes[3]):
        factor = used(factor, spelled)
        assert refusal(factor, spelled) == "badCode"
    assert len(factor.recovery) == 6
    assert not any(one[:4] in str(factor) for one in codes)
