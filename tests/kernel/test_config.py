"""The config file: everything that is wrong with it is said at once, in words that name the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.config import check, load
from kernel.errors import ConfigInvalid
from kernel.plugin import Plugin, PluginConfig


class PumpConfig(PluginConfig, frozen=True, kw_only=True):
    litres: int = 5
    colour: str

    def __post_init__(self) -> None:
        if self.litres < 1:
            raise ValueError("litres: must be at least 1")


class Pump(Plugin[PumpConfig]):
    Config = PumpConfig


AVAILABLE = {"pump": Pump, "plain": Plugin}


def problems(document: dict[str, object]) -> list[str]:
    with pytest.raises(ConfigInvalid) as invalid:
        check(document, AVAILABLE)
    return list(invalid.value.problems)


def test_five_mistakes_are_five_named_problems() -> None:
    found = problems(
        {
            "kernel": {"plugins": ["pump", "plian"], "stop_deadline": 3},
            "pump": {"litres": "many", "color": "red"},
        }
    )

    assert found == [
        "[kernel] stop_deadline: there is no such setting; did you mean stop_deadline_s?",
        "[kernel] plugins: there is no plugin 'plian'; did you mean plain?",
        "[pump] color: there is no such setting; did you mean colour?",
        "[pump] litres: expected `int`, got `str`",
        "[pump] colour: is missing",
    ]


def test_a_table_of_nobody_and_a_value_out_of_range_are_named() -> None:
    assert problems({"kernel": {"plugins": ["plain"]}, "pumps": {}}) == [
        "[pumps]: there is no such plugin; did you mean pump?"
    ]
    assert problems({"kernel": {"plugins": ["pump"]}, "pump": {"litres": 0, "colour": "red"}}) == [
        "[pump] litres: must be at least 1"
    ]
    assert problems({"kernel": 7}) == [
        "kernel: must be a table: write [kernel] above its settings",
        "[kernel] plugins: is missing",
    ]


def test_an_installed_plugin_that_cannot_be_used_matters_only_to_a_config_that_names_it() -> None:
    broken = {"rusty": "rusty:Rusty cannot be imported: ImportError('no hinges')"}

    assert check({"kernel": {"plugins": ["plain"]}}, AVAILABLE, broken).kernel.plugins == ("plain",)
    with pytest.raises(ConfigInvalid, match="rusty: rusty:Rusty cannot be imported"):
        check({"kernel": {"plugins": ["rusty"]}}, AVAILABLE, broken)


def test_a_config_that_holds_gives_each_plugin_its_table() -> None:
    config = check({"kernel": {"plugins": ["pump"]}, "pump": {"colour": "red"}}, AVAILABLE)

    assert config.plugins == {"pump": PumpConfig(litres=5, colour="red")}


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read"), (b"[kernel", "is not TOML"), (b"\xff\xfe", "is not TOML")]
)
def test_a_file_that_is_no_config_is_said_to_be_none(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "switchboard.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigInvalid, match=says):
        load(path, AVAILABLE)


def test_the_command_line_lists_every_problem_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text('[kernel]\nplugins = ["jurnal"]\nerror_budget = 0\n[tasks]\ncolour = 1\n[nobody]\n')

    assert main(["check", "--config", str(path)]) == 2
    said = capsys.readouterr().err
    for problem in ("jurnal", "error_budget", "[tasks] colour", "[nobody]"):
        assert problem in said


def test_the_example_config_of_the_project_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "switchboard.toml"

    assert main(["check", "--config", str(example)]) == 0
    assert "good; runs journal" in capsys.readouterr().out
