"""Sign-in without a password: the bot approves its own sign-in with the mobile token and the secret of its maFile."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kernel import commands as c
from plugins.steam.approval import Approval, signature
from plugins.steam.auth import Call, Wait, WebCall
from plugins.steam.errors import SignInDeferred, SignInRejected, TransportError, WebApiUnreachable
from plugins.steam.policy import Step
from plugins.steam_protocol import jwt
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.frames import Frame
from plugins.steam_sim.faults import Fault, FaultKind
from tests.plugins.steam.ground import Bot, Ground, simulated
from tests.plugins.steam.test_plugin import staged

NOW = 1_800_000_000_000


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with simulated(tmp_path) as ground:
        yield ground


def with_session(document: str, token: str) -> str:
    return json.dumps(json.loads(document) | {"Session": {"RefreshToken": token, "SteamID": 0}})


def without_password(ground: Ground, number: int = 0) -> Bot:
    """A bot whose maFile has a live session of the mobile app, and whose password nobody knows."""
    bot = Bot(ground, number)
    token = ground.simulation.mobile_token(bot.secrets.account_name)
    bot.secrets = replace(bot.secrets, password=None, mafile=with_session(bot.secrets.mafile, token))
    return bot


def strikes(ground: Ground, kind: FaultKind, eresult: int = 2, times: int | None = 1) -> None:
    ground.simulation.faults.switch_on(Fault(kind, eresult=eresult, times=times))


async def failure(bot: Bot) -> TransportError:
    with pytest.raises(TransportError) as failed:
        await bot.connect()
    return failed.value


@pytest.mark.parametrize("number", [0, 1], ids=["socks5", "http"])
async def test_a_mafile_with_a_mobile_token_needs_no_password_and_its_new_token_is_kept_before_it_is_used(
    ground: Ground, number: int
) -> None:
    bot = without_password(ground, number)
    strikes(ground, FaultKind.LOGON_RESULT, EResult.SERVICE_UNAVAILABLE)
    assert isinstance(await failure(bot), SignInDeferred)
    (kept,) = bot.saved
    assert kept.refresh_token is not None
    assert jwt.claims(kept.refresh_token).is_client_refresh_token

    strikes(ground, FaultKind.WEB_API_FAILS, times=None)
    client = await bot.connect()
    assert client.steam_id64 == ground.simulation.accounts.bots[number].steam_id64
    assert len(bot.saved) == 1, "by the token that was kept"
    await client.log_off()
    assert ground.simulation.proxy.traffic[bot.secrets.account_name].connections == 5  # list, two web calls, two CMs


async def test_with_a_password_the_password_is_used(ground: Ground) -> None:
    bot = Bot(ground)
    token = ground.simulation.mobile_token(bot.secrets.account_name)
    bot.secrets = replace(bot.secrets, mafile=with_session(bot.secrets.mafile, token))
    strikes(ground, FaultKind.WEB_API_FAILS, times=None)

    await bot.connect()
    await bot.client.log_off()


async def test_a_mobile_token_that_steam_takes_no_more_needs_the_password(ground: Ground) -> None:
    bot = without_password(ground)
    ground.simulation.revoke(bot.secrets.account_name)

    failed = await failure(bot)

    assert isinstance(failed, SignInRejected)
    assert "remove the bot and add it again with its password" in str(failed)


async def test_a_mafile_of_another_authenticator_approves_nothing_and_says_so(ground: Ground) -> None:
    bot = without_password(ground)
    bot.secrets = replace(bot.secrets, shared_secret=bytes(20))

    failed = await failure(bot)

    assert isinstance(failed, SignInRejected)
    assert "does not let the maFile approve a sign-in" in str(failed)


@pytest.mark.parametrize(
    ("kind", "eresult", "error"),
    [
        (FaultKind.RENEW_RESULT, EResult.SERVICE_UNAVAILABLE, SignInDeferred),
        (FaultKind.RENEW_RESULT, EResult.EXPIRED, SignInRejected),
        (FaultKind.BEGIN_RESULT, EResult.BUSY, SignInDeferred),
        (FaultKind.APPROVAL_RESULT, EResult.FILE_NOT_FOUND, SignInDeferred),
        (FaultKind.APPROVAL_RESULT, EResult.ACCESS_DENIED, SignInRejected),
        (FaultKind.POLL_RESULT, EResult.FILE_NOT_FOUND, SignInDeferred),
        (FaultKind.WEB_API_FAILS, 2, WebApiUnreachable),
    ],
)
async def test_an_approval_that_fails_at_any_step_is_put_off_or_stopped_and_works_again_afterwards(
    ground: Ground, kind: FaultKind, eresult: int, error: type[TransportError]
) -> None:
    bot = without_password(ground)
    strikes(ground, kind, eresult)

    assert type(await failure(bot)) is error

    await bot.connect()
    await bot.client.log_off()


async def test_too_many_approvals_hold_the_proxy(ground: Ground) -> None:
    bot = without_password(ground)
    strikes(ground, FaultKind.APPROVAL_RESULT, EResult.RATE_LIMIT_EXCEEDED)

    failed = await failure(bot)

    assert isinstance(failed, SignInDeferred)
    assert failed.verdict.step is Step.HOLD_PROXY


async def test_an_account_that_is_guarded_by_e_mail_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.simulation.faults.switch_on(Fault(FaultKind.EMAIL_GUARD))
        bot_id = await stage.world.execute(stage.add_command(0))
        await stage.world.execute(c.ConnectBot(bot_id=bot_id))

        bot = stage.world.state.bots[bot_id]
        assert (bot.status, bot.reason) == ("authFailed", "signIn.emailCode")
        assert bot.next_step == (
            "Steam wants a code from the account's e-mail, which only a person can give; put a mobile authenticator on "
            "the account, remove the bot and add it again with its maFile."
        )


async def test_a_bot_is_added_by_its_mafile_alone_where_that_has_a_live_mobile_token(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        command = stage.add_command(0)
        token = stage.simulation.mobile_token(stage.simulation.accounts.bots[0].login)
        command = c.AddBotFromMaFile(
            ma_file=with_session(str(command.ma_file), token), proxy_url=command.proxy_url, password=None
        )
        bot_id = await stage.world.execute(command)
        await stage.world.execute(c.ConnectBot(bot_id=bot_id))

        assert stage.world.state.bots[bot_id].status == "connected"


def test_an_approval_is_signed_as_the_app_signs_it() -> None:
    """The vector is node-steam-session's."""
    secret = base64.b64decode("zvIayp3JPvtvX/QGHqsqKBk/44s=")

    assert list(signature(secret, 1, 2372462679780599330, 76561197960265728)[:6]) == [56, 233, 253, 249, 254, 89]


