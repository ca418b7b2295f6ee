"""What the config says is checked at the start; the key is read from where it says, and never shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.plugin import Plugin
from plugins.llm_agent import LlmAgent
from plugins.llm_agent.errors import KeyUnreadable
from plugins.llm_agent.key import read

SECRET = "sk-very-secret-0123456789abcdef"
AVAILABLE: dict[str, type[Plugin[Any]]] = {"llm_agent": LlmAgent}


def problems(**table: object) -> str:
    with pytest.raises(ConfigInvalid) as invalid:
        check({"kernel": {"plugins": ["llm_agent"]}, "llm_agent": table}, AVAILABLE)
    return str(invalid.value)


def test_only_the_model_has_to_be_named() -> None:
    check({"kernel": {"plugins": ["llm_agent"]}, "llm_agent": {"model": "llama3.2"}}, AVAILABLE)
    assert "[llm_agent] model: is missing" in problems()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", " "),
        ("base_url", "ftp://127.0.0.1/v1"),
        ("base_url", "127.0.0.1:11434"),
        ("base_url", "http://127.0.0.1:99999/v1"),
        ("base_url", "http://127.0.0.1/v1?x=1"),
        ("turns", 0),
        ("tokens", 0),
        ("drafts", 0),
        ("at_once", 0),
        ("answer_tokens", 0),
        ("silence_minutes", 0),
        ("turn_deadline_s", float("inf")),
        ("turn_deadline_s", 0.0),
        ("gap_s", float("inf")),
        ("connect_s", -1.0),
        ("rest_s", float("nan")),
        ("opening", 1.1),
        ("concession", 0.0),
        ("side", "steal"),
        ("fall_back", "nobody"),
        ("structured", "xml"),
        ("default_language", "de"),
        ("instructions", "x" * 2_001),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(key: str, value: object) -> None:
    assert f"[llm_agent] {key}" in problems(**{"model": "m", key: value})


def test_a_key_or_a_password_in_the_config_is_refused_without_repeating_it() -> None:
    said = problems(model="m", api_key=SECRET)
    assert "never the key itself" in said and SECRET not in said
    said = problems(model="m", base_url=f"https://me:{SECRET}@example.org/v1")
    assert "no user or password" in said and SECRET not in said


def test_a_key_goes_over_the_network_by_https_only() -> None:
    assert "only over https" in problems(model="m", api_key="env:KEY", base_url="http://example.org/v1")
    for url in ("https://example.org/v1", "http://localhost:8000/v1", "http://127.0.0.1:8000/v1", "http://[::1]/v1"):
        table = {"model": "m", "api_key": "env:KEY", "base_url": url}
        check({"kernel": {"plugins": ["llm_agent"]}, "llm_agent": table}, AVAILABLE)


def test_a_key_is_read_from_a_variable_or_from_a_file_that_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", SECRET)
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text(f"{SECRET}\n")
    for setting in ("env:MODEL_KEY", f"file:{file}"):
        key = read(setting)
        assert key is not None and key.header == f"Bearer {SECRET}"
        assert SECRET not in f"{key} {key!r}"
    assert read(None) is None


def test_a_key_that_is_missing_exposed_or_no_key_keeps_the_plugin_from_starting_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODEL_KEY", raising=False)
    file = tmp_path / "key"
    with pytest.raises(KeyUnreadable, match="there is no key in env:MODEL_KEY"):
        read("env:MODEL_KEY")
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        read(f"file:{file}")
    file.write_text(SECRET)
    file.chmod(0o640)
    with pytest.raises(KeyUnreadable, match="chmod 600") as exposed:
        read(f"file:{file}")
    file.chmod(0o600)
    file.write_text(f"{SECRET}\nanother line")
    with pytest.raises(KeyUnreadable, match="is no key") as odd:
        read(f"file:{file}")
    assert SECRET not in f"{exposed.value}{odd.value}"
    assert os.environ.get("MODEL_KEY") is None
