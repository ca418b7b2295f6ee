"""maFiles as they are in the wild, and all that is none."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import mafile
from plugins.steam.errors import MaFileInvalid
from plugins.steam.mafile import MaFile

SECRET = bytes(range(20))
STEAM_ID = 76561197960265729


def sda(**changes: object) -> dict[str, object]:
    """A maFile as Steam Desktop Authenticator writes it; None takes a key out."""
    file: dict[str, object] = {
        "shared_secret": base64.b64encode(SECRET).decode(),
        "serial_number": "-4611686018427387904",
        "revocation_code": "R12345",
        "uri": "otpauth://totp/Steam:alice?secret=AAAQ&issuer=Steam",
        "account_name": "alice",
        "identity_secret": base64.b64encode(SECRET[::-1]).decode(),
        "device_id": "android:1234",
        "fully_enrolled": True,
        "Session": {"SteamID": STEAM_ID, "AccessToken": None, "RefreshToken": "a.b.c", "SessionID": None},
    } | changes
    return {key: value for key, value in file.items() if value is not None}


def token(subject: str) -> str:
    claims = {"iss": "steam", "sub": subject, "aud": ["web", "mobile"], "exp": 2_000_000_000}
    return ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", json.dumps(claims).encode(), b"s")
    )


def refusal(source: object) -> MaFileInvalid:
    with pytest.raises(MaFileInvalid) as refused:
        mafile.parse(source)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.parametrize(
    "source",
    [
        sda(),
        json.dumps(sda()),
        json.dumps(sda(), indent=2).encode(),
        b"\xef\xbb\xbf" + json.dumps(sda()).encode(),
        "\ufeff" + json.dumps(sda()),
        json.dumps(sda()).encode("utf-16"),
    ],
    ids=["object", "text", "bytes", "bytes with BOM", "text with BOM", "UTF-16"],
)
def test_a_file_of_the_desktop_authenticator_is_read_however_it_is_handed_in(source: object) -> None:
    read = mafile.parse(source)  # type: ignore[arg-type]

    assert read.account_name == "alice"
    assert read.shared_secret == SECRET
    assert read.identity_secret == SECRET[::-1]
    assert read.steam_id64 == STEAM_ID
    assert read.serial_number == 2**64 - 4611686018427387904
    assert read.refresh_token == "a.b.c"
    assert json.loads(read.document) == sda()


def test_nebulas_keys_are_the_same_keys() -> None:
    read = mafile.parse(
        {
            "SharedSecret": base64.b64encode(SECRET).decode(),
            "AccountName": "alice",
            "DeviceId": "android:1",
            "SessionData": {"SteamId": str(STEAM_ID), "RefreshToken": "t"},
            "@SLSV": 3,
        }
    )

    assert (read.account_name, read.steam_id64, read.device_id) == ("alice", STEAM_ID, "android:1")
    assert '"@SLSV":3' in read.document


def test_a_mini_file_with_a_uri_is_enough() -> None:
    read = mafile.parse(
        {
            "shared_secret": base64.b64encode(SECRET).decode(),
            "uri": "otpauth://totp/Steam:al%20ice?secret=X&issuer=Steam",
        }
    )

    assert (read.account_name, read.steam_id64, read.serial_number) == ("al ice", None, None)


def test_a_secret_with_escaped_slashes_is_the_same_secret() -> None:
    secret = b"\xff" * 20

    written = base64.b64encode(secret).decode().replace("/", "\\/")

    assert mafile.parse(sda(shared_secret=written)).shared_secret == secret


@pytest.mark.parametrize(
    "file",
    [
        sda(Session={"SteamID": 0}, steamid=STEAM_ID),
        sda(Session=None, steamid=str(STEAM_ID)),
        sda(Session={"SteamID": None, "RefreshToken": "no token", "AccessToken": token(str(STEAM_ID))}),
        sda(Session={"RefreshToken": token(str(STEAM_ID))}),
    ],
)
def test_the_owner_is_found_wherever_the_file_names_it(file: dict[str, object]) -> None:
    assert mafile.parse(file).steam_id64 == STEAM_ID


@pytest.mark.parametrize("session", [None, {}, {"SteamID": 0}, {"RefreshToken": "old"}, "none", {"SteamID": ""}])
def test_a_file_that_does_not_name_its_owner_is_good_enough(session: object) -> None:
    assert mafile.parse(sda(Session=session)).steam_id64 is None


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "maFile.notJson"),
        ("{", "maFile.notJson"),
        ('{"a": NaN}', "maFile.notJson"),
        ("[" * 50_000, "maFile.notJson"),
        ("[]", "maFile.notObject"),
        ("null", "maFile.notObject"),
        (b"\xff\x00\x80", "maFile.notText"),
        ("\ud800", "maFile.notText"),
        (b" " * 70_000, "maFile.tooLarge"),
        ({"blob": "x" * 70_000}, "maFile.tooLarge"),
        (base64.b64encode(bytes(400)).decode(), "maFile.encrypted"),
    ],
)
def test_what_is_no_maFile_is_refused_for_what_it_is(source: object, code: str) -> None:  # noqa: N802
    assert refusal(source).code == code


@pytest.mark.parametrize(
    ("file", "code", "field"),
    [
        (sda(shared_secret=None), "maFile.missingField", "shared_secret"),
        (sda(shared_secret=""), "maFile.missingField", "shared_secret"),
        (sda(shared_secret="hunter2hunter2"), "maFile.invalidField", "shared_secret"),
        (sda(shared_secret=base64.b64encode(bytes(19)).decode()), "maFile.invalidField", "shared_secret"),
        (sda(shared_secret=5), "maFile.invalidField", "shared_secret"),
        (sda(account_name=None, uri=None), "maFile.missingField", "account_name"),
        (sda(account_name="a\nb"), "maFile.invalidField", "account_name"),
        (sda(Session={"SteamID": 103582791429521408}), "maFile.invalidField", "Session.SteamID"),
        (sda(Session={"SteamID": 7.65e16}), "maFile.invalidField", "Session.SteamID"),
        (sda(Session=None, steamid="alice"), "maFile.invalidField", "steamid"),
    ],
)
def test_a_field_that_will_not_do_is_named(file: dict[str, object], code: str, field: str) -> None:
    refused = refusal(file)

    assert (refused.code, refused.field) == (code, field)
    assert field in str(refused)


def test_no_secret_of_a_file_is_in_its_repr_or_in_a_refusal() -> None:
    secrets = (base64.b64encode(SECRET).decode(), "R12345", "a.b.c")

    shown = repr(mafile.parse(sda()))
    refused = str(refusal(sda(shared_secret="hunter2", account_name="alice")))

    assert not any(secret in shown for secret in secrets)
    assert "hunter2" not in refused


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["shared_secret", "SharedSecret", "account_name", "uri", "Session", "SessionData", "steamid", "serial_number"]
)


@given(st.dictionaries(KEYS, JSON | st.sampled_from([base64.b64encode(SECRET).decode(), "otpauth://totp/Steam:x?"])))
def test_any_object_is_a_file_or_a_refusal(file: dict[str, object]) -> None:
    try:
        read = mafile.parse(file)
    except MaFileInvalid as refused:
        assert refused.code.startswith("maFile.")
    else:
        assert isinstance(read, MaFile)
        assert len(read.shared_secret) == 20


@given(st.binary() | st.text() | JSON.map(json.dumps))
def test_any_bytes_or_text_are_a_file_or_a_refusal(source: bytes | str) -> None:
    try:
        mafile.parse(source)
    except MaFileInvalid as refused:
        assert str(refused)


@given(st.dictionaries(st.text(min_size=1).map(lambda key: f"x{key}"), JSON, max_size=5))
def test_what_nobody_here_knows_is_kept(unknown: dict[str, object]) -> None:
    assert json.loads(mafile.parse(json.dumps(sda() | unknown)).document) == sda() | unknown
