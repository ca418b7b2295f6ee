"""`switchboard config show`: what is in effect, where it comes from, and nothing that is secret."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec
import pytest

from kernel.__main__ import main
from kernel.config import load
from kernel.origins import Source, Value, Values, as_toml, values
from kernel.plugin import Plugin, PluginConfig


class PumpConfig(PluginConfig, frozen=True, kw_only=True):
    litres: int = 5
    name: str = "pump"
    label: str | None = None
    hoses: tuple[str, ...] = ()
    notes: dict[str, str] = msgspec.field(default_factory=dict)
    api_key: str | None = None
    tls_key: str | None = None
    ca_file: str | None = None
    tokens: int = 1
    url: str = "http://a"


class Pump(Plugin[PumpConfig]):
    Config = PumpConfig


class Smtp(PluginConfig, frozen=True, kw_only=True):
    host: str = "mail"
    password: str | None = None


class DeskConfig(PluginConfig, frozen=True, kw_only=True):
    smtp: Smtp = Smtp()
    tokens: tuple[str, ...] = ()
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    accounts: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    relays: tuple[dict[str, str], ...] = ()
    password_hint: str = ""
    pin: int | None = None
    pins: tuple[int, ...] = ()
    answer_tokens: int = 400
    level: int = 1
    has_password: bool = True
    token_field: Literal["max_tokens", "most_tokens"] = "max_tokens"
    key_file: str | None = None


class Desk(Plugin[DeskConfig]):
    Config = DeskConfig


AVAILABLE: Final = {"pump": Pump, "spare": Pump, "desk": Desk, "plain": Plugin}


def shown(path: Path, text: str, **environment: str) -> Values:
    path.write_text(text)
    return values(load(path, AVAILABLE, {}, environment), AVAILABLE, environment)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "switchboard.toml"


def test_each_value_says_whether_a_default_a_line_or_a_variable_has_it(path: Path) -> None:
    text = """# pumps
[kernel]
plugins = [
  "pump",  # litres = 3
]