def answer(body: m.CAuthentication_PollAuthSessionStatus_Response | bytes = b"") -> Frame:
    raw = body if isinstance(body, bytes) else body.SerializeToString()
    return Frame(EMsg.SERVICE_METHOD_RESPONSE, m.CMsgProtoBufHeader(), raw)


async def test_a_sign_in_that_was_approved_already_is_polled_and_waits_for_no_longer_than_any(ground: Ground) -> None:
    bot = without_password(ground)
    machine = Approval(bot.secrets, ground.simulation.mobile_token(bot.secrets.account_name))
    derived = m.CAuthentication_AccessToken_GenerateForApp_Response(access_token="access")
    begun = m.CAuthentication_BeginAuthSessionViaQR_Response(client_id=7, request_id=b"r", interval=5, version=1)
    assert isinstance(machine.begin(), WebCall)
    assert isinstance(machine.answered(EResult.OK, answer(derived.SerializeToString()), NOW), Call)
    approving = machine.answered(EResult.OK, answer(begun.SerializeToString()), NOW)
    assert isinstance(approving, WebCall) and approving.access_token == "access"
    assert "access" not in repr(approving)

    assert isinstance(machine.answered(EResult.DUPLICATE_REQUEST, answer(), NOW), Call)
    assert isinstance(machine.answered(EResult.OK, answer(), NOW), Wait)
    with pytest.raises(SignInDeferred):
        machine.answered(EResult.OK, answer(), NOW + 60_000)
