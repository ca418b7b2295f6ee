"""Signing in: password, Steam Guard code, tokens, and what each is refused with."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from plugins.steam_protocol import jwt, services
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CAuthentication_AccessToken_GenerateForApp_Request,
    CAuthentication_BeginAuthSessionViaCredentials_Request,
    CAuthentication_BeginAuthSessionViaCredentials_Response,
    CAuthentication_PollAuthSessionStatus_Request,
)
from plugins.steam_sim import tokens
from plugins.steam_sim.certificate import PasswordKey
from plugins.steam_sim.world import TokensRevoked
from tests.plugins.steam_sim.client import SteamClient, SteamError
from tests.plugins.steam_sim.steam import NOON, Steam

Begun = CAuthentication_BeginAuthSessionViaCredentials_Response


async def begin(steam: Steam, client: SteamClient, platform: int = 1) -> Begun:
    return await client.begin(steam.bot().login, steam.bot().password, platform)


async def test_an_account_with_an_authenticator_offers_code_and_confirmation(steam: Steam) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)

    assert [offer.confirmation_type for offer in begun.allowed_confirmations] == [3, 4]
    assert begun.steamid == steam.bot().steam_id64
    assert begun.interval == 5.0


async def test_a_client_reads_in_its_token_whose_it_is_and_what_for(steam: Steam) -> None:
    claims = jwt.claims(await steam.token())

    assert claims.steam_id64 == steam.bot().steam_id64
    assert claims.is_client_refresh_token
    assert claims.expires_at == NOON + tokens.REFRESH_LIFETIME


@pytest.mark.parametrize(("login", "password"), [(None, "wrong"), ("nobody", None), (None, "пароль"), (None, "")])
async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(
    steam: Steam, login: str | None, password: str | None
) -> None:
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await client.begin(login or steam.bot().login, password if password is not None else steam.bot().password)

    assert refused.value.eresult == EResult.INVALID_PASSWORD


async def test_a_sign_in_that_does_not_say_its_platform_is_refused(steam: Steam) -> None:
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await begin(steam, client, platform=0)

    assert refused.value.eresult == EResult.INVALID_PARAM


async def test_a_password_that_no_key_encrypted_is_refused(steam: Steam) -> None:
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await client.call(
                services.BEGIN_AUTH_SESSION_VIA_CREDENTIALS,
                CAuthentication_BeginAuthSessionViaCredentials_Request(
                    account_name=steam.bot().login, encrypted_password="AAAA", platform_type=1
                ),
            )

    assert refused.value.eresult == EResult.INVALID_PARAM


async def test_a_wrong_code_is_refused_and_the_right_one_still_works(steam: Steam) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)
        with pytest.raises(SteamError) as refused:
            await client.give_code(begun, "22222")
        assert await client.poll(begun) == ""
        await client.give_code(begun, steam.code())

        token = await client.poll(begun)
        assert token
        assert await client.poll(begun) == token
    assert refused.value.eresult == EResult.TWO_FACTOR_CODE_MISMATCH


async def test_a_code_works_once_only(steam: Steam) -> None:
    await steam.token()
    async with await steam.client() as client:
        begun = await begin(steam, client)
        with pytest.raises(SteamError) as refused:
            await client.give_code(begun, steam.code())
        assert refused.value.eresult == EResult.TWO_FACTOR_CODE_MISMATCH

        steam.wall += 30
        await client.give_code(begun, steam.code())
        assert await client.poll(begun)


@pytest.mark.parametrize(("steps", "works"), [(0, True), (-1, True), (-2, False), (1, False)])
async def test_a_code_holds_for_its_step_and_the_next(steam: Steam, steps: int, works: bool) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)
        if works:
            await client.give_code(begun, steam.code(steps=steps))
            return
        with pytest.raises(SteamError) as refused:
            await client.give_code(begun, steam.code(steps=steps))

    assert refused.value.eresult == EResult.TWO_FACTOR_CODE_MISMATCH


async def test_a_code_for_a_sign_in_that_is_approved_is_a_duplicate(steam: Steam) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)
        await client.give_code(begun, steam.code())
        with pytest.raises(SteamError) as refused:
            await client.give_code(begun, steam.code())

    assert refused.value.eresult == EResult.DUPLICATE_REQUEST


async def test_a_sign_in_ends_after_five_minutes(steam: Steam) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)
        steam.wall += 301
        with pytest.raises(SteamError) as refused:
            await client.give_code(begun, steam.code())

    assert refused.value.eresult == EResult.EXPIRED


async def test_nobody_polls_for_the_tokens_of_another(steam: Steam) -> None:
    async with await steam.client() as client:
        begun = await begin(steam, client)
        await client.give_code(begun, steam.code())
        with pytest.raises(SteamError) as refused:
            await client.call(
                services.POLL_AUTH_SESSION_STATUS,
                CAuthentication_PollAuthSessionStatus_Request(client_id=begun.client_id, request_id=b"guess"),
            )

    assert refused.value.eresult == EResult.FILE_NOT_FOUND


async def log_on_refused(steam: Steam, token: str, steam_id64: int | None = None) -> int:
    """The EResult with which a logon by this token is refused; the server then closes."""
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await client.log_on(steam_id64 or steam.bot().steam_id64, token)
        await client.is_closed()
    return refused.value.eresult


async def test_a_dead_token_is_an_invalid_password(steam: Steam) -> None:
    token = await steam.token()
    steam.simulation.revoke(steam.bot().login)

    assert await log_on_refused(steam, token) == EResult.INVALID_PASSWORD


async def test_a_token_dies_at_the_end_that_it_names(steam: Steam) -> None:
    token = await steam.token()
    steam.wall += tokens.REFRESH_LIFETIME

    assert await log_on_refused(steam, token) == EResult.INVALID_PASSWORD


async def test_a_made_up_token_and_the_token_in_a_mafile_are_invalid_passwords(steam: Steam) -> None:
    made_up = tokens.refresh_token(steam.bot().steam_id64, ("web", "client"), int(steam.wall))
    async with await steam.client() as client:
        begun = await begin(steam, client, platform=3)
        await client.give_code(begun, steam.code())
        mobile = await client.poll(begun)
    assert "mobile" in jwt.claims(mobile).audience

    assert await log_on_refused(steam, made_up.text) == EResult.INVALID_PASSWORD
    assert await log_on_refused(steam, mobile) == EResult.INVALID_PASSWORD
    assert await log_on_refused(steam, "") == EResult.INVALID_PASSWORD


async def test_a_token_is_good_for_its_own_account_only(steam: Steam) -> None:
    assert await log_on_refused(steam, await steam.token(), steam.bot(1).steam_id64) == EResult.INVALID_PASSWORD


async def test_a_client_may_leave_its_account_id_out_as_steamkit_does(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64 & ~0xFFFFFFFF, token)

        assert client.steam_id64 == steam.bot().steam_id64


async def renew(client: SteamClient, steam: Steam, token: str) -> str:
    """The new refresh token, empty where Steam keeps the old one."""
    renewed = await client.call(
        services.GENERATE_ACCESS_TOKEN_FOR_APP,
        CAuthentication_AccessToken_GenerateForApp_Request(
            refresh_token=token, steamid=steam.bot().steam_id64, renewal_type=1
        ),
    )
    assert jwt.claims(renewed.access_token).steam_id64 == steam.bot().steam_id64
    return renewed.refresh_token


async def test_a_token_is_renewed_near_its_end_and_the_old_one_dies_at_once(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64, token)
        assert await renew(client, steam, token) == ""

        steam.wall += tokens.REFRESH_LIFETIME - tokens.RENEWAL_WINDOW + 1
        new = await renew(client, steam, token)

    assert await log_on_refused(steam, token) == EResult.INVALID_PASSWORD
    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64, new)


async def test_a_client_token_is_renewed_over_its_own_session_only(steam: Steam) -> None:
    token, other = await steam.token(), await steam.token(1)
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await renew(client, steam, token)
        assert refused.value.eresult == EResult.ACCESS_DENIED
        await client.log_on(steam.bot().steam_id64, token)
        with pytest.raises(SteamError) as refused:
            await renew(client, steam, other)

    assert refused.value.eresult == EResult.ACCESS_DENIED


async def test_tokens_and_used_codes_outlive_a_restart_and_stand_in_no_file(steam: Steam) -> None:
    token = await steam.token()
    await steam.restart()

    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64, token)
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await client.sign_in(steam.bot().login, steam.bot().password, steam.code())
    assert refused.value.eresult == EResult.TWO_FACTOR_CODE_MISMATCH
    log = (steam.options.folder / "world.log").read_text()
    assert token not in log
    assert token.split(".")[2] not in log


def test_a_revocation_names_no_token() -> None:
    assert "owner" in repr(TokensRevoked(1))
    assert "signature" not in repr(tokens.refresh_token(1, ("client",), 0))
    assert tokens.refresh_token(1, ("client",), 0).text not in repr(tokens.refresh_token(1, ("client",), 0))


def test_a_password_whose_cipher_text_came_without_its_leading_zero_is_read_all_the_same(tmp_path: Path) -> None:
    key = PasswordKey(tmp_path / "rsa.pem")
    key.prepare()
    public = rsa.RSAPublicNumbers(int(key.public.exponent, 16), int(key.public.modulus, 16)).public_key()
    encrypted = b"x"
    while encrypted[0]:  # one in 256 is such a number
        encrypted = public.encrypt(b"secret", padding.PKCS1v15())

    assert key.decrypt(base64.b64encode(encrypted[1:]).decode()) == "secret"
