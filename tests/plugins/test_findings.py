"""What each plugin finds in its own table before a start."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.findings import findings
from kernel.hosting.library import find

FIRST = ("journal", "contact_policy")


def found(plugin: str, settings: Mapping[str, object], data: Path | None = None) -> list[str]:
    installed = find()
    document = {"kernel": {"plugins": [*FIRST, plugin]}, plugin: dict(settings)}
    return findings(check(document, installed.plugins), installed.plugins, data)


@pytest.mark.parametrize(
    ("plugin", "settings", "says"),
    [
        ("api", {"host": "no such host"}, "[api] host: 'no such host' is no address of this machine: "),
        ("api", {"host": "192.0.2.1"}, "[api] host: 192.0.2.1 is no address of this machine."),
        (
            "api",
            {"tls_certificate": "/no.pem", "tls_key": "/no.key"},
            "[api] tls_certificate, tls_key: /no.pem, /no.key ",
        ),
        ("api", {"public_url": "https://"}, "[api] public_url: https:// has no host; write it as "),
        ("api", {"trusted_proxies": ["10.0.0.0/8", "nginx"]}, "[api] trusted_proxies: 'nginx' is no address and no "),
        ("api", {"max_streams": 5}, "[api] max_streams_each: nobody gets more than max_streams, 5; "),
        ("api", {"max_connections": 500}, "[api] max_connections: streams alone may take them all"),
        ("steam", {"directory_url": "https:///list"}, "[steam] directory_url: https:///list has no host; "),
        ("steam", {"ca_file": "/no.pem"}, "[steam] ca_file: /no.pem cannot be used: "),
        ("steam", {"key": "env:NO_SUCH_KEY"}, "[steam] key: the environment variable NO_SUCH_KEY holds no key; "),
        ("steam", {"key": "file:/dev/null"}, "[steam] key: the key /dev/null cannot be read: it is a pipe, "),
        (
            "scripted_agent",
            {"default_language": "de"},
            "[scripted_agent] default_language: there is no script in 'de'; ",
        ),
        ("scripted_agent", {"scripts": "/no.toml"}, "[scripted_agent] scripts: no.toml: cannot be read: "),
        ("llm_agent", {"model": "m", "api_key": "env:NO_SUCH_KEY"}, "[llm_agent] api_key: there is no key in env:NO_"),
        ("llm_agent", {"model": "m", "tokens": 300}, "[llm_agent] answer_tokens: one answer may take more than tokens"),
        ("llm_agent", {"model": "m", "connect_s": 50}, "[llm_agent] connect_s: is above turn_deadline_s"),
        ("dialogue", {"take_over_deadline_s": 300}, "[dialogue] take_over_deadline_s: must be below [kernel] command_"),
        ("steam_sim", {"folder": "/dev/null/sim"}, "[steam_sim] folder: /dev/null is no folder; "),
    ],
)
def test_what_cannot_work_is_found_in_its_table(plugin: str, settings: Mapping[str, object], says: str) -> None:
    (finding,) = found(plugin, settings)

    assert finding.startswith(says)


@pytest.mark.parametrize("plugin", ["api", "steam", "scripted_agent", "dialogue", "steam_sim", "live_shell"])
def test_the_defaults_have_no_finding(plugin: str, tmp_path: Path) -> None:
    assert found(plugin, {}, tmp_path / "data") == []


def test_a_shell_that_could_not_be_opened_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "plugins.live_shell.plugin.find_spec", lambda name: None if name == "ipykernel" else find_spec(name)
    )

    (finding,) = found("live_shell", {})
    assert finding.startswith("[live_shell] no shell can be opened. There is no ipykernel")


def test_an_address_beyond_this_machine_needs_somebody_who_can_sign_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"host": "0.0.0.0", "port": 0}
    assert found("api", settings) == [], "no data folder is known"
    (finding,) = found("api", settings, tmp_path)
    assert finding.startswith("[api] host: 0.0.0.0 can be reached from elsewhere, and nobody can sign in yet; ")

    assert main(["operator", "add", "anna", "--role", "admin", "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    assert found("api", settings, tmp_path) == []


def test_a_port_that_is_in_use_may_be_our_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        assert found("api", {"port": ours.getsockname()[1]}) == []


@pytest.mark.parametrize("host", ["", " "])
def test_an_empty_host_is_not_taken_for_every_address(host: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"\[api\] host: is empty, which would be every address"):
        found("api", {"host": host})


def test_the_commands_of_the_simulator_are_refused_a_port_below_0() -> None:
    with pytest.raises(ConfigInvalid, match="the port cm must be from 0 to 65535, not -1"):
        found("steam_sim", {"cm_port": -1})
