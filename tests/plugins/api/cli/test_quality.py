"""`switchboard plugin check`: what its user reads, and what a script goes by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernel.__main__ import main

WATCHER = """\
from kernel.plugin import Plugin, PluginConfig


class WatcherConfig(PluginConfig, frozen=True, kw_only=True):
    where: str{default}
    \"\"\"Where it looks.\"\"\"


class Watcher(Plugin[WatcherConfig]):
    Config = WatcherConfig
    {version}
"""


def written(folder: Path, *, default: str = " = 'here'", version: str = 'version = "1.2"') -> str:
    file = folder / "watcher.py"
    file.write_text(WATCHER.format(default=default, version=version))
    (folder / "README.md").write_text("# watcher\n")
    return str(file)


def test_the_table_names_each_rule_and_ends_with_the_tier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, version="pass")

    assert main(["plugin", "check", file, "--no-mypy"]) == 0
    *rules, last = capsys.readouterr().out.splitlines()
    assert last.startswith("watcher reaches ")
    assert "bronze   starts and stops         passed" in rules
    (version,) = [line.split(None, 3) for line in rules if "version" in line.split()[:2]]
    assert version == ["gold", "version", "failed", version[3]]
    assert version[3].startswith("there is none; give its distribution a version")
    assert main(["plugin", "check", file, "--no-mypy", "--tier", "gold"]) == 1


def test_a_script_reads_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "check", written(tmp_path), "--no-mypy", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["plugin"] == "watcher"
    assert told["tier"] in {"bronze", "silver", "gold"}
    assert told["results"][0] == {
        "tier": "bronze", "rule": "starts and stops", "outcome": "passed", "detail": "", "remedy": ""
    }  # fmt: skip


def test_a_plugin_that_needs_a_setting_is_measured_with_that_of_a_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, config = written(tmp_path, default=""), tmp_path / "switchboard.toml"
    config.write_text('[watcher]\nwhere = "there"\n')

    assert main(["plugin", "check", file, "--no-mypy"]) == 1
    said = capsys.readouterr().out
    assert "[watcher] where: is missing" in said
    assert "watcher does not reach bronze" in said
    assert main(["plugin", "check", file, "--no-mypy", "--config", str(config)]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["taks"], "switchboard plugin check: there is no plugin 'taks'; did you mean tasks?"),
        (["tasks", "--config", "/nowhere.toml"], "No such file"),
        (["tasks", "--tier", "best"], "choose from"),
        (["tasks", "--seconds", "0"], "give 1 to 3600 seconds"),
        ([], "the following arguments are required: NAME_OR_PATH"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_says_why(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["plugin", "check", *arguments])
    except SystemExit as ended:  # argparse's way
        status = int(ended.code or 0)

    assert status == 2
    assert said in capsys.readouterr().err


def test_the_help_says_what_the_tiers_and_the_status_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["plugin", "check", "--help"])

    said = " ".join(capsys.readouterr().out.split())
    for words in ("NAME_OR_PATH", "bronze (it starts", "thrown away", "Exit status: 0 when", "--tier"):
        assert words in said
