"""The spellings of maFiles that people have: what is read in each, and what is told where there is a doubt."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import authenticator_keys, mafile
from plugins.steam.errors import MaFileInvalid
from plugins.steam.mafile import RemarkCode

SECRET = bytes.fromhex("fbefbe00102030405060708090a0b0c0d0e0ff3f")
"""Its base64 has a plus and a slash in it."""
BASE64 = base64.b64encode(SECRET).decode()
BASE32 = base64.b32encode(SECRET).decode()
STEAM_ID = 76561198012345679
ROUNDED = int(float(STEAM_ID))
OTHER = 76561198055555555


def token(subject: int = STEAM_ID, audience: tuple[str, ...] = ("web", "mobile"), issuer: str = "steam") -> str:
    claims = {"iss": issuer, "sub": str(subject), "aud": audience, "exp": 2_000_000_000}
    parts = (b'{"typ":"JWT"}', json.dumps(claims).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def plain(**changes: object) -> dict[str, object]:
    file = {"shared_secret": BASE64, "account_name": "alice", "Session": {"SteamID": STEAM_ID}} | changes
    return {key: value for key, value in file.items() if value is not None}


def refusal(source: Any) -> MaFileInvalid:
    with pytest.raises(MaFileInvalid) as refused:
        mafile.parse(source)
    return refused.value


TEXT = json.dumps(plain())


@pytest.mark.parametrize(
    "source",
    [
        TEXT.encode() + b"\0" * 512,
        b"\n\0" + TEXT.encode() + b"\0\r\n\x1a",
        b"\xef\xbb\xbf" + TEXT.encode() + b"\0",
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le") + b"\0\0\0\0",
        TEXT.encode("utf-32"),
        json.dumps(plain(Group="основные"), ensure_ascii=False).encode("cp1251"),
        json.dumps([plain()]),
        json.dumps([[plain()]]),
        json.dumps({"response": plain()}),
        json.dumps({"response": [plain()]}),
        json.dumps({"data": {"account": plain()}}),
        json.dumps({"steamid": str(STEAM_ID), "response": plain(Session=None)}),
        json.dumps({"account_name": "alice", "authenticator": plain(account_name=None)}),
        json.dumps({str(STEAM_ID): plain(Session=None)}),
        json.dumps({"accounts": {str(STEAM_ID): plain(Session=None)}}),
        json.dumps({"SteamGuardAccount": plain(Session=None), "Session": {"SteamID": STEAM_ID}}),
        json.dumps(TEXT),
        TEXT.replace("}}", "},}"),
        json.dumps(plain(), indent=2).replace("\n}", ",\n}\n"),
    ],
)
def test_a_file_is_read_however_its_text_is_wrapped(source: str | bytes) -> None:
    read = mafile.parse(source)

    assert (read.account_name, read.shared_secret, read.steam_id64) == ("alice", SECRET, STEAM_ID)
    assert mafile.parse(read.document) == read


@pytest.mark.parametrize(
    "secret",
    [
        BASE64,
        f" {BASE64}\n",
        f"{BASE64[:9]} {BASE64[9:]}",
        f"{BASE64[:14]}\r\n{BASE64[14:]}",
        f"{BASE64[:14]}\\n{BASE64[14:]}",
        f"{BASE64[:5]}\u00a0{BASE64[5:]}",
        " ".join(BASE64),
        BASE64.replace("+", " "),
        urllib.parse.quote(BASE64, safe=""),
        urllib.parse.quote(urllib.parse.quote(BASE64, safe=""), safe=""),
        BASE64.replace("=", "%3D"),
        base64.urlsafe_b64encode(SECRET).decode(),
        BASE64.rstrip("="),
        base64.urlsafe_b64encode(SECRET).decode().rstrip("="),
        BASE64.replace("/", "\\/"),
        f'"{BASE64}"',
        SECRET.hex(),
        SECRET.hex().upper(),
        f"0x{SECRET.hex()}",
        SECRET.hex(":"),
        SECRET.hex(" "),
        BASE32,
        BASE32.lower(),
        " ".join(BASE32[at : at + 4] for at in range(0, 32, 4)),
        list(SECRET),
        {"type": "Buffer", "data": list(SECRET)},
    ],
)
def test_a_shared_secret_is_read_in_every_spelling_of_its_20_bytes(secret: object) -> None:
    assert mafile.parse(plain(shared_secret=secret)).shared_secret == SECRET


def test_a_line_break_within_a_string_of_the_json_is_none_of_the_secret() -> None:
    assert mafile.parse(TEXT.replace(BASE64, f"{BASE64[:14]}\n{BASE64[14:]}")).shared_secret == SECRET


@given(st.binary(min_size=20, max_size=20), st.sampled_from(["base64", "url", "hex", "base32", "escaped", "form"]))
def test_no_spelling_is_taken_for_another(secret: bytes, spelling: str) -> None:
    written = {
        "base64": base64.b64encode(secret).decode(),
        "url": base64.urlsafe_b64encode(secret).decode().rstrip("="),
        "hex": secret.hex(),
        "base32": base64.b32encode(secret).decode(),
        "escaped": urllib.parse.quote(base64.b64encode(secret).decode(), safe=""),
        "form": base64.b64encode(secret).decode().replace("+", " "),
    }[spelling]

    assert authenticator_keys.read(written) in (secret, None if written[:1] == " " else secret)


@pytest.mark.parametrize(
    "secret",
    ["x" * 27 + "!", BASE64[1:], "A" + BASE64, SECRET.hex()[1:], BASE32[1:], [1, 2, 3], [300] * 20, 7, "ключ", {}],
)
def test_a_secret_of_another_length_is_refused_by_its_field_and_not_quoted(secret: object) -> None:
    refused = refusal(plain(shared_secret=secret))

    assert (refused.code, refused.field) == ("maFile.invalidField", "shared_secret")
    assert not isinstance(secret, str) or secret not in str(refused)


@pytest.mark.parametrize("secret", [None, "", "*** hidden ***"])
@pytest.mark.parametrize(
    "uri",
    [
        f"otpauth://totp/Steam:alice?secret={BASE32}&issuer=Steam",
        f"otpauth://totp/Steam%3Aalice?issuer=Steam&secret={BASE32.lower()}",
        f"otpauth://totp/Steam:alice?secret={BASE32}%3D&amp;issuer=Steam",
    ],
)
def test_the_uri_has_the_secret_where_the_field_has_none_and_that_is_told(secret: object, uri: str) -> None:
    read = mafile.parse(plain(shared_secret=secret, uri=uri))

    assert read.shared_secret == SECRET
    assert [note.code for note in read.notes] == [RemarkCode.SECRET_FROM_URI]


def test_a_line_of_an_export_of_winauth_is_a_file() -> None:
    data = urllib.parse.quote(json.dumps(plain()), safe="")

    read = mafile.parse(f"otpauth://totp/Steam:alice?secret={BASE32}&issuer=Steam&data={data}\n")

    assert (read.account_name, read.shared_secret, read.steam_id64) == ("alice", SECRET, STEAM_ID)


def test_two_secrets_in_one_file_are_a_contradiction() -> None:
    other = base64.b32encode(SECRET[::-1]).decode()

    refused = refusal(plain(uri=f"otpauth://totp/Steam:alice?secret={other}"))

    assert (refused.code, refused.field) == ("maFile.contradictory", "shared_secret")
    assert other not in str(refused)


@pytest.mark.parametrize(
    "session",
    [
        {"tokens": {"access_token": token(issuer="r:1"), "refresh_token": token()}, "steam_id": STEAM_ID},
        {"SessionData": {"RefreshToken": {"Token": token(), "SteamId": STEAM_ID, "Expires": "2033", "Type": 1}}},
        {"Session": {"RefreshToken": f"{STEAM_ID}%7C%7C{token()}"}},
        {"Session": {"RefreshToken": f"{STEAM_ID}||{token()}"}},
        {"Session": {"SteamLoginSecure": f"{STEAM_ID}%7C%7C{token()}"}},
        {"Session": {"SteamLoginSecure": f"{STEAM_ID}%257C%257C{token()}"}},
        {"Session": {"OAuthToken": token(), "SteamID": STEAM_ID}},
        {"Session": {"OAuthToken": "0123456789abcdef", "RefreshToken": token()}},
        {"Session": {"AccessToken": token(issuer="r:1"), "RefreshToken": f" {token()}\n"}},
        {"Session": {"RefreshToken": f'"{token()}"'}},
        {"refresh_token": token(), "Session": None},
        {"refreshToken": token()},
        {"Session": {"refresh_token": token(), "steamid": str(STEAM_ID)}},
    ],
)
def test_the_refresh_token_is_found_wherever_a_program_keeps_it(session: dict[str, object]) -> None:
    read = mafile.parse(plain(Session=None) | session)

    assert (read.refresh_token, read.steam_id64) == (token(), STEAM_ID)


def test_of_several_tokens_the_one_that_a_sign_in_can_use_is_taken() -> None:
    client, mobile = token(audience=("client", "web")), token()
    session = {"AccessToken": token(issuer="r:1"), "RefreshToken": mobile, "OAuthToken": client}

    assert mafile.parse(plain(Session=session)).refresh_token == client


@pytest.mark.parametrize(
    "written",
    [STEAM_ID, str(STEAM_ID), f" {STEAM_ID} ", f"[U:1:{STEAM_ID - 2**56 - 2**52 - 2**32}]", "STEAM_0:1:26039975"],
)
@pytest.mark.parametrize("key", ["steamid", "steam_id", "SteamID", "steamId64"])
def test_a_steamid_is_read_as_a_number_a_text_and_in_steams_other_spellings(key: str, written: object) -> None:
    assert mafile.parse(plain(Session=None) | {key: written}).steam_id64 == STEAM_ID


@pytest.mark.parametrize("number", [ROUNDED, str(ROUNDED), float(STEAM_ID)])
def test_a_steamid_that_javascript_has_rounded_gives_way_to_the_tokens_and_that_is_told(number: object) -> None:
    read = mafile.parse(plain(Session={"SteamID": number, "RefreshToken": token()}))

    assert read.steam_id64 == STEAM_ID
    assert [note.code for note in read.notes] == [RemarkCode.STEAM_ID_ROUNDED]
    assert f"{STEAM_ID}" in read.notes[0].text
    assert "RefreshToken" in read.notes[0].text


def test_a_steamid_in_scientific_notation_has_lost_digits_and_is_not_guessed() -> None:
    text = TEXT.replace(str(STEAM_ID), f"{STEAM_ID:.16e}")

    assert mafile.parse(text).steam_id64 is None


def test_an_exact_text_goes_before_the_rounded_number_of_the_same_account() -> None:
    read = mafile.parse(plain(Session={"SteamID": ROUNDED}, steamid=str(STEAM_ID)))

    assert read.steam_id64 == STEAM_ID


@pytest.mark.parametrize(
    "file",
    [
        plain(Session={"SteamID": OTHER, "RefreshToken": token()}),
        plain(Session={"SteamID": STEAM_ID, "OAuthToken": token(OTHER)}),
        plain(Session={"SteamID": STEAM_ID}, steamid=OTHER),
        plain(Session={"RefreshToken": token(), "AccessToken": token(OTHER, issuer="r:1")}),
        plain(Session={"SteamID": STEAM_ID, "SteamLoginSecure": f"{OTHER}%7C%7Cdead"}),
        plain(SessionData={"RefreshToken": {"Token": token(), "SteamId": OTHER}}),
    ],
)
def test_two_accounts_in_one_file_are_told_with_the_exact_source_and_none_is_chosen(file: dict[str, object]) -> None:
    refused = refusal(file)

    assert (refused.code, refused.field) == ("maFile.contradictory", "steamid")
    assert f"{STEAM_ID}" in str(refused)
    assert f"{OTHER}" in str(refused)
    assert token() not in str(refused)


def test_a_tokens_own_account_is_never_taken_for_another_one_rounded() -> None:
    refused = refusal(plain(Session={"SteamID": STEAM_ID, "RefreshToken": token(ROUNDED)}))

    assert refused.code == "maFile.contradictory"


def test_a_file_of_several_accounts_says_how_many_and_where_it_is_taken() -> None:
    refused = refusal(json.dumps([plain(), plain(account_name="bob")]))

    assert refused.code == "maFile.several"
    assert "2 accounts" in str(refused)


@pytest.mark.parametrize("text", [TEXT[:-4], TEXT + "rest", TEXT.replace('"', "'"), "{" * 10_000, "[1, 2", "{}{"])
def test_broken_json_is_told_and_nothing_of_it_is_quoted(text: str) -> None:
    refused = refusal(text)

    assert refused.code == "maFile.notJson"
    assert BASE64 not in str(refused)


def test_files_within_files_within_files_end_somewhere() -> None:
    nested: object = plain()
    for _ in range(400):
        nested = {"data": nested}

    assert refusal(json.dumps(nested)).code in {"maFile.missingField", "maFile.notJson"}
