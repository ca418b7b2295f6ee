"""Alerts: each is tested both ways, explained in the runbook, and taken by Prometheus's own tool."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROMETHEUS = Path(__file__).parents[2] / "ops" / "prometheus"
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def alerts() -> dict[str, Any]:
    return {rule["alert"]: rule for group in read(PROMETHEUS / "alerts.yml")["groups"] for rule in group["rules"]}


def test_each_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    fires: set[str] = set()
    quiet: set[str] = set()
    for path in TESTS:
        for case in read(path)["tests"]:
            for checked in case["alert_rule_test"]:
                (fires if checked["exp_alerts"] else quiet).add(checked["alertname"])

    assert fires == quiet == set(alerts())


def test_each_alert_has_a_severity_two_sentences_and_an_entry_in_the_runbook() -> None:
    runbook = (PROMETHEUS / "README.md").read_text()
    entries = dict(re.findall(r"^## (\w+)\n\n(.+?)(?=\n## |\Z)", runbook, re.DOTALL | re.MULTILINE))

    assert set(entries) == set(alerts())
    for name, entry in entries.items():
        assert "**Means**" in entry, name
        assert "**Do**" in entry or "**do**" in entry, name
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in {"critical", "warning"}, name
        assert set(rule["annotations"]) == {"summary", "description"}, name


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool, of Debian's package prometheus")
@pytest.mark.parametrize("arguments", [["check", "config", "prometheus.yml"], ["test", "rules", *map(str, TESTS)]])
def test_prometheus_takes_the_rules_and_they_do_what_their_tests_say(arguments: list[str]) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
