"""Where the key of the secrets may be kept, how it is changed, and what is said when it is lost."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from kernel.__main__ import main
from kernel.errors import PluginFailed
from kernel.testing import World
from plugins.steam import Steam, keys, secrets
from plugins.steam.errors import SecretsUnreadable
from plugins.steam.keys import KeyFile, KeySource
from plugins.steam.secrets import BotSecrets, SecretStore, change_key
from tests.plugins.steam.test_secrets import ALICE

KEY = keys.text(bytes(range(32)))


class Keyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("it is locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def ring() -> Iterator[Keyring]:
    before = keyring.get_keyring()
    ring = Keyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "steam" / "secrets"


def refusal(store: SecretStore) -> SecretsUnreadable:
    with pytest.raises(SecretsUnreadable) as refused:
        store.check()
    return refused.value


def test_a_key_in_an_environment_variable_seals_and_opens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SB_KEY", KEY)

    SecretStore(folder, keys.parse("env:SB_KEY")).save("bot_a", ALICE)

    assert SecretStore(folder, keys.parse("env:SB_KEY")).load("bot_a") == ALICE
    assert not (folder / "key").exists()


def test_a_key_in_the_keyring_is_made_there_and_nowhere_else(folder: Path, ring: Keyring) -> None:
    SecretStore(folder, keys.parse("keyring:switchboard")).save("bot_a", ALICE)

    assert SecretStore(folder, keys.parse("keyring:switchboard")).load("bot_a") == ALICE
    assert list(ring.held) == [("switchboard", "secrets")]
    assert not (folder / "key").exists()


def test_an_empty_variable_says_what_to_put_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SB_KEY", raising=False)

    with pytest.raises(SecretsUnreadable, match="switchboard secrets new-key"):
        SecretStore(folder, keys.parse("env:SB_KEY")).save("bot_a", ALICE)


def test_a_locked_keyring_is_said_to_be_locked(folder: Path, ring: Keyring) -> None:
    SecretStore(folder, keys.parse("keyring:switchboard")).save("bot_a", ALICE)
    ring.locked = True

    assert refusal(SecretStore(folder, keys.parse("keyring:switchboard"))).code == "secrets.keyringClosed"


@pytest.mark.parametrize("value", ["short", "!" * 44, KEY[:-4]])
def test_a_damaged_key_is_refused_and_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SB_KEY", value)

    with pytest.raises(SecretsUnreadable) as refused:
        SecretStore(folder, keys.parse("env:SB_KEY")).save("bot_a", ALICE)

    assert refused.value.code == "secrets.keyDamaged"
    assert value not in str(refused.value)


@pytest.mark.parametrize("setting", ["", "file:", "env:NOT A NAME", "keyring:", "/etc/key", "vault:x"])
def test_a_setting_that_names_no_place_says_how_to_write_one(setting: str) -> None:
    with pytest.raises(ValueError, match="write file:"):
        keys.parse(setting)


async def test_a_lost_key_keeps_the_system_from_starting_and_says_so_in_a_sentence(tmp_path: Path) -> None:
    SecretStore(tmp_path / "steam" / "secrets").save("bot_a", ALICE)
    (tmp_path / "steam" / "secrets" / "key").unlink()

    with pytest.raises(PluginFailed, match="put the key back from its backup"):
        async with World(Steam, data=tmp_path):
            pass


async def test_another_key_keeps_the_system_from_starting_too(tmp_path: Path) -> None:
    SecretStore(tmp_path / "steam" / "secrets").save("bot_a", ALICE)
    (tmp_path / "steam" / "secrets" / "key").write_bytes(bytes(32))

    with pytest.raises(PluginFailed, match="restore both from one backup"):
        async with World(Steam, data=tmp_path):
            pass


def test_one_damaged_file_is_no_lost_key(folder: Path) -> None:
    store = SecretStore(folder)
    store.save("bot_a", ALICE)
    store.save("bot_b", ALICE)
    (folder / "bot_a.secret").write_bytes(b"SBS1" + bytes(40))

    store.check()


def elsewhere(tmp_path: Path) -> KeySource:
    return KeyFile(tmp_path / "elsewhere" / "key")


def test_changing_the_key_leaves_every_secret_as_it_was(folder: Path, tmp_path: Path) -> None:
    for bot_id in ("bot_a", "bot_b", "bot_c"):
        SecretStore(folder).save(bot_id, ALICE)
    told: list[int] = []

    assert change_key(folder, KeyFile(folder / "key"), elsewhere(tmp_path), told.append) == 3

    after = SecretStore(folder, elsewhere(tmp_path))
    assert [after.load(bot_id) for bot_id in after.bot_ids()] == [ALICE] * 3
    assert told == [1, 2, 3]
    assert refusal(SecretStore(folder)).code == "secrets.tampered"


def test_an_interrupted_change_of_the_key_is_finished_by_repeating_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = KeyFile(folder / "key")
    for bot_id in ("bot_a", "bot_b", "bot_c"):
        SecretStore(folder).save(bot_id, ALICE)
    written = SecretStore.save

    def full_disk(store: SecretStore, bot_id: str, value: BotSecrets) -> None:
        if bot_id == "bot_b":
            raise OSError("No space left on device")
        written(store, bot_id, value)

    with monkeypatch.context() as patch:
        patch.setattr(secrets.SecretStore, "save", full_disk)
        with pytest.raises(OSError, match="No space"):
            change_key(folder, old, elsewhere(tmp_path))

    change_key(folder, old, elsewhere(tmp_path))

    after = SecretStore(folder, elsewhere(tmp_path))
    assert [after.load(bot_id) for bot_id in after.bot_ids()] == [ALICE] * 3


def test_the_key_is_not_changed_under_a_running_system(folder: Path, tmp_path: Path) -> None:
    running = SecretStore(folder)
    running.save("bot_a", ALICE)

    with running.held(), pytest.raises(SecretsUnreadable) as refused:
        change_key(folder, KeyFile(folder / "key"), elsewhere(tmp_path))

    assert refused.value.code == "secrets.inUse"
    assert not (tmp_path / "elsewhere").exists()


def test_the_command_changes_the_key_and_says_what_to_set(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    SecretStore(folder).save("bot_a", ALICE)
    assert main(["secrets", "new-key"]) == 0
    monkeypatch.setenv("SB_KEY", capsys.readouterr().out.strip())

    assert main(["secrets", "change-key", "--data", str(tmp_path), "--new-key", "env:SB_KEY"]) == 0

    assert "set `key` of [steam]" in capsys.readouterr().err
    assert SecretStore(folder, keys.parse("env:SB_KEY")).load("bot_a") == ALICE


def test_the_command_says_in_a_sentence_that_the_old_key_is_lost(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SecretStore(folder).save("bot_a", ALICE)
    (folder / "key").unlink()

    new = tmp_path / "new"
    assert main(["secrets", "change-key", "--data", str(tmp_path), "--new-key", f"file:{new}"]) == 1

    assert "no key" in capsys.readouterr().err
    assert not new.exists()


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    KeyFile(tmp_path / "key").make()

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
