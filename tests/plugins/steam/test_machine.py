"""The machine that Steam sees: stable for each account, and in the form that Steam's own client sends."""

from __future__ import annotations

import hashlib

from plugins.steam.machine import machine_id, machine_name


def test_a_machine_id_is_the_key_value_blob_of_three_hashes() -> None:
    blob = machine_id("alice")

    assert len(blob) == 155
    assert blob.startswith(b"\0MessageObject\0\x01BB3\0")
    assert blob.endswith(b"\0\x08\x08")
    assert hashlib.sha1(b"SteamUser Hash FF2 alice").hexdigest().encode() in blob


def test_an_account_has_one_machine_for_ever_and_two_accounts_have_two() -> None:
    assert machine_name("alice") == machine_name("alice") == "DESKTOP-C5SU9DE"
    assert machine_id("alice") == machine_id("alice")
    assert machine_name("bob") != machine_name("alice")
    assert machine_id("bob") != machine_id("alice")
