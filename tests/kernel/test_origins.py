"""`switchboard config show`: what is in effect, where it comes from, and nothing that is secret."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Final

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


AVAILABLE: Final = {"pump": Pump, "spare": Pump, "plain": Plugin}


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
