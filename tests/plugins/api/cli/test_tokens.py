"""The command line for tokens, and the file that they are kept in."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kernel.errors import Conflict
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind


def switchboard(*arguments: str) -> int:
    """`switchboard …` with this plugin alone. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="switchboard")
    Api.cli(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def test_a_token_is_printed_once_alone_and_kept_as_a_hash_for_its_owners_eyes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "new" / "data"
    assert switchboard("token", "create", "anna", "--data", str(data)) == 0
    output = capsys.readouterr()
    token = output.out.removesuffix("\n")

    assert re.fullmatch(r"swb_[A-Za-z0-9_-]{43}", token), "256 bits that fit into a URL, and nothing else"
    assert "operator:anna" in output.err
    kept = data / "api" / "tokens.json"
    assert token not in kept.read_text()
    assert json.loads(kept.read_text())[0]["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (data, data / "api")] == [0o700] * 2


def test_a_server_that_runs_is_named_in_a_sign_in_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "address").write_text("http://127.0.0.1:8040\n")
    switchboard("token", "create", "anna", "--data", str(tmp_path))
    output = capsys.readouterr()

    assert f"http://127.0.0.1:8040/sign-in?token={output.out.strip()}" in output.err


def test_tokens_are_listed_by_name_and_taken_back_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    switchboard("token", "create", "anna", "--data", str(tmp_path))
    lab = ("--kind", "notebook", "--role", "viewer", "--days", "7")
    switchboard("token", "create", "lab", *lab, "--data", str(tmp_path))
    made = capsys.readouterr().out.split()

    assert switchboard("token", "list", "--data", str(tmp_path)) == 0
    listed = capsys.readouterr().out
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.findall(rf"^(\S+) +(\S+) +(\S+) +{moment}  (no end|{moment})$", listed, re.MULTILINE) == [
        ("anna", "operator", "developer", "no end"),
        ("lab", "notebook", "viewer", listed.rstrip()[-20:]),
    ]
    assert not [token for token in made if token in listed]

    assert switchboard("token", "revoke", "anna", "--data", str(tmp_path)) == 0
    assert [token.name for token in tokens.read(tmp_path / "api" / "tokens.json")] == ["lab"]


def test_a_name_twice_an_unknown_name_and_a_broken_file_are_said_with_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tmp_path / "data")
    assert switchboard("token", "list", "--data", data) == 1
    assert switchboard("token", "revoke", "anna", "--data", data) == 1
    assert not (tmp_path / "data").exists(), "asking makes nothing"
    switchboard("token", "create", "anna", "--data", data)
    before = (tmp_path / "data" / "api" / "tokens.json").read_bytes()
    assert switchboard("token", "create", "anna", "--kind", "notebook", "--data", data) == 1
    assert switchboard("token", "revoke", "boris", "--data", data) == 1
    assert (tmp_path / "data" / "api" / "tokens.json").read_bytes() == before
    (tmp_path / "data" / "api" / "tokens.json").write_text("?")
    assert switchboard("token", "create", "boris", "--data", data) == 1

    errors = capsys.readouterr().err
    assert "There is a token named anna already" in errors
    assert "There is no token named boris; there are: anna." in errors
    assert "tokens.json cannot be used" in errors


@pytest.mark.parametrize("name", ["", "anna b", "-x", "ann/a", "anna\n", "Анна", "x" * 33, "a:b", ".hidden"])
def test_a_name_that_would_not_fit_into_an_actor_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        switchboard("token", "create", "--data", str(tmp_path), "--", name)

    assert refused.value.code == 2
    assert not list(tmp_path.iterdir())


def test_tokens_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    names = [f"name{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: tokens.create(path, name, Kind.OPERATOR, 0), names))

    assert len(set(made)) == 20
    assert sorted(token.name for token in tokens.read(path)) == sorted(names)
    with pytest.raises(Conflict):
        tokens.create(path, "name7", Kind.OPERATOR, 0)