[pump]
label = '''
litres = 4
'''
litres = 6
notes.en = "wet"
hoses = []
"""
    pump = shown(path, text, SWITCHBOARD_PUMP__NAME="p", SWITCHBOARD_PUMP__NOTES__RU="мокро")["pump"]

    assert pump["litres"] == Value(source=Source.FILE, place=f"{path}:11", value=6)
    assert pump["label"] == Value(source=Source.FILE, place=f"{path}:8", value="litres = 4\n")
    assert pump["hoses"].place == f"{path}:13"
    assert pump["notes.en"] == Value(source=Source.FILE, place=f"{path}:12", value="wet")
    assert pump["notes.ru"].place == "SWITCHBOARD_PUMP__NOTES__RU"
    assert pump["name"] == Value(source=Source.ENVIRONMENT, place="SWITCHBOARD_PUMP__NAME", value="p")
    assert pump["url"] == Value(source=Source.DEFAULT, value="http://a")


def test_a_variable_over_a_line_is_what_is_told(path: Path) -> None:
    text = "[kernel]\nplugins = ['plain']\n[pump]\nlitres = 6\nnotes = {en = 'wet'}\n"
    told = shown(path, text, SWITCHBOARD_PUMP__LITRES="7", SWITCHBOARD_PUMP__NOTES="{ en = 'dry' }")

    assert told["pump"]["litres"] == Value(source=Source.ENVIRONMENT, place="SWITCHBOARD_PUMP__LITRES", value=7)
    assert told["pump"]["notes.en"] == Value(source=Source.ENVIRONMENT, place="SWITCHBOARD_PUMP__NOTES", value="dry")
    assert list(told) == ["kernel", "plain", "pump"]
    assert "[pump]  # is not among the plugins that run" in as_toml(told, ["plain"])


def test_what_is_secret_is_hidden_and_where_a_secret_is_is_told(path: Path, tmp_path: Path) -> None:
    name = tmp_path / "name"
    name.write_text("hunter1\n")
    text = "[kernel]\nplugins = ['pump', 'spare']\n[pump]\napi_key = 'hunter2'\nurl = 'http://ann:hunter3@a'\n"
    text += f"tls_key = '{name}'\n[spare]\napi_key = 'env:KEY'\n"
    told = shown(
        path,
        text,
        SWITCHBOARD_PUMP__NAME_FILE=str(name),
        SWITCHBOARD_PUMP__LABEL="Bearer hunter4hunter4",
        SWITCHBOARD_PUMP__CA_FILE="/ca.pem",
    )

    for form in (as_toml(told, ["pump"]), msgspec.json.encode(told).decode()):
        assert "hunter" not in form
    assert told["pump"]["api_key"] == Value(source=Source.FILE, place=f"{path}:4", hidden=True, value=None)
    assert told["pump"]["name"].hidden and told["pump"]["name"].place == "SWITCHBOARD_PUMP__NAME_FILE"
    assert told["pump"]["tls_key"].value == str(name)
    assert told["pump"]["ca_file"].value == "/ca.pem", "which is the setting's own name"
    assert told["pump"]["tokens"].value == 1
    assert told["spare"]["api_key"].value == "env:KEY"


def desk(path: Path, text: str, **environment: str) -> tuple[dict[str, Value], str]:
    told = shown(path, f"[kernel]\nplugins = ['desk']\n[desk]\n{text}", **environment)
    return told["desk"], as_toml(told, ["desk"]) + msgspec.json.encode(told).decode()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("smtp.password = 'hunter2'", "smtp.password"),
        ("smtp = { password = 'hunter2' }", "smtp.password"),
        ("tokens = ['env:A', 'hunter2']", "tokens"),
        ("headers.x_password = 'hunter2'", "headers.x_password"),
        ("headers = { X-Api-Key = 'hunter2' }", "headers.X-Api-Key"),
        ("headers.xApiKey = 'hunter2'", "headers.xApiKey"),
        ("accounts.a = { password = 'hunter2' }", "accounts.a.password"),
        ("relays = [{ name = 'a', password = 'hunter2' }]", "relays"),
        ("password_hint = 'hunter2'", "password_hint"),
        ("key_file = 'hunter2'", "key_file"),
        ("pin = 4711", "pin"),
        ("pins = [4711]", "pins"),
    ],
)
def test_a_secret_is_hidden_however_deep_it_is_and_whatever_its_type(path: Path, text: str, key: str) -> None:
    told, said = desk(path, text)

    assert told[key] == Value(source=Source.FILE, place=f"{path}:4", hidden=True, value=None)
    assert "hunter2" not in said and "4711" not in said


def test_what_stands_beside_a_secret_is_shown_and_a_password_in_its_url_is_not(path: Path) -> None:
    text = "accounts.a = { password = 'hunter2', proxy = 'http://ann:hunter3@a' }\n"
    told, said = desk(path, text + "relays = [{ proxy = 'http://ann:hunter4@a' }]\ntokens = ['env:A', 'file:b']")

    assert "hunter" not in said
    assert told["accounts.a.proxy"].value == "http://[redacted]@a" and told["accounts.a.proxy"].place == f"{path}:4"
    assert told["relays"].value == [{"proxy": "http://[redacted]@a"}]
    assert told["smtp.host"].value == "mail"
    assert told["tokens"].value == ["env:A", "file:b"]


def test_a_count_a_switch_and_a_word_that_the_code_lists_are_no_secrets(path: Path) -> None:
    told, _ = desk(path, "answer_tokens = 500\ntoken_field = 'most_tokens'")

    assert told["answer_tokens"].value == 500
    assert told["has_password"].value is True
    assert told["token_field"].value == "most_tokens"


def test_whatever_came_from_a_file_that_a_variable_names_is_hidden(path: Path, tmp_path: Path) -> None:
    number, table = tmp_path / "number", tmp_path / "table"
    number.write_text("4711\n")
    table.write_text('{ hunter2 = "hunter3" }')
    told, said = desk(path, "", SWITCHBOARD_DESK__LEVEL_FILE=str(number), SWITCHBOARD_DESK__HEADERS_FILE=str(table))

    assert told["level"].hidden and told["level"].place == "SWITCHBOARD_DESK__LEVEL_FILE"
    assert told["headers"].hidden and told["headers"].place == "SWITCHBOARD_DESK__HEADERS_FILE"
    assert "hunter" not in said and "4711" not in said


def test_a_file_that_is_there_is_shown_only_where_a_setting_names_one(path: Path, tmp_path: Path) -> None:
    there = tmp_path / "hunter2"
    there.touch()
    told = shown(
        path,
        f"[kernel]\nplugins = ['pump', 'desk']\n[pump]\napi_key = '{there}'\ntls_key = '{there}'\n"
        f"[desk]\nkey_file = '{there}'\n",
    )

    assert told["pump"]["api_key"].hidden
    assert told["pump"]["tls_key"].value == told["desk"]["key_file"].value == str(there)


@pytest.mark.parametrize("secret", ["hunter2" * 1_000, "hunter2\\u0000"])
def test_a_secret_that_no_file_could_be_named_by_is_hidden(path: Path, secret: str) -> None:
    text = f'[kernel]\nplugins = [\'pump\']\n[pump]\ntls_key = "{secret}"\napi_key = "{secret}"\n'
    told = shown(path, text)["pump"]

    assert told["tls_key"].hidden and told["api_key"].hidden


def test_what_is_shown_is_a_config_again(path: Path) -> None:
    text = "[kernel]\nplugins = ['pump']\n[pump]\nname = 'a \"b\" \\\\ ü'\nhoses = ['x', 'y']\n"
    again = tomllib.loads(as_toml(shown(path, text), ["pump"]))

    assert again["pump"]["name"] == 'a "b" \\\\ ü'
    assert (again["pump"]["hoses"], again["kernel"]["plugins"]) == (["x", "y"], ["pump"])


def test_the_command_shows_the_tables_that_are_asked_for(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("[kernel]\nplugins = ['contact_policy', 'invites']\n[invites]\ntries = 3\n")
    monkeypatch.setenv("SWITCHBOARD_INVITES__SETTLE_S", "40")

    assert main(["config", "show", "--config", str(path), "invites"]) == 0
    said = capsys.readouterr().out
    lines = {line.partition(" ")[0]: line for line in said.splitlines()}
    assert lines["tries"].startswith("tries = 3 ") and lines["tries"].endswith(f"# {path}:4")
    assert lines["settle_s"].startswith("settle_s = 40 ")
    assert lines["settle_s"].endswith("# SWITCHBOARD_INVITES__SETTLE_S")
    assert "[kernel]" not in said

    assert main(["config", "show", "--config", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["kernel", "contact_policy", "invites"]
    assert told["invites"]["tries"] == {"source": "file", "place": f"{path}:4", "value": 3}

    assert main(["config", "show", "--config", str(path), "invite"]) == 2
    assert "no table [invite] in effect; did you mean invites?" in capsys.readouterr().err


def test_a_config_that_does_not_hold_is_told_as_at_a_start(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("[kernel]\nplugins = ['contact_policy']\n[contact_policy]\ninvites_per_hour = 0\n")

    assert main(["config", "show", "--config", str(path)]) == 2
    assert "[contact_policy] invites_per_hour: must be at least 1" in capsys.readouterr().err
