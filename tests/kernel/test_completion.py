"""`switchboard completion`: a shell proposes what there is, plugins' own subcommands among it."""

from __future__ import annotations

import subprocess

import pytest

from kernel.__main__ import main
from kernel.arguments import SHELLS


def proposed(script: str, line: str) -> set[str]:
    """What bash proposes at the end of that line."""
    words = line.split(" ")
    typed = " ".join(f"'{word}'" for word in words)
    code = f"""{script}
COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; COMPREPLY=()
_shtab_switchboard switchboard '{words[-1]}' '{words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_bash_proposes_subcommands_of_plugins_options_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out

    assert {"run", "check", "demo", "operator", "journal"} <= proposed(script, "switchboard ")
    assert proposed(script, "switchboard operator a") == {"add"}
    assert "--data" in proposed(script, "switchboard run --")
    assert {"json", "console"} <= proposed(script, "switchboard run --log-format ")


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_one_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "switchboard" in capsys.readouterr().out


def test_a_shell_that_is_none_of_them_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["completion", "fish"])
