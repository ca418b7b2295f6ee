"""Folders of maFiles as authenticators keep them, encrypted and not."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from plugins.steam import mafile
from plugins.steam.importing import reading, sources
from plugins.steam.importing.reading import Found
from plugins.steam.mafile import RemarkCode

SECRET = base64.b64encode(bytes(range(20))).decode()
STEAM_ID = 76561197960265729
PASSKEY = "password"
SALT = "GMhL0N2hqXg="
KEY = base64.b64decode("KtiRa4/OxW83MlB6URf+Z8rAGj7CBY+pDlwD/NuVo6Y=")
"""What SDA makes of that passkey and salt."""
IV = bytes(range(16))


def sealed(content: bytes, key: bytes = KEY, iv: bytes = IV) -> str:
    """AES-256-CBC with PKCS#7, in base64, as SDA and Nebula write it."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    padded = padder.update(content) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def document(**changes: Any) -> dict[str, Any]:
    file = {"shared_secret": SECRET, "account_name": "alice", "Session": {"SteamID": STEAM_ID}} | changes
    return {key: value for key, value in file.items() if value is not None}


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / name).write_text(json.dumps(content))


def encrypted(folder: Path, name: str, content: dict[str, Any]) -> None:
    """A folder with one file that SDA has encrypted, and its manifest."""
    entry = {
        "encryption_iv": base64.b64encode(IV).decode(),
        "encryption_salt": SALT,
        "filename": name,
        "steamid": STEAM_ID,
    }
    (folder / name).write_text(sealed(json.dumps(content).encode()))
    write(folder, "manifest.json", {"encrypted": True, "first_run": True, "entries": [entry], "auto_confirm": False})


def every(folder: Path, passkey: str | None = None) -> list[Found]:
    return list(reading.read(sources.sort(sources.in_paths([folder])), passkey))


def only(folder: Path, passkey: str | None = None) -> Found:
    (found,) = every(folder, passkey)
    return found


def refusal(found: Found) -> str:
    assert found.problem is not None
    return found.problem.code


def test_a_folder_that_sda_has_encrypted_opens_with_its_passkey(tmp_path: Path) -> None:
    encrypted(tmp_path, f"{STEAM_ID}.maFile", document(wild_key={"kept": [1]}))

    found = only(tmp_path, PASSKEY)

    assert found.account_name == "alice"
    assert json.loads(found.document) == document(wild_key={"kept": [1]})


@pytest.mark.parametrize(("passkey", "code"), [(None, "maFile.encrypted"), ("wrong", "maFile.wrongPasskey")])
def test_without_the_right_passkey_an_encrypted_file_is_refused_and_told_what_it_wants(
    tmp_path: Path, passkey: str | None, code: str
) -> None:
    encrypted(tmp_path, f"{STEAM_ID}.maFile", document())

    assert refusal(only(tmp_path, passkey)) == code


def test_an_encrypted_file_without_its_manifest_says_that_the_folder_is_needed(tmp_path: Path) -> None:
    encrypted(tmp_path, f"{STEAM_ID}.maFile", document())
    (tmp_path / "manifest.json").unlink()

    found = only(tmp_path, PASSKEY)

    assert refusal(found) == "maFile.encrypted"
    assert "manifest.json" in str(found.problem)


def test_plain_files_in_an_encrypted_folder_are_read_as_they_are(tmp_path: Path) -> None:
    encrypted(tmp_path, f"{STEAM_ID}.maFile", document())
    write(tmp_path, "bob.maFile", document(account_name="bob"))

    assert [found.account_name for found in every(tmp_path, PASSKEY)] == ["alice", "bob"]


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"  \r\n",
        b"\0\0\0\0",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b'{"entries": null}',
        b'{"entries": {}}',
        b'{"entries": [null, 5, {"filename": 7}, {"steamid": 1}]}',
        b'{"manifest_version": 3, "name": "an extension", "version": "1.0"}',
        b"\xff\xfe\x00",
        b"[" * 10_000,
        '{"entries": []}'.encode("utf-16"),
    ],
)
def test_plain_files_need_no_manifest(tmp_path: Path, manifest: bytes) -> None:
    write(tmp_path, "alice.maFile", document())
    write(tmp_path, "bob.maFile", document(account_name="bob", Session=None))
    (tmp_path / "manifest.json").write_bytes(manifest)

    assert [(found.account_name, found.problem) for found in every(tmp_path)] == [("alice", None), ("bob", None)]


@pytest.mark.parametrize("manifest", ["", "{}", '{"entries": []}', '{"entries": [{"filename": "other.maFile"}]}'])
def test_an_encrypted_file_that_its_manifest_does_not_open_is_told_as_what_it_is(tmp_path: Path, manifest: str) -> None:
    encrypted(tmp_path, "alice.maFile", document())
    (tmp_path / "manifest.json").write_text(manifest)

    found = only(tmp_path, PASSKEY)

    assert refusal(found) == "maFile.encrypted"
    assert "manifest.json" in str(found.problem)


