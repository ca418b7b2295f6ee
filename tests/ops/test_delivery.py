"""What is put on a server: the image, the compose file and the unit say what is true of this project."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from kernel.__main__ import main

ROOT = Path(__file__).parents[2]
OPS = ROOT / "ops"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def instructions() -> list[list[str]]:
    """The Dockerfile's instructions, word by word."""
    text = re.sub(r"\\\n", " ", (OPS / "Dockerfile").read_text())
    return [shlex.split(line) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_copies_what_is_there_and_runs_as_nobody_in_particular() -> None:
    for word, *arguments in instructions():
        if word == "COPY" and not arguments[0].startswith("--from"):
            for source in arguments[:-1]:
                assert (ROOT / source).exists(), source
    words = [line[0] for line in instructions()]
    last_stage = instructions()[len(words) - 1 - words[::-1].index("FROM") :]
    assert ["USER", "10001:10001"] in last_stage
    assert any(line[0] == "HEALTHCHECK" for line in last_stage)
    assert not any(
        line[0] in ("RUN", "COPY", "ADD") for line in last_stage[last_stage.index(["USER", "10001:10001"]) :]
    )


def test_each_base_image_is_a_build_argument_that_takes_a_digest() -> None:
    given = {line[1].partition("=")[0] for line in instructions() if line[0] == "ARG"}
    bases = [line[1] for line in instructions() if line[0] == "FROM"]

    assert bases
    assert all(base.startswith("${") and base[2:-1] in given for base in bases)
    readme = (OPS / "README.md").read_text()
    assert all(f"--build-arg {name}=" in readme for name in given)


def test_the_images_layers_get_what_it_copies_and_neither_environments_nor_data() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied: set[str] = set()
    for word, *arguments in instructions():
        if word == "COPY" and not arguments[0].startswith("--from"):
            copied |= set(arguments[:-1])
    folders = {path for path in let_in if (ROOT / path).is_dir()}

    assert lines[1] == "*", "all else is left out"
    assert let_in - folders == {path for path in copied if path.partition("/")[0] not in folders}
    assert folders == {path.partition("/")[0] for path in copied if (ROOT / path.partition("/")[0]).is_dir()} - {"ops"}
    assert {"**/__pycache__", "**/node_modules", "plugins/api/static"} <= set(lines)


def test_the_image_starts_with_options_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    command = [word.strip("[],") for word in instructions()[-1]]
    assert command[:2] == ["CMD", "run"]
    options = [word for word in command if word.startswith("--")]
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    helped = capsys.readouterr().out

    assert options
    assert all(option in helped for option in options)


def test_the_containers_config_is_good_and_the_examples_but_for_where_it_listens() -> None:
    assert main(["check", "--config", str(OPS / "container.toml")]) == 0
    ours = tomllib.loads((OPS / "container.toml").read_text())
    example = tomllib.loads((ROOT / "switchboard.toml").read_text())

    ours["api"].pop("host"), example["api"].pop("host")
    assert ours == example


def test_compose_publishes_to_this_machine_alone_and_mounts_what_is_there() -> None:
    compose: dict[str, Any] = yaml.safe_load((OPS / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (OPS / source).exists() if source.startswith(".") else source in compose["volumes"], volume
    assert compose["services"]["switchboard"]["read_only"] is True


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_images_health_check_asks_the_container_itself_whatever_proxy_it_is_given() -> None:
    found = re.search(r"^HEALTHCHECK [^\n]*\\\n +CMD (\[.*\])$", (OPS / "Dockerfile").read_text(), re.MULTILINE)
    assert found is not None
    code: list[str] = json.loads(found[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, *(word.replace(":8040", f":{server.server_port}") for word in code[1:])]
        nowhere = "http://127.0.0.1:9"
        proxies = {"http_proxy": nowhere, "HTTP_PROXY": nowhere, "all_proxy": nowhere}
        healthy = subprocess.run(command, env={**os.environ, **proxies}, capture_output=True, check=False)
        server.shutdown()
    ill = subprocess.run(command, capture_output=True, check=False)

    assert healthy.returncode == 0, healthy.stderr
    assert ill.returncode != 0


def test_prometheus_has_a_network_of_its_own_and_finds_switchboard_and_is_found_by_name() -> None:
    services = yaml.safe_load((OPS / "compose.yaml").read_text())["services"]
    assert not any("network_mode" in service for service in services.values())
    (compose,) = yaml.safe_load((OPS / "prometheus/targets.compose.yml").read_text())
    (machine,) = yaml.safe_load((OPS / "prometheus/targets.yml").read_text())
    api = tomllib.loads((OPS / "container.toml").read_text())["api"]
    source = yaml.safe_load((OPS / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    config = yaml.safe_load((OPS / "prometheus/prometheus.yml").read_text())["scrape_configs"][0]

    assert config["file_sd_configs"] == [{"files": ["targets.yml"]}]
    assert compose["targets"] == [f"switchboard:{api['port']}"]
    assert machine["targets"] == [f"127.0.0.1:{api['port']}"]
    assert "open_paths" not in api, "what others can ask takes a token"
    scraping = yaml.safe_load((OPS / "prometheus/prometheus.compose.yml").read_text())
    (job,) = scraping["scrape_configs"]
    assert job["authorization"] == {"credentials_file": "/run/secrets/metrics_token"}
    assert services["prometheus"]["secrets"] == ["metrics_token"]
    assert "--config.file=/etc/prometheus/prometheus.compose.yml" in services["prometheus"]["command"]
    scraping.pop("alerting")
    assert scraping | {"scrape_configs": [job | {"authorization": None}]} == (
        yaml.safe_load((OPS / "prometheus/prometheus.yml").read_text())
        | {"scrape_configs": [config | {"authorization": None}]}
    )
    assert "./prometheus/targets.compose.yml:/etc/prometheus/targets.yml:ro" in services["prometheus"]["volumes"]
    assert source["url"] == "http://prometheus:9090"


def test_prometheus_finds_alertmanager_whose_receivers_are_all_there_and_whose_secrets_are_files() -> None:
    service = yaml.safe_load((OPS / "compose.yaml").read_text())["services"]["alertmanager"]
    (found,) = yaml.safe_load((OPS / "prometheus/prometheus.compose.yml").read_text())["alerting"]["alertmanagers"]
    text = (OPS / "alertmanager/alertmanager.yml").read_text()
    example = text.replace("receiver: nobody # or people", "receiver: people").replace("  # ", "  ")

    assert found["static_configs"] == [{"targets": ["alertmanager:9093"]}] and service["ports"] == [
        "127.0.0.1:9093:9093"
    ]
    assert "--config.file=/etc/alertmanager/alertmanager.yml" in service["command"]
    assert "./alertmanager:/etc/alertmanager:ro" in service["volumes"] and service["read_only"] is True
    for config, names in ((yaml.safe_load(text), {"nobody"}), (yaml.safe_load(example), {"nobody", "people"})):
        routes = [config["route"], *config["route"]["routes"]]
        assert {route["receiver"] for route in routes} <= {one["name"] for one in config["receivers"]} == names
    (_, people) = yaml.safe_load(example)["receivers"]
    settings = {key for kind in people.values() if isinstance(kind, list) for one in kind for key in one}
    assert {key for key in settings if "token" in key or "password" in key or "url" in key} == {
        "bot_token_file", "api_url_file", "url_file", "auth_password_file",
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("amtool") is None, reason="needs amtool, of Debian's package prometheus-alertmanager")
def test_alertmanager_takes_its_config() -> None:
    command = ["amtool", "check-config", str(OPS / "alertmanager/alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_is_provisioned_with_the_folder_that_compose_mounts() -> None:
    provider = yaml.safe_load((OPS / "grafana/provisioning/dashboards/switchboard.yml").read_text())["providers"][0]
    compose = yaml.safe_load((OPS / "compose.yaml").read_text())

    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in compose["services"]["grafana"]["volumes"]


def test_the_unit_tries_again_only_where_that_helps(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[nonsense]\n")
    unit = (OPS / "switchboard.service").read_text()

    assert main(["run", "--config", str(wrong), "--data", str(tmp_path / "data")]) == 2
    assert "\nRestart=on-failure\n" in unit
    assert "\nRestartPreventExitStatus=2\n" in unit
    assert "ExecStartPre" not in unit, "its exit status is no reason for systemd not to try again"
    assert "\nStartLimitBurst=" in unit, "a start that fails again and again ends"


@needs_systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "switchboard.service"
    program = Path(sys.executable).with_name("switchboard")
    unit.write_text((OPS / "switchboard.service").read_text().replace("/opt/switchboard/bin/switchboard", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_the_unit_leaves_hardly_anything_to_whoever_breaks_in() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(OPS / "switchboard.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
