"""`switchboard operator`: accounts by command line, whether the system runs or not."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from kernel.roles import Role
from plugins.api.auth import lockouts, operators, passwords
from plugins.api.auth.lockouts import Block
from tests.plugins.api.cli.test_tokens import switchboard

FAR = 4_102_444_800_000
"""2100-01-01 UTC."""


def operator(data: Path, *arguments: str) -> int:
    return switchboard("operator", *arguments, "--data", str(data))


def roster(data: Path) -> operators.OperatorRoster:
    return operators.read(data / "api" / "operators.json")


def test_an_operator_is_added_with_a_one_time_link_and_nothing_secret_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator(tmp_path, "add", "olga", "--role", "operator") == 0
    output = capsys.readouterr()
    link = re.fullmatch(r"ADDRESS/#welcome=(\S{43})&name=olga\n", output.out)

    assert link is not None
    kept = tmp_path / "api" / "operators.json"
    assert link[1] not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    (olga,) = roster(tmp_path).operators
    assert (olga.name, olga.role, olga.password) == ("olga", Role.OPERATOR, None)
    (tmp_path / "api" / "address").write_text("http://127.0.0.1:8040\n")
    operator(tmp_path, "link", "olga")
    assert capsys.readouterr().out.startswith("http://127.0.0.1:8040/#welcome=")
    assert len(roster(tmp_path).invitations) == 1, "the first link is void"


def test_a_password_comes_by_standard_input_and_is_kept_as_argon2id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert operator(tmp_path, "add", "olga", "--role", "admin", "--password-stdin") == 0
    (olga,) = roster(tmp_path).operators
    assert olga.password is not None
    assert olga.password.startswith("$argon2id$")
    assert passwords.matches(olga.password, "correct horse battery")
    assert not passwords.matches(olga.password, "correct horse batterz")
    assert "horse" not in "".join(capsys.readouterr())

    monkeypatch.setattr("sys.stdin", io.StringIO("another horse battery\n"))
    assert operator(tmp_path, "password", "olga", "--password-stdin") == 0
    (changed,) = roster(tmp_path).operators
    assert changed.generation == olga.generation + 1, "signed out everywhere"
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert operator(tmp_path, "password", "olga", "--password-stdin") == 1
    assert "Give 12 to 128 characters" in capsys.readouterr().err


def test_accounts_are_listed_changed_and_disabled_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operator(tmp_path, "add", "olga", "--role", "operator")
    operator(tmp_path, "add", "vera", "--role", "viewer")
    assert operator(tmp_path, "role", "vera", "developer") == 0
    assert operator(tmp_path, "disable", "olga") == 0
    assert operator(tmp_path, "sign-out", "vera") == 0
    capsys.readouterr()
    assert operator(tmp_path, "list") == 0
    listed = re.findall(r"^(\S+) +(\S+) .* UTC  (.+)$", capsys.readouterr().out, re.MULTILINE)
    assert sorted(listed) == [("olga", "operator", "disabled"), ("vera", "developer", "no password yet")]
    assert operator(tmp_path, "enable", "olga") == 0
    assert not any(one.disabled for one in roster(tmp_path).operators)


def test_a_name_twice_an_unknown_name_and_a_broken_file_are_said_with_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operator(tmp_path, "add", "olga", "--role", "operator")
    assert operator(tmp_path, "add", "olga", "--role", "admin") == 1
    for action in ("link", "disable", "sign-out"):
        assert operator(tmp_path, action, "boris") == 1
    errors = capsys.readouterr().err
    assert "There is an operator olga already." in errors
    assert errors.count("There is no operator boris; there are: olga.") == 3
    (tmp_path / "api" / "operators.json").write_text("?")
    assert operator(tmp_path, "list") == 1
    assert "operators.json cannot be used" in capsys.readouterr().err


def test_who_has_to_wait_is_listed_and_lifted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "api").mkdir()
    blocks = [
        Block(subject=subject, guesses=7, last_at=0, until=FAR) for subject in ("account olga", "address 192.0.2.7")
    ]
    lockouts.change(tmp_path / "api" / "blocks.json", lambda _: tuple(blocks))
    assert operator(tmp_path, "blocks") == 0
    assert re.findall(r"^(\w+ \S+) +7 wrong  until 2100", capsys.readouterr().out, re.MULTILINE) == [
        "account olga",
        "address 192.0.2.7",
    ]
    assert operator(tmp_path, "unblock", "olga") == 0
    assert operator(tmp_path, "unblock", "olga") == 1
    assert operator(tmp_path, "unblock", "192.0.2.7") == 0
    assert lockouts.read(tmp_path / "api" / "blocks.json") == ()
    assert "olga is not locked out." in capsys.readouterr().err


def test_one_ipv6_network_is_one_subject() -> None:
    assert lockouts.address("2001:db8:1:2:3:4:5:6") == lockouts.address("2001:db8:1:2::1") == "address 2001:db8:1:2::"
    assert lockouts.address("192.0.2.7") == "address 192.0.2.7"
    assert lockouts.address("") == "address unknown"
