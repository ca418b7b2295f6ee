"""SteamIDs, Steam Guard codes, tokens, and the names of numbers."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steam.enums.common import EFriendRelationship as Published

from plugins.steam_protocol import emsg, eresult, jwt, steam_id, totp
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import NotAnIndividual, TokenMalformed
from plugins.steam_protocol.relationship import EFriendRelationship

ALICE = 76561197960265729


def test_a_code_is_the_one_that_steams_own_app_shows() -> None:
    secret = base64.b64decode("zvIayp3JPvtvX/QGHqsqKBk/44s=")

    assert totp.code(secret, 1616374841) == "2F9J5"


def test_a_code_holds_for_its_thirty_seconds() -> None:
    secret = bytes(20)

    assert totp.code(secret, 60) == totp.code(secret, 89) != totp.code(secret, 90)


@given(st.integers(1, 0xFFFFFFFF))
def test_account_id_and_steamid64_are_two_ways_to_say_one_account(account_id: int) -> None:
    whole = steam_id.to_steam_id64(account_id)

    assert steam_id.is_individual(whole)
    assert steam_id.to_account_id(whole) == account_id
    assert steam_id.parse(str(whole)) == whole


@pytest.mark.parametrize(
    "text",
    ["", "0", "103582791429521408", "76561197960265728", "٧٦٥٦١١٩٧٩٦٠٢٦٥٧٢٩", "-6561197960265729", "x" * 99],
)
def test_a_clan_a_zero_and_a_text_are_no_individuals(text: str) -> None:
    with pytest.raises(NotAnIndividual):
        steam_id.parse(text)


GOOD = {"iss": "steam", "sub": str(ALICE), "aud": ["client"], "exp": 1}


def token(payload: object, parts: int = 3) -> str:
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    return ".".join(["head", body, "signature"][:parts])


def test_a_client_refresh_token_is_told_from_a_mobile_one() -> None:
    own = jwt.claims(token({"iss": "steam", "sub": str(ALICE), "aud": ["web", "client", "renew"], "exp": 100}))
    mobile = jwt.claims(token({"iss": "steam", "sub": str(ALICE), "aud": ["web", "mobile"], "exp": 100}))

    assert own.steam_id64 == ALICE
    assert own.is_client_refresh_token
    assert not mobile.is_client_refresh_token
    assert own.expired(100)
    assert not own.expired(99.9)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a.b",
        "a.b.c.d",
        "a.€.c",
        token(GOOD, parts=2),
        token([]),
        token(GOOD | {"sub": "7"}),
        token(GOOD | {"sub": None}),
        token(GOOD | {"aud": [1]}),
        token(GOOD | {"aud": None}),
        token(GOOD | {"exp": "1"}),
        token(GOOD | {"exp": True}),
        "a." + "A" * jwt.MAX_LENGTH + ".c",
    ],
)
def test_what_is_no_steam_token_is_refused_without_being_quoted(bad: str) -> None:
    with pytest.raises(TokenMalformed) as refused:
        jwt.claims(bad)

    assert len(bad) < 3 or bad not in str(refused.value)


@given(st.text(max_size=50), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_any_text_is_a_token_or_malformed(text: str, payload: object) -> None:
    for candidate in (text, f"a.{text}.c", token(payload)):
        with pytest.raises(TokenMalformed):
            jwt.claims(candidate)


@given(st.integers())
def test_every_number_has_a_name(number: int) -> None:
    assert emsg.name(number)
    assert eresult.name(number)


def test_known_numbers_have_steams_names() -> None:
    assert emsg.name(EMsg.CLIENT_HELLO) == "ClientHello"
    assert emsg.name(9804) == "ServiceMethodCallFromClientNonAuthed"
    assert eresult.name(EResult.RATE_LIMIT_EXCEEDED) == "RateLimitExceeded"
    assert eresult.name(118) == "MustAgreeToSSA"


def test_the_numbers_of_a_friends_list_are_those_that_steam_has_published() -> None:
    published = {member.name.replace("_", "").upper(): int(member) for member in Published}

    assert {r.name: published.get(r.name.replace("_", "")) for r in EFriendRelationship} == {
        r.name: int(r) for r in EFriendRelationship
    }
