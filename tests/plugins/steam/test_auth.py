"""Sign-in with password and mobile code, played against a Steam of a few lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plugins.steam.auth import Action, Call, SignIn, Tokens, Wait, stored_token
from plugins.steam.errors import SignInDeferred, SignInRejected, TransportError
from plugins.steam.policy import MINUTE, Step
from plugins.steam.secrets import BotSecrets
from plugins.steam_protocol import messages as m
from plugins.steam_protocol import services, totp
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.frames import Frame

ALICE = 76561197960265729
NOW = 1_700_000_030_000  # 10 s before a new window of codes begins
KEY = rsa.generate_private_key(65537, 2048)
SECRETS = BotSecrets(
    account_name="alice", shared_secret=bytes(20), proxy_url="http://h:1", mafile="{}", password="pässword"
)

Answer = tuple[int, Message | bytes]


def token(subject: int = ALICE, audience: tuple[str, ...] = ("web", "client"), expires_at: int = 2_000_000_000) -> str:
    claims = {"iss": "steam", "sub": str(subject), "aud": audience, "exp": expires_at}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sig"


def frame(body: bytes) -> Frame:
    return Frame(EMsg.SERVICE_METHOD_RESPONSE, m.CMsgProtoBufHeader(), body)


class Steam:
    """Answers as Steam does when all goes well; tests change single answers."""

    def __init__(self, **changed: Callable[[Any], Answer]) -> None:
        self.changed = changed
        self.now = NOW
        self.calls: list[str] = []
        self.codes: list[str] = []
        self.password = b""
        self.begun: Any = None
        self.waits: list[int] = []

    def key(self, request: Any) -> Answer:
        numbers = KEY.public_key().public_numbers()
        return EResult.OK, m.CAuthentication_GetPasswordRSAPublicKey_Response(
            publickey_mod=f"{numbers.n:x}", publickey_exp=f"{numbers.e:06x}", timestamp=77
        )

    def begin(self, request: Any) -> Answer:
        self.begun = request
        self.password = KEY.decrypt(base64.b64decode(request.encrypted_password), padding.PKCS1v15())
        return EResult.OK, begun(3, 4)

    def code(self, request: Any) -> Answer:
        self.codes.append(request.code)
        return EResult.OK, b""

    def poll(self, request: Any) -> Answer:
        return EResult.OK, m.CAuthentication_PollAuthSessionStatus_Response(
            refresh_token=token(), access_token="x", account_name="alice", new_guard_data="remember"
        )

    def answer(self, call: Call) -> tuple[int, Frame]:
        name = {
            services.GET_PASSWORD_RSA_PUBLIC_KEY: "key",
            services.BEGIN_AUTH_SESSION_VIA_CREDENTIALS: "begin",
            services.UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE: "code",
            services.POLL_AUTH_SESSION_STATUS: "poll",
        }[call.method]
        self.calls.append(name)
        result, body = self.changed.get(name, getattr(self, name))(call.request)
        return result, frame(body if isinstance(body, bytes) else body.SerializeToString())

    def sign_in(self, secrets: BotSecrets = SECRETS) -> Tokens:
        machine = SignIn(secrets)
        action: Action = machine.begin()
        while not isinstance(action, Tokens):
            if isinstance(action, Wait):
                self.waits.append(action.until_ms - self.now)
                self.now = max(self.now, action.until_ms)
                action = machine.woken(self.now)
            else:
                assert isinstance(action, Call)
                action = machine.answered(*self.answer(action), self.now)
        return action


def begun(*confirmations: int, steam_id64: int = ALICE, client_id: int = 5) -> Message:
    return m.CAuthentication_BeginAuthSessionViaCredentials_Response(
        client_id=client_id,
        request_id=b"request",
        interval=5.0,
        steamid=steam_id64,
        allowed_confirmations=[m.CAuthentication_AllowedConfirmation(confirmation_type=kind) for kind in confirmations],
    )


def refuses(result: int) -> Callable[[Any], Answer]:
    return lambda request: (result, b"")


def test_password_and_code_bring_the_tokens_without_a_wait() -> None:
    steam = Steam()

    tokens = steam.sign_in()

    assert (tokens.refresh_token, tokens.guard_data, tokens.steam_id64) == (token(), "remember", ALICE)
    assert steam.calls == ["key", "begin", "code", "poll"]
    assert steam.codes == [totp.code(bytes(20), NOW // 1000)]
    assert steam.waits == []


def test_the_password_goes_encrypted_and_as_steams_own_client_cuts_it() -> None:
    steam = Steam()

    steam.sign_in(replace(SECRETS, password="pä" + "x" * 100))

    assert steam.password == b"p" + b"x" * 63
    assert steam.begun.encryption_timestamp == 77
    assert steam.begun.device_details.platform_type == 1
    assert len(steam.begun.device_details.machine_id) == 155


def test_guard_data_of_an_earlier_time_is_given_and_kept() -> None:
    plain = m.CAuthentication_PollAuthSessionStatus_Response(refresh_token=token())
    steam = Steam(poll=lambda request: (EResult.OK, plain))

    tokens = steam.sign_in(replace(SECRETS, guard_data="old"))

    assert steam.begun.guard_data == "old"
    assert tokens.guard_data == "old"


def test_a_wrong_code_is_tried_again_with_the_codes_of_the_next_windows_three_times_in_all() -> None:
    codes: list[str] = []

    def mismatch(request: Any) -> Answer:
        codes.append(request.code)
        return EResult.TWO_FACTOR_CODE_MISMATCH, b""

    steam = Steam(code=mismatch)

    with pytest.raises(SignInRejected, match="the mobile code is wrong") as rejected:
        steam.sign_in()

    windows = [NOW // 1000, NOW // 1000 + 30, NOW // 1000 + 60]
    assert codes == [totp.code(bytes(20), second) for second in windows]
    assert steam.waits == [11_000, 30_000]
    assert rejected.value.verdict is not None
    assert rejected.value.verdict.result == EResult.TWO_FACTOR_CODE_MISMATCH


def test_a_sign_in_that_was_approved_elsewhere_goes_on() -> None:
    assert Steam(code=refuses(EResult.DUPLICATE_REQUEST)).sign_in().steam_id64 == ALICE


def test_an_account_without_a_guard_needs_no_code() -> None:
    steam = Steam(begin=lambda request: (EResult.OK, begun(1)))

    steam.sign_in()

    assert steam.calls == ["key", "begin", "poll"]


@pytest.mark.parametrize(("confirmations", "wanted"), [((2, 6), "e-mail"), ((4, 5), "mobile app")])
def test_what_only_a_person_can_give_is_asked_of_a_person(confirmations: tuple[int, ...], wanted: str) -> None:
    steam = Steam(begin=lambda request: (EResult.OK, begun(*confirmations)))

    with pytest.raises(SignInRejected, match=wanted):
        steam.sign_in()


@pytest.mark.parametrize(
    "answer", [refuses(EResult.INVALID_PASSWORD), lambda request: (EResult.OK, begun(3, client_id=0))]
)
def test_a_wrong_password_stops_at_once_in_both_ways_that_steam_says_it(answer: Callable[[Any], Answer]) -> None:
    steam = Steam(begin=answer)

    with pytest.raises(SignInRejected, match="password"):
        steam.sign_in()

    assert steam.calls == ["key", "begin"]


def test_a_bot_without_password_and_token_asks_for_the_password() -> None:
    for password in (None, "", "ж"):
        with pytest.raises(SignInRejected, match="remove the bot and add it again with its password"):
            SignIn(replace(SECRETS, password=password))


def test_a_maFile_of_another_account_is_noticed_before_a_code_is_spent() -> None:  # noqa: N802
    steam = Steam()

    with pytest.raises(SignInRejected, match="the maFile of its own account"):
        steam.sign_in(replace(SECRETS, steam_id64=ALICE + 1))

    assert steam.codes == []


def test_a_rate_limit_holds_the_proxy_for_half_an_hour() -> None:
    with pytest.raises(SignInDeferred) as deferred:
        Steam(begin=refuses(EResult.RATE_LIMIT_EXCEEDED)).sign_in()

    assert deferred.value.verdict.step is Step.HOLD_PROXY
    assert deferred.value.back_off_ms == 30 * MINUTE


def test_polling_goes_on_at_steams_interval_with_steams_new_id_and_ends_after_half_a_minute() -> None:
    ids: list[int] = []

    def still_waiting(request: Any) -> Answer:
        ids.append(request.client_id)
        return EResult.OK, m.CAuthentication_PollAuthSessionStatus_Response(new_client_id=9)

    steam = Steam(poll=still_waiting)

    with pytest.raises(SignInDeferred):
        steam.sign_in()

    assert ids == [5, 9, 9, 9, 9, 9, 9]
    assert set(steam.waits) == {5_000}


@pytest.mark.parametrize("bad", [token(audience=("web", "mobile")), token(subject=ALICE + 1), "no token"])
def test_a_token_that_no_cm_would_take_is_not_taken_from_steam(bad: str) -> None:
    answer = m.CAuthentication_PollAuthSessionStatus_Response(refresh_token=bad)

    with pytest.raises(SignInDeferred):
        Steam(poll=lambda request: (EResult.OK, answer)).sign_in()


@pytest.mark.parametrize(
    ("stored", "good"),
    [
        (None, False),
        ("no token", False),
        (token(), True),
        (token(audience=("web", "mobile")), False),
        (token(expires_at=NOW // 1000), False),
        (token(subject=ALICE + 1), False),
    ],
)
def test_a_stored_token_is_offered_only_where_a_cm_may_take_it(stored: str | None, good: bool) -> None:
    claims = stored_token(replace(SECRETS, steam_id64=ALICE, refresh_token=stored), NOW)

    assert (claims is not None) == good


def test_no_secret_is_in_a_repr() -> None:
    machine = SignIn(SECRETS)

    shown = f"{machine!r} {machine.begin()!r} {Tokens('secret', 'secret', 1)!r}"

    assert "secret" not in shown
    assert "alice" not in shown


@given(st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 29, 88]), st.binary(max_size=80)), max_size=8))
def test_any_answers_end_in_a_call_a_wait_tokens_or_one_of_our_errors(answers: list[tuple[int, bytes]]) -> None:
    machine = SignIn(SECRETS)
    machine.begin()
    try:
        for result, body in answers:
            action = machine.answered(result, frame(body), NOW)
            assert isinstance(action, Call | Wait)
    except TransportError as error:
        assert isinstance(error, SignInRejected | SignInDeferred)


@given(
    st.text("0123456789abcdefg", max_size=600),
    st.text("0123456789abcdef", max_size=8),
    st.sampled_from([b"", b"\x0a\x02\xff\xfe"]),
)
def test_a_key_of_any_digits_is_used_or_refused(modulus: str, exponent: str, bad_text: bytes) -> None:
    key = m.CAuthentication_GetPasswordRSAPublicKey_Response(publickey_mod=modulus, publickey_exp=exponent)
    machine = SignIn(SECRETS)
    machine.begin()
    try:
        action = machine.answered(EResult.OK, frame(key.SerializeToString() + bad_text), NOW)
    except SignInDeferred as deferred:
        assert deferred.verdict.result == EResult.BAD_RESPONSE
    else:
        assert isinstance(action, Call)
