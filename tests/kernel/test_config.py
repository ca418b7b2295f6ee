"""The config file: everything that is wrong with it is said at once, in words that name the place."""

from __future__ import annotations

import argparse
import fcntl
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.__main__ import _parser, main
from kernel.config import check, load
from kernel.errors import ConfigInvalid
from kernel.hookspecs import hookimpl
from kernel.hosting.library import Installed, find, folder_of
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery


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


def test_every_value_out_of_range_is_named_also_beside_other_mistakes() -> None:
    document: dict[str, object] = {
        "kernel": {"plugins": ["plain"], "stop_deadline_s": float("nan"), "error_budget": 0, "coulour": 1}
    }
    assert problems(document) == [
        "[kernel] coulour: there is no such setting; there are: command_deadline_s, drain_deadline_s, error_budget, "
        "hang_budget, hang_limit_s, hold_budget_ms, hold_limit_ms, plugin_folder, plugins, respond_deadline_s, "
        "stop_deadline_s",
        "[kernel] stop_deadline_s: must be a finite number",
        "[kernel] error_budget: must be at least 1",
    ]


def test_what_stands_above_all_tables_is_one_problem() -> None:
    (problem,) = problems({"kernel": {"plugins": ["plain"]}, "error_budget": 5})
    assert problem.startswith("[error_budget]: there is no such plugin")


def test_tables_within_tables_and_values_of_odd_types_are_named() -> None:
    assert problems({"kernel": {"plugins": [1], "stop_deadline_s": {"a": 1}}, "pump": {"colour": {}}}) == [
        "[kernel] plugins: expected `str`, got `int` - at `$[0]`",
        "[kernel] stop_deadline_s: expected `float`, got `object`",
        "[pump] colour: expected `str`, got `object`",
    ]


def test_an_installed_plugin_that_cannot_be_used_matters_only_to_a_config_that_names_it() -> None:
    broken = {"rusty": "rusty:Rusty cannot be imported: ImportError('no hinges')"}

    assert check({"kernel": {"plugins": ["plain"]}}, AVAILABLE, broken).kernel.plugins == ("plain",)
    with pytest.raises(ConfigInvalid, match="rusty: rusty:Rusty cannot be imported"):
        check({"kernel": {"plugins": ["rusty"]}}, AVAILABLE, broken)


def test_a_guard_that_is_installed_cannot_be_left_out() -> None:
    class Guard(Plugin[PluginConfig]):
        """The care for somebody."""

        required = True

    with pytest.raises(ConfigInvalid, match="must list guard: The care for somebody"):
        check({"kernel": {"plugins": ["plain"]}}, {**AVAILABLE, "guard": Guard})


