"""The store of secrets: what is on disk, who may read it, and what happens when something of it is missing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from plugins.steam.errors import SecretsOutOfReach, SecretsUnreadable
from plugins.steam.keys import KeyFile
from plugins.steam.secrets import BotSecrets, SecretStore

ALICE = BotSecrets(
    account_name="alice",
    shared_secret=b"S" * 20,
    proxy_url="http://bob:hunter2@proxy.example:1",
    mafile='{"shared_secret": "U1NT"}',
    password="correct horse",
    identity_secret=b"I" * 20,
    steam_id64=76561197960265729,
    refresh_token="eyJ.token.sig",
    guard_data="guard",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(folder: Path, bot_id: str = "bot_a") -> SecretsUnreadable:
    with pytest.raises(SecretsUnreadable) as refused:
        SecretStore(folder).load(bot_id)
    return refused.value


def test_secrets_come_back_in_another_process(folder: Path) -> None:
    SecretStore(folder).save("bot_a", ALICE)

    again = SecretStore(folder)

    assert again.load("bot_a") == ALICE
    assert again.load("bot_b") is None
    assert again.bot_ids() == ["bot_a"]


def test_only_the_owner_may_look_and_would_see_nothing(folder: Path) -> None:
    SecretStore(folder).save("bot_a", ALICE)

    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    on_disk = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not any(secret in on_disk for secret in (b"alice", b"hunter2", b"SSSS", b"horse", b"eyJ"))


def test_saving_replaces_and_deleting_forgets(folder: Path) -> None:
    store = SecretStore(folder)
    store.save("bot_a", ALICE)

    store.save("bot_a", replace(ALICE, refresh_token="new"))
    renewed = store.load("bot_a")
    store.delete("bot_a")
    store.delete("bot_a")

    assert renewed is not None
    assert renewed.refresh_token == "new"
    assert store.load("bot_a") is None
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_the_same_secrets_are_never_sealed_to_the_same_bytes(folder: Path) -> None:
    store = SecretStore(folder)
    store.save("bot_a", ALICE)
    first = (folder / "bot_a.secret").read_bytes()

    store.save("bot_a", ALICE)

    assert (folder / "bot_a.secret").read_bytes() != first


@pytest.mark.parametrize("at", [4, 20, -1])
def test_a_changed_byte_is_noticed(folder: Path, at: int) -> None:
    SecretStore(folder).save("bot_a", ALICE)
    path = folder / "bot_a.secret"
    sealed = bytearray(path.read_bytes())
    sealed[at] ^= 1
    path.write_bytes(sealed)

    refused = refusal(folder)

    assert refused.code == "secrets.tampered"
    assert str(path) in str(refused)


def test_a_cut_a_foreign_and_an_exchanged_file_are_noticed(folder: Path) -> None:
    store = SecretStore(folder)
    store.save("bot_a", ALICE)
    store.save("bot_b", replace(ALICE, account_name="bob"))
    sealed = (folder / "bot_a.secret").read_bytes()

    (folder / "bot_b.secret").write_bytes(sealed)
    exchanged = refusal(folder, "bot_b")
    (folder / "bot_a.secret").write_bytes(sealed[:10])
    cut = refusal(folder)
    (folder / "bot_a.secret").write_bytes(b"{}")
    foreign = refusal(folder)

    assert (exchanged.code, cut.code, foreign.code) == ("secrets.tampered", "secrets.tampered", "secrets.foreign")


def test_a_lost_key_is_never_replaced_while_secrets_depend_on_it(folder: Path) -> None:
    SecretStore(folder).save("bot_a", ALICE)
    (folder / "key").unlink()

    refused = refusal(folder)
    with pytest.raises(SecretsUnreadable):
        SecretStore(folder).save("bot_b", ALICE)

    assert refused.code == "secrets.keyMissing"
    assert "backup" in str(refused)
    assert not (folder / "key").exists()


def test_a_key_that_others_may_read_or_that_is_damaged_is_refused(folder: Path) -> None:
    SecretStore(folder).save("bot_a", ALICE)

    (folder / "key").chmod(0o644)
    exposed = refusal(folder)
    (folder / "key").chmod(0o600)
    (folder / "key").write_bytes(b"short")
    damaged = refusal(folder)

    assert (exposed.code, damaged.code) == ("secrets.keyExposed", "secrets.keyDamaged")
    assert "chmod 600" in str(exposed)


def test_the_key_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "elsewhere" / "key"

    SecretStore(folder, KeyFile(key)).save("bot_a", ALICE)

    assert SecretStore(folder, KeyFile(key)).load("bot_a") == ALICE
    assert mode(key) == 0o600
    assert not (folder / "key").exists()


@pytest.mark.parametrize("bot_id", ["", "../bot", "a/b", "bot.a", "x" * 91])
def test_a_bot_id_is_no_way_out_of_the_folder(folder: Path, bot_id: str) -> None:
    with pytest.raises(ValueError, match="not a bot id"):
        SecretStore(folder).save(bot_id, ALICE)


def test_no_secret_is_in_a_repr() -> None:
    shown = f"{ALICE!r} {ALICE} {list(ALICE.__rich_repr__())}"

    assert "alice" in shown
    assert not any(secret in shown for secret in ("hunter2", "SSSS", "horse", "eyJ", "guard", "U1NT"))


def test_a_folder_that_was_moved_away_holds_every_secret_still_and_none_is_begun_in_its_place(folder: Path) -> None:
    moved: list[str] = []
    store = SecretStore(folder, gone=lambda: moved[0] if moved else None)
    store.save("bot_a", ALICE)
    fresh = SecretStore(folder, gone=lambda: moved[0] if moved else None)
    with fresh.held():
        folder.rename(folder.with_name("elsewhere"))
        moved.append("The data folder was moved.")
        for attempt in (
            lambda: fresh.load("bot_a"),
            lambda: store.load("bot_a"),
            store.bot_ids,
            lambda: store.delete("bot_a"),
            lambda: fresh.save("bot_b", ALICE),
            lambda: store.save("bot_b", ALICE),
        ):
            with pytest.raises(SecretsOutOfReach, match="The data folder was moved"):
                attempt()
        assert not folder.exists()
        folder.with_name("elsewhere").rename(folder)
        moved.clear()

        assert fresh.load("bot_a") == ALICE