def test_one_odd_entry_of_a_manifest_leaves_the_others_good(tmp_path: Path) -> None:
    encrypted(tmp_path, "alice.maFile", document())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["entries"] = [None, {"filename": 5}, {"filename": "x", "encryption_iv": 7}, *manifest["entries"]]
    write(tmp_path, "manifest.json", manifest)

    assert only(tmp_path, PASSKEY).account_name == "alice"


@pytest.mark.parametrize("name", ["alice (1).maFile", "alice - Copy.maFile", "ALICE.MAFILE"])
def test_a_copy_of_an_encrypted_file_opens_with_the_entry_of_the_file(tmp_path: Path, name: str) -> None:
    encrypted(tmp_path, "alice.maFile", document())
    (tmp_path / "alice.maFile").rename(tmp_path / name)

    assert only(tmp_path, PASSKEY).account_name == "alice"


def steamguard(folder: Path, scheme: str, key: bytes, **changes: Any) -> None:
    """A folder as steamguard-cli keeps it, its file encrypted: the form of its own fixtures, with made-up values."""
    account = {"account_name": "alice", "steam_id": STEAM_ID, "shared_secret": SECRET, "tokens": None} | changes
    encryption = {"iv": base64.b64encode(IV).decode(), "salt": SALT, "scheme": scheme}
    entry = {"filename": "alice.maFile", "steam_id": STEAM_ID, "account_name": "alice", "encryption": encryption}
    (folder / "alice.maFile").write_text(sealed(json.dumps(account).encode(), key))
    write(folder, "manifest.json", {"version": 1, "entries": [entry]})


ARGON2_KEY = base64.b64decode("DTm3hc95aKyAGmyVMZdLUPfcPjcXN1i1zYObYJg2GzY=")
"""What steamguard-cli makes of that passkey and salt by argon2id; its tests say so."""


@pytest.mark.parametrize(("scheme", "key"), [("Argon2idAes256", ARGON2_KEY), ("LegacySdaCompatible", KEY)])
def test_a_folder_that_steamguard_cli_has_encrypted_opens_with_its_passkey(
    tmp_path: Path, scheme: str, key: bytes
) -> None:
    steamguard(tmp_path, scheme, key)

    found, wrong, without = only(tmp_path, PASSKEY), only(tmp_path, "wrong"), only(tmp_path)

    assert (found.account_name, found.steam_id64, found.problem) == ("alice", STEAM_ID, None)
    assert (refusal(wrong), refusal(without)) == ("maFile.wrongPasskey", "maFile.encrypted")


def test_a_scheme_that_is_not_known_is_told_with_the_way_out(tmp_path: Path) -> None:
    steamguard(tmp_path, "Keyring2030", KEY)

    found = only(tmp_path, PASSKEY)

    assert refusal(found) == "maFile.encrypted"
    assert "decrypt" in str(found.problem)


def test_a_manifest_with_a_byte_order_mark_and_keys_of_its_own_is_read(tmp_path: Path) -> None:
    encrypted(tmp_path, "alice.maFile", document())
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(b"\xef\xbb\xbf" + manifest.read_bytes())

    assert only(tmp_path, PASSKEY).account_name == "alice"


def test_a_mini_mafile_takes_its_login_from_its_name(tmp_path: Path) -> None:
    write(tmp_path, "alice.maFile", {"shared_secret": SECRET})

    found = only(tmp_path)

    assert (found.account_name, found.problem) == ("alice", None)
    assert mafile.parse(found.document).steam_id64 is None


@pytest.mark.parametrize("session", [None, {"SteamID": 0}, {"SteamID": None, "OAuthToken": "dead"}])
def test_a_file_without_a_steamid_takes_it_from_its_name(tmp_path: Path, session: dict[str, Any] | None) -> None:
    write(tmp_path, f"{STEAM_ID}.maFile", document(Session=session))

    assert mafile.parse(only(tmp_path).document).steam_id64 == STEAM_ID


def test_a_file_without_a_steamid_takes_it_from_the_manifest(tmp_path: Path) -> None:
    encrypted(tmp_path, "alice.maFile", document(Session=None))

    assert mafile.parse(only(tmp_path, PASSKEY).document).steam_id64 == STEAM_ID


def test_a_name_that_says_nothing_leaves_the_file_without_a_login(tmp_path: Path) -> None:
    write(tmp_path, f"{STEAM_ID}.maFile", {"shared_secret": SECRET})

    assert refusal(only(tmp_path)) == "maFile.missingField"