def test_a_config_that_holds_gives_each_plugin_its_table() -> None:
    config = check({"kernel": {"plugins": ["pump"]}, "pump": {"colour": "red"}}, AVAILABLE)

    assert config.plugins == {"pump": PumpConfig(litres=5, colour="red")}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"[kernel", "is not TOML"),
        (b"\xff\xfe[\0k\0", "is UTF-16; save it as UTF-8"),
        (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
        (b"# \xf1", "is not UTF-8"),
        (b"a = " + b"[" * 100_000, "is not TOML: arrays or tables are too deep"),
        (b"", r"\[kernel\] plugins: is missing"),
    ],
)
def test_a_file_that_is_no_config_is_said_to_be_none(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "switchboard.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigInvalid, match=says):
        load(path, AVAILABLE)


def test_a_file_that_an_editor_has_begun_with_its_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_bytes(b"\xef\xbb\xbf[kernel]\r\nplugins = ['plain']\r\nplugin_folder = 'agents'\r\n")

    assert load(path, AVAILABLE).kernel.plugins == ("plain",)
    assert folder_of(path) == tmp_path / "agents"


def test_a_plugin_folder_that_is_not_there_is_a_problem_of_the_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text('[kernel]\nplugins = ["contact_policy"]\nplugin_folder = "agnets"\n')

    assert main(["check", "--config", str(path)]) == 1
    assert f"plugin_folder: {tmp_path / 'agnets'} is no folder" in capsys.readouterr().err


def test_an_empty_path_is_not_taken_for_the_working_folder_by_any_subcommand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "switchboard.toml"
    config.write_text(RUN.format("tasks"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    lines = (f"run --config {config}", "demo", "token create anna", "operator add anna --role admin", "token list")
    for line in lines:
        for empty in ("", " "):
            with pytest.raises(SystemExit) as ended:
                main([*line.split(), "--data", empty])
            assert (ended.value.code, list(Path().iterdir())) == (2, []), line
            assert "argument --data: give a path; it is empty" in capsys.readouterr().err, line
    plain = [f"{parser.prog} {action.dest}" for parser, action in arguments(_parser(find())) if action.type is Path]
    assert not plain, "take kernel.arguments.path"


def arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, argparse.Action]]:
    """Every argument of every subcommand."""
    for action in parser._actions:
        yield parser, action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from arguments(below)


def test_check_and_run_list_every_problem_and_tell_themselves_apart_by_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text('[kernel]\nplugins = ["jurnal"]\nerror_budget = 0\n[tasks]\ncolour = 1\n[nobody]\n')
    assert main(["run", "--config", str(path), "--data", str(tmp_path / "data")]) == 2
    at_start = capsys.readouterr().err

    assert main(["check", "--config", str(path)]) == 1
    said = capsys.readouterr().err
    for problem in ("jurnal", "error_budget", "[tasks] colour", "[nobody]"):
        assert problem in said
    assert said == at_start


def test_the_example_config_of_the_project_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "switchboard.toml"

    assert main(["check", "--config", str(example)]) == 0
    assert "good; runs journal" in capsys.readouterr().out


RUN = '[kernel]\nplugins = ["contact_policy", "{}"]\n'


def run(tmp_path: Path, plugin: str, data: Path) -> int:
    config = tmp_path / "switchboard.toml"
    config.write_text(RUN.format(plugin))
    return main(["run", "--config", str(config), "--data", str(data)])


def test_a_data_folder_that_cannot_be_made_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    assert run(tmp_path, "tasks", tmp_path / "file" / "data") == 1
    assert capsys.readouterr().err.endswith("file/data: cannot be used: Not a directory\n")


def test_a_data_folder_in_use_and_a_ca_file_that_is_missing_are_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "journal").mkdir()
    with (tmp_path / "journal" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(tmp_path, "journal", tmp_path) == 1
    said = capsys.readouterr().err
    assert "is in use by another Switchboard" in said and "Traceback" not in said

    assert run(tmp_path, 'steam"]\n[steam]\nca_file = "/nowhere.pem" # "]', tmp_path) == 1
    said = capsys.readouterr().err
    assert "steam: does not start: ca_file: /nowhere.pem cannot be used" in said and "Traceback" not in said


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(tmp_path, f'api"]\n[api]\nport = {port} # "]', tmp_path) == 1
    said = capsys.readouterr().err
    assert f"api: does not start: [api] port: {port} of 127.0.0.1 is taken" in said and "Traceback" not in said


def test_a_plugin_whose_subcommands_fail_leaves_those_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clumsy(Plugin[PluginConfig]):
        @hookimpl
        async def recover(self, recovery: Recovery) -> None:
            """As a journal, which a config begins with."""

        @classmethod
        def cli(cls, subcommands: object) -> None:
            raise SystemExit("no such thing")

    for module in ("__main__", "config_commands"):
        monkeypatch.setattr(f"kernel.{module}.find", lambda *_: Installed({"clumsy": Clumsy}, {}))
    config = tmp_path / "switchboard.toml"
    config.write_text('[kernel]\nplugins = ["clumsy"]\n')

    assert main(["check", "--config", str(config)]) == 0
