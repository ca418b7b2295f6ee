"""A real Prometheus at a running demonstration: every panel has data, every rule can be evaluated."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ops.dashboards.__main__ import BOARDS
from ops.dashboards.promql import WINDOW
from tests.e2e.running import running

pytestmark = [
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs prometheus installed"),
    pytest.mark.timeout(240),
]
OPS = Path(__file__).parents[2] / "ops" / "prometheus"
SCRAPE_S = 1
DEADLINE_S = 120.0


def configured(folder: Path, target: str, token: str) -> Path:
    """Our own configuration, pointed at the demonstration, scraping often."""
    config = yaml.safe_load((OPS / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": f"{SCRAPE_S}s", "evaluation_interval": f"{SCRAPE_S}s"}
    config["rule_files"] = [str(OPS / name) for name in config["rule_files"]]
    (scrape,) = config["scrape_configs"]
    (folder / "token").write_text(token)
    scrape["authorization"] = {"credentials_file": str(folder / "token")}
    scrape["static_configs"] = [{"targets": [target]}]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def prometheus(config: Path) -> Iterator[httpx.Client]:
    """A Prometheus of its own for the length of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = config.with_name("prometheus.log")
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={config.with_name('tsdb')}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:
            until(lambda: process.poll() is None and answers(http), lambda: log.read_text())
            yield http
    finally:
        process.terminate()
        process.wait(20)


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def until(holds: Callable[[], bool], says: Callable[[], object]) -> None:
    """Wait for it; fails with what `says` says."""
    end = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < end, says()
        time.sleep(0.2)


def ask(http: httpx.Client, expr: str) -> list[Any]:
    response = http.get("/api/v1/query", params={"query": expr.replace(WINDOW, f"{SCRAPE_S * 4}s")})
    assert response.status_code == 200, (expr, response.text)
    result: list[Any] = response.json()["data"]["result"]
    return result


def rules(http: httpx.Client) -> list[dict[str, Any]]:
    return [rule for group in http.get("/api/v1/rules").json()["data"]["groups"] for rule in group["rules"]]


def metrics_in(expr: str) -> set[str]:
    return set(re.findall(r"\b(?:switchboard_|process_|python_)[a-z0-9_]+", expr))


def test_every_panel_and_every_rule_has_data_from_a_running_system(tmp_path: Path) -> None:
    with running(tmp_path / "data") as demo:
        url, token = demo.address
        with prometheus(configured(tmp_path, url.removeprefix("http://"), token)) as http:
            asked = {query.expr for board in BOARDS for panel in board.panels for query in panel.queries}
            missing = set(asked)

            def all_have_data() -> bool:
                missing.difference_update([expr for expr in missing if ask(http, expr)])
                return not missing

            until(all_have_data, lambda: f"no data for {sorted(missing)}")

            until(lambda: all(rule["health"] == "ok" for rule in rules(http)), lambda: rules(http))
            assert len(rules(http)) > 20
            known = set(http.get("/api/v1/label/__name__/values").json()["data"])
            wanted = {name for rule in rules(http) for name in metrics_in(rule["query"])}
            # what has never gone wrong has no series yet
            assert wanted - known <= {"switchboard_messages_failed_total", "switchboard_errors_total"}
            loud = {rule["name"] for rule in rules(http) if rule.get("state") == "firing"}
            assert not loud & {"SwitchboardDown", "JournalFailing", "FleetOffline", "PluginOut"}
