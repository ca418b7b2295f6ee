"""Settings from the environment: typed as the config's are, over the file, and told by their variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from msgspec import field

from kernel.config import Config, check, load
from kernel.errors import ConfigInvalid
from kernel.hosting.library import folder_of
from kernel.plugin import Plugin, PluginConfig


class PumpConfig(PluginConfig, frozen=True, kw_only=True):
    litres: int = 5
    share: float = 0.5
    loud: bool = False
    colour: Literal["red", "blue"] = "red"
    name: str = "pump"
    label: str | None = None
    valves: tuple[int, ...] = ()
    hoses: tuple[str, ...] = ("short",)
    manuals: str | tuple[str, ...] | None = None
    notes: dict[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    api_key: str | None = None

    def __post_init__(self) -> None:
        if self.litres < 1:
            raise ValueError("litres: must be at least 1")
        if self.api_key is not None and not self.api_key.startswith("env:"):
            raise ValueError(f"api_key: {self.api_key!r} does not begin with env:")
        if self.name == "plump":
            raise ValueError(f"name: {self.name} is no name")


class Pump(Plugin[PumpConfig]):
    Config = PumpConfig


class DeskConfig(PluginConfig, frozen=True, kw_only=True):
    """Which says of everything what it was given."""

    tokens: tuple[str, ...] = ()
    smtp: dict[str, Any] = field(default_factory=dict)
    pin: int = 0
    most_tokens: int = 100

    def __post_init__(self) -> None:
        if self.tokens:
            raise ValueError(f"tokens: not {self.tokens}")
        if self.smtp:
            raise ValueError(f"smtp: not {self.smtp}")
        if self.pin:
            raise ValueError(f"pin: not {self.pin}")
        if self.most_tokens < 100:
            raise ValueError(f"most_tokens: {self.most_tokens} is too few")


class Desk(Plugin[DeskConfig]):
    Config = DeskConfig


AVAILABLE: Final = {"pump": Pump, "pump_house": Plugin, "plain": Plugin}
DOCUMENT: Final = {"kernel": {"plugins": ["pump"]}, "pump": {"litres": 7, "notes": {"en": "wet", "ru": "мокро"}}}


def pump(**variables: str) -> PumpConfig:
    config = check(DOCUMENT, AVAILABLE, {}, variables).plugins["pump"]
    assert isinstance(config, PumpConfig)
    return config


def problems(environment: Mapping[str, str], broken: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigInvalid) as invalid:
        check(DOCUMENT, AVAILABLE, broken or {}, environment)
    return list(invalid.value.problems)


def test_the_environment_stands_over_the_file_and_the_file_over_the_default() -> None:
    assert (pump().litres, pump().share) == (7, 0.5)
    assert pump(SWITCHBOARD_PUMP__LITRES="9").litres == 9
    assert pump(SWITCHBOARD_PUMP__SHARE="0.25").share == 0.25


def test_each_variable_is_read_as_what_its_setting_takes() -> None:
    set_ = pump(
        SWITCHBOARD_PUMP__LITRES=" 1_000 ",
        SWITCHBOARD_PUMP__SHARE="1",
        SWITCHBOARD_PUMP__LOUD="True",
        SWITCHBOARD_PUMP__COLOUR="blue",
        SWITCHBOARD_PUMP__NAME="12",
        SWITCHBOARD_PUMP__VALVES="1, 2",
        SWITCHBOARD_PUMP__HOSES='["a,b", "c"]',
        SWITCHBOARD_PUMP__MANUALS="one, two",
        SWITCHBOARD_PUMP__CA_FILE="/ca.pem",
    )

    assert (set_.litres, set_.share, set_.loud, set_.colour, set_.name) == (1_000, 1.0, True, "blue", "12")
    assert (set_.valves, set_.hoses) == ((1, 2), ("a,b", "c"))
    assert set_.manuals == "one, two", "a setting that takes a text as well as a list takes a list in brackets alone"
    assert set_.ca_file == "/ca.pem", "a setting whose own name ends in _file is that setting"


def test_an_empty_variable_leaves_out_what_can_be_left_out() -> None:
    empty = pump(
        SWITCHBOARD_PUMP__NAME="", SWITCHBOARD_PUMP__LABEL="", SWITCHBOARD_PUMP__HOSES="", SWITCHBOARD_PUMP__MANUALS=""
    )

    assert (empty.name, empty.label, empty.hoses, empty.manuals) == ("", None, (), None)
    assert problems({"SWITCHBOARD_PUMP__LITRES": ""}) == ["SWITCHBOARD_PUMP__LITRES: must be a whole number such as 60"]


def test_an_entry_of_a_table_within_a_table_joins_those_of_the_file() -> None:
    assert pump(SWITCHBOARD_PUMP__NOTES__DE="nass").notes == {"en": "wet", "ru": "мокро", "de": "nass"}
    whole = pump(SWITCHBOARD_PUMP__NOTES='{ fr = "eau" }', SWITCHBOARD_PUMP__NOTES__DE="nass")
    assert whole.notes == {"fr": "eau", "de": "nass"}
    assert DOCUMENT["pump"] == {"litres": 7, "notes": {"en": "wet", "ru": "мокро"}}


def test_a_file_that_a_variable_names_is_read_without_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"env:A\r\n")
    (tmp_path / "note").write_bytes(b"\xef\xbb\xbfone\ntwo\n")

    assert pump(SWITCHBOARD_PUMP__API_KEY_FILE=str(tmp_path / "key")).api_key == "env:A"
    assert pump(SWITCHBOARD_PUMP__NOTES__DE_FILE=str(tmp_path / "note")).notes["de"] == "one\ntwo"
    assert pump(SWITCHBOARD_PUMP__CA_FILE_FILE=str(tmp_path / "key")).ca_file == "env:A"


def test_a_variable_that_names_no_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xff")
    (tmp_path / "long").write_bytes(b"a" * 65_537)
    said = {
        "": "names no file",
        str(tmp_path / "none"): "the file that it names cannot be read: No such file or directory",
        "hunter2-hunter2": "the file that it names cannot be read: No such file or directory",
        "hunter2-" * 1_000: "the file that it names cannot be read: File name too long",
        str(tmp_path): f"{tmp_path} cannot be read: Is a directory",
        str(tmp_path / "binary"): f"{tmp_path / 'binary'} is not UTF-8",
        str(tmp_path / "long"): f"{tmp_path / 'long'} has more than 64 KiB",
    }
    for place, why in said.items():
        assert problems({"SWITCHBOARD_PUMP__API_KEY_FILE": place}) == [f"SWITCHBOARD_PUMP__API_KEY_FILE: {why}"]


def test_what_nobody_knows_is_named_with_the_nearest_and_its_variable() -> None:
    environment = {
        "SWITCHBOARD_PUMPS__LITRES": "1",
        "SWITCHBOARD_PUMP__LITERS": "1",
        "SWITCHBOARD_PUMP__LITRES__A": "1",
        "SWITCHBOARD_PUMP__": "1",
        "SWITCHBOARD_PUMP_HOUSE__X_FILE": "1",
    }

    assert problems(environment) == [
        "SWITCHBOARD_PUMPS__LITRES: there is no table [pumps]; did you mean SWITCHBOARD_PUMP__…?",
        "SWITCHBOARD_PUMP_HOUSE__X_FILE: there is no setting x_file in [pump_house]; there are: none",
        "SWITCHBOARD_PUMP__: names no setting",
        "SWITCHBOARD_PUMP__LITERS: there is no setting liters in [pump]; did you mean SWITCHBOARD_PUMP__LITRES?",
        "SWITCHBOARD_PUMP__LITRES__A: [pump] litres has no entries; write SWITCHBOARD_PUMP__LITRES",
    ]


def test_variables_of_another_kind_are_no_settings() -> None:
    others = {"SWITCHBOARD_TOKEN": "swb_x", "SWITCHBOARD_URL": "http://a", "SWITCHBOARD_LIVE_SHELL": "f"}
    assert pump(**others, PUMP__LITRES="0") == pump()


def test_a_table_of_a_plugin_that_cannot_be_imported_matters_to_nobody() -> None:
    assert check(DOCUMENT, AVAILABLE, {"rusty": "no hinges"}, {"SWITCHBOARD_RUSTY__X": "1"}).plugins == {"pump": pump()}
    assert len(problems({"SWITCHBOARD_RUSTYX__X": "1"}, {"rusty": "no hinges"})) == 1


def test_a_value_and_a_file_with_it_are_not_both_taken() -> None:
    both = {"SWITCHBOARD_PUMP__API_KEY": "env:A", "SWITCHBOARD_PUMP__API_KEY_FILE": "/run/secrets/key"}

    assert problems(both) == [
        "SWITCHBOARD_PUMP__API_KEY_FILE: SWITCHBOARD_PUMP__API_KEY sets [pump] api_key too; keep one of the two"
    ]


@pytest.mark.parametrize(
    ("variable", "text", "says"),
    [
        ("LITRES", "many", "SWITCHBOARD_PUMP__LITRES: must be a whole number such as 60"),
        ("LITRES", "1\nother = 2", "SWITCHBOARD_PUMP__LITRES: must be a whole number such as 60, and nothing after it"),
        ("LITRES", "2.5", "[pump] litres: expected `int`, got `float` (set by SWITCHBOARD_PUMP__LITRES)"),
        ("LITRES", "0", "[pump] litres: must be at least 1 (set by SWITCHBOARD_PUMP__LITRES)"),
        ("SHARE", "nan", "[pump] share: must be a finite number (set by SWITCHBOARD_PUMP__SHARE)"),
        ("LOUD", "loudly", "SWITCHBOARD_PUMP__LOUD: must be true or false"),
        ("COLOUR", "green", "[pump] colour: invalid enum value 'green' (set by SWITCHBOARD_PUMP__COLOUR)"),
        ("VALVES", "1,two", "SWITCHBOARD_PUMP__VALVES: must be a whole number such as 60"),
        ("HOSES", "[1", 'SWITCHBOARD_PUMP__HOSES: must be a list such as a,b or ["a", "b"]'),
        ("NOTES", "wet", 'SWITCHBOARD_PUMP__NOTES: must be a table such as { key = "value" }'),
        ("NAME", "\udcff", "SWITCHBOARD_PUMP__NAME: is not UTF-8"),
        ("NAME", "plump", "[pump] name: plump is no name (set by SWITCHBOARD_PUMP__NAME)"),
    ],
)
def test_a_wrong_value_is_told_by_its_variable(variable: str, text: str, says: str) -> None:
    assert problems({f"SWITCHBOARD_PUMP__{variable}": text}) == [says]


def test_what_is_told_of_a_secret_does_not_repeat_it(tmp_path: Path) -> None:
    (tmp_path / "colour").write_text("hunter2-hunter2")
    (problem,) = problems({"SWITCHBOARD_PUMP__API_KEY": "hunter2-hunter2"})
    assert problem == "[pump] api_key: does not take the value that was given (set by SWITCHBOARD_PUMP__API_KEY)"

    (problem,) = problems({"SWITCHBOARD_PUMP__COLOUR_FILE": str(tmp_path / "colour")})
    assert problem == "[pump] colour: does not take the value that was given (set by SWITCHBOARD_PUMP__COLOUR_FILE)"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TOKENS", "hunter2-hunter2,b"),
        ("SMTP", '{ password = "hunter2-hunter2" }'),
        ("SMTP", '{ proxy = "a", logins = [{ user = "b", password = "hunter2-hunter2" }] }'),
        ("SMTP__X_PASSWORD", '"hunter2-hunter2"'),
        ("PIN", "47114711"),
    ],
)
def test_a_secret_deep_in_a_setting_or_of_another_type_is_not_repeated_either(variable: str, text: str) -> None:
    with pytest.raises(ConfigInvalid) as invalid:
        check({"kernel": {"plugins": ["desk"]}}, {"desk": Desk}, {}, {f"SWITCHBOARD_DESK__{variable}": text})
    (problem,) = invalid.value.problems

    key = variable.partition("__")[0].lower()
    assert problem == f"[desk] {key}: does not take the value that was given (set by SWITCHBOARD_DESK__{variable})"


def test_a_limit_that_counts_tokens_is_told_with_its_value() -> None:
    with pytest.raises(ConfigInvalid) as invalid:
        check({"kernel": {"plugins": ["desk"]}}, {"desk": Desk}, {}, {"SWITCHBOARD_DESK__MOST_TOKENS": "7"})

    assert list(invalid.value.problems) == ["[desk] most_tokens: 7 is too few (set by SWITCHBOARD_DESK__MOST_TOKENS)"]


def loaded(path: Path, **environment: str) -> Config:
    return load(path, AVAILABLE, {}, environment)


def test_a_plugin_that_is_reloaded_keeps_what_the_environment_sets(tmp_path: Path) -> None:
    path, litres = tmp_path / "switchboard.toml", tmp_path / "litres"
    path.write_text("[kernel]\nplugins = ['pump']\n[pump]\nlitres = 2\n")
    litres.write_text("3\n")
    config = loaded(path, SWITCHBOARD_PUMP__LITRES_FILE=str(litres), SWITCHBOARD_KERNEL__HANG_BUDGET="4")
    assert config.kernel.hang_budget == 4

    path.write_text("[kernel]\nplugins = ['pump']\n[pump]\nlitres = 4\nloud = true\n")
    litres.write_text("5\n")
    assert config.table("pump", PumpConfig) == PumpConfig(litres=5, loud=True)

    litres.write_text("0\n")
    with pytest.raises(ConfigInvalid, match=r"must be at least 1 \(set by SWITCHBOARD_PUMP__LITRES_FILE\)"):
        config.table("pump", PumpConfig)


def test_the_folder_of_single_files_may_be_set_by_a_variable(tmp_path: Path) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text("[kernel]\nplugins = ['plain']\nplugin_folder = 'agents'\n")

    assert folder_of(path, {}) == tmp_path / "agents"
    assert folder_of(path, {"SWITCHBOARD_KERNEL__PLUGIN_FOLDER": "others"}) == tmp_path / "others"
    assert folder_of(path, {"SWITCHBOARD_KERNEL__PLUGIN_FOLDER": ""}) is None


def test_what_the_next_start_would_find_of_a_plugin_is_named_with_its_variable(tmp_path: Path) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text("[kernel]\nplugins = ['plain', 'pump']\n")
    assert loaded(path).naming("pump") == ["[kernel] plugins"]

    listed = loaded(path, SWITCHBOARD_KERNEL__PLUGINS="plain,pump_house")
    assert listed.naming("pump_house") == ["[kernel] plugins (set by SWITCHBOARD_KERNEL__PLUGINS)"]
    assert listed.naming("pump") == [], "the list of the file is not what the next start reads"

    file = tmp_path / "plugins"
    file.write_text("plain")
    listed = loaded(path, SWITCHBOARD_KERNEL__PLUGINS_FILE=str(file))
    file.write_text("plain,pump_house")
    assert listed.naming("pump_house") == ["[kernel] plugins (set by SWITCHBOARD_KERNEL__PLUGINS_FILE)"]
    file.unlink()
    with pytest.raises(ConfigInvalid, match="SWITCHBOARD_KERNEL__PLUGINS_FILE"):
        listed.naming("pump_house")


def test_a_variable_of_a_plugins_own_table_names_that_plugin_too(tmp_path: Path) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text("[kernel]\nplugins = ['plain']\n")

    assert loaded(path, SWITCHBOARD_PUMP__LITRES="3").naming("pump") == ["SWITCHBOARD_PUMP__LITRES"]
    assert loaded(path, SWITCHBOARD_PUMP__LITRES="3").naming("pump_house") == []