def test_what_is_added_to_a_file_leaves_its_other_keys_alone(tmp_path: Path) -> None:
    content = {"shared_secret": SECRET, "serial_number": -5, "Group": "main", "Proxy": {"Id": 1, "Data": {}}}
    write(tmp_path, "alice.maFile", content)

    assert json.loads(only(tmp_path).document) == content | {"account_name": "alice"}


def test_nebulas_password_is_read_with_its_pin_and_left_where_there_is_none(tmp_path: Path) -> None:
    password = sealed(b"secret word", hashlib.sha256(b"1234").digest(), bytes(16))
    write(tmp_path, "alice.maFile", document(Password=password))

    assert only(tmp_path, "1234").password == "secret word"
    assert only(tmp_path, "4321").password is None
    assert only(tmp_path).password is None


def test_one_bad_file_does_not_stop_the_others_and_other_files_are_no_mafiles(tmp_path: Path) -> None:
    (tmp_path / "a.maFile").write_bytes(b"\xff\x00")
    write(tmp_path, "b.MAFILE", document(account_name="bob"))
    (tmp_path / "notes.txt").write_text("no maFile")
    (tmp_path / "folder.maFile").mkdir()

    first, second = every(tmp_path)

    assert refusal(first) == "maFile.notText"
    assert second.account_name == "bob"
    assert (first.name, second.name) == ("a.maFile", "b.MAFILE")


def test_the_login_of_a_session_before_2023_tells_whose_file_it_is() -> None:
    session = {"SteamLoginSecure": f"{STEAM_ID}%7C%7CDEADBEEF", "SteamID": None, "WebCookie": None, "OAuthToken": "x"}

    assert mafile.parse(document(Session=session)).steam_id64 == STEAM_ID


def test_no_secret_is_in_what_is_shown_of_a_file(tmp_path: Path) -> None:
    encrypted(tmp_path, "alice.maFile", document())

    assert SECRET not in repr(only(tmp_path, PASSKEY))


OTHER = 76561198055555555
EXACT = 76561198012345679


@pytest.mark.parametrize("name", [f"{OTHER}.maFile", f"{OTHER} (1).maFile", f"alice_{OTHER}.maFile"])
def test_a_name_that_says_another_account_than_the_file_is_told_with_both(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, document(Session={"SteamID": EXACT}))

    found = only(tmp_path)

    assert refusal(found) == "maFile.contradictory"
    assert f"the file's name says {OTHER}" in str(found.problem)
    assert f"Session.SteamID says {EXACT}" in str(found.problem)


def test_a_manifest_that_says_another_account_than_the_file_is_told(tmp_path: Path) -> None:
    encrypted(tmp_path, "alice.maFile", document(Session={"SteamID": EXACT}))

    found = only(tmp_path, PASSKEY)

    assert refusal(found) == "maFile.contradictory"
    assert f"manifest.json says {STEAM_ID}" in str(found.problem)


def test_a_name_is_exact_where_javascript_has_rounded_what_stands_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, f"{EXACT}.maFile", document(Session={"SteamID": int(float(EXACT)), "SessionID": None}, Group="a"))

    found = only(tmp_path)

    assert found.steam_id64 == mafile.parse(found.document).steam_id64 == EXACT
    assert [note.code for note in found.notes] == [RemarkCode.STEAM_ID_ROUNDED]
    assert json.loads(found.document)["Group"] == "a"


def test_what_is_taken_from_a_name_is_told(tmp_path: Path) -> None:
    write(tmp_path, "alice.maFile", {"shared_secret": SECRET})
    write(tmp_path, f"{EXACT}.maFile", {"shared_secret": SECRET, "account_name": "bob"})

    by_id, by_login = every(tmp_path)

    assert [note.code for note in by_login.notes] == [RemarkCode.LOGIN_FROM_NAME]
    assert [note.code for note in by_id.notes] == [RemarkCode.STEAM_ID_FROM_NAME]
    assert mafile.parse(by_id.document).steam_id64 == EXACT


def test_several_accounts_of_one_file_are_taken_apart_and_one_odd_one_is_told(tmp_path: Path) -> None:
    accounts = [document(), {"account_name": "odd"}, document(account_name="bob", Session=None)]
    (tmp_path / "all.maFile").write_text(json.dumps(accounts))

    found = every(tmp_path)

    assert [one.name for one in found] == ["all.maFile[1]", "all.maFile[2]", "all.maFile[3]"]
    assert [one.account_name for one in found if one.problem is None] == ["alice", "bob"]
    assert refusal(found[1]) == "maFile.missingField"


@pytest.mark.parametrize(
    "name", ["f (1).maFile", "f.maFile.txt", "f - Copy (2).maFile", "f.mafile.bak", "f.json", "f.txt"]
)
def test_a_file_that_a_browser_or_a_person_renamed_is_still_one(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, document())

    assert only(tmp_path).account_name == "alice"
