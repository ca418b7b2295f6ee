"""The report to attach to a question: what is in it, of a running system and of a folder, and what is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest

from kernel import diagnosis
from kernel.__main__ import main
from kernel.codes import KernelRefusal
from kernel.config import load
from kernel.diagnosis import PART_BYTES, FolderFacts
from kernel.errors import Rejected
from kernel.events import AuditRecorded, BotAdded, ErrorLogged
from kernel.hookspecs import Health, hookimpl
from kernel.ids import BotId, SteamId64
from kernel.measures import Distribution, Measure, MeasureKind
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.system import System
from kernel.testing import ManualClock
from plugins.api import Api
from plugins.api.auth import operators
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.journal import Journal
from plugins.llm_agent import LlmAgent
from plugins.metrics import Metrics
from plugins.tasks import Tasks
from tests.plugins.api.client import Site, serving

PLAYER: Final = "76561199000000042"
WORDS: Final = "may I have the red one for seven please"
ADDRESS: Final = "203.0.113.77"
HOST: Final = "relay.proxies.example"
UNWANTED: Final = ("anna", "rigori", WORDS, WORDS[:12], "red one", PLAYER, ADDRESS, HOST, "u:p")


class Stranger(Plugin[PluginConfig]):
    """Somebody else's, which repeats whatever it has heard."""

    async def start(self) -> None:
        texts = (WORDS, f"to {PLAYER}", f"by operator:Grigori at {ADDRESS}:8080", f"through http://u:p@{HOST}:1/x")
        for text in texts:
            self.ctx.contain("task answer Grigori", ValueError(text))
            self.ctx.contain(f"respond to {text}", Rejected(KernelRefusal.REJECTED, text))
            self.ctx.publish(ErrorLogged(source=self.ctx.name, message=text, detail=text))
            self.ctx.publish(ErrorLogged(source="tasks", message=f"It said {text!r}", detail=f"KeyError: {text}"))
        self.ctx.contain("respond", AttributeError("'NoneType' object has no attribute 'texts'"))
        self.ctx.contain("respond", OSError(28, "No space left on device", f"/home/Grigori/{WORDS}"))

    @hookimpl
    def health(self) -> Health:
        return Health(self.ctx.name, ok=True, detail=f"the last said was {WORDS} of {PLAYER}")

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        return (Measure.gauge("stranger_lines", "Lines.", 7),)

    @classmethod
    def diagnose(cls, folder: Path, *, running: bool) -> FolderFacts:
        return FolderFacts(facts={"books": 3, "last": WORDS})


async def told(site: Site, role: Role = Role.ADMIN, status: int = 200) -> dict[str, Any]:
    async with site.member(role, name=f"Grigori-{role}") as client:
        response = await client.get("/api/diagnose")
    assert response.status_code == status, response.text
    report: dict[str, Any] = response.json()
    return report


async def test_a_report_tells_no_word_name_or_address_of_a_system_that_runs_or_is_stopped(tmp_path: Path) -> None:
    async with serving(Journal, Tasks, Dialogue, ContactPolicy, Metrics, Stranger, data=tmp_path) as site:
        operators.add(tmp_path / "api" / "operators.json", "Grigori", Role.ADMIN, 0)
        (tmp_path / "stranger").mkdir(exist_ok=True)
        proxy = f"socks5h://{HOST}:1080"
        account = SteamId64("76561199000000777")
        site.world.ctx.publish(
            BotAdded(bot_id=BotId("bot_1"), steam_id64=account, proxy_url=proxy, label="Sons of Grigori")
        )
        await site.world.ctx.committed()
        await told(site, Role.DEVELOPER, 403)
        running = await told(site)
        audited = [one.result for one in site.world.happened(AuditRecorded) if one.action == "ExportDiagnosis"]
    assert main(["diagnose", "--data", str(tmp_path), "--output", str(tmp_path / "report.json")]) == 0
    assert audited == ["roleTooLow", "ok"]
    assert main(["diagnose", "--data", str(tmp_path), "--output", str(tmp_path / "report.json")]) == 1, "it is there"
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o600
    stopped = json.loads((tmp_path / "report.json").read_text())

    for report in (running, stopped):
        text = json.dumps(report, ensure_ascii=False)
        for unwanted in UNWANTED:
            assert unwanted not in text, unwanted
        assert str(tmp_path) not in text
        said = [one["what"] for one in report["errors"] if one["source"] == "stranger"]
        assert "respond: AttributeError: NoneType object has no attribute texts" in said
        assert any(what.startswith("respond: OSError: [Errno 28] ENOSPC") for what in said)
        assert report["counts"]["bots"] == {"disconnected": 1}
        assert report["events"]["counts"]["bot.added"] == 1
        journal = next(one for one in report["plugins"] if one["name"] == "journal")
        assert journal["folder"]["lastSeq"] >= 20
    stranger = next(one for one in running["plugins"] if one["name"] == "stranger")
    assert (stranger["folder"], stranger["measures"], stranger["healthy"]) == (
        {"books": 3},
        {"stranger_lines": 7},
        True,
    )


class Slow(Plugin[PluginConfig]):
    """Its folder takes for ever, and what it measures has no end."""

    let_go: ClassVar[threading.Event] = threading.Event()

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        samples: Mapping[tuple[str, ...], float | Distribution] = {
            (f"a{number}",): 1.0 for number in range(PART_BYTES // 8)
        }
        return (Measure(name="slow_x", help="x", kind=MeasureKind.GAUGE, labels=("a",), samples=samples),)

    @classmethod
    def diagnose(cls, folder: Path, *, running: bool) -> FolderFacts:
        cls.let_go.wait()
        return FolderFacts(facts={})


async def test_a_part_that_takes_for_ever_or_has_no_end_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "PART_S", 0.01)
    (tmp_path / "slow").mkdir()
    async with serving(Journal, Slow, data=tmp_path) as site:
        report = await told(site)
    Slow.let_go.set()

    slow = next(one for one in report["plugins"] if one["name"] == "slow")
    assert "measures" not in slow
    assert "measures" in slow["leftOut"] or "TimeoutError" in slow["leftOut"]
    assert len(json.dumps(report)) < PART_BYTES


async def test_the_settings_come_with_their_origins_and_without_what_is_secret(tmp_path: Path) -> None:
    file = tmp_path / "anna.toml"
    key = "kq3vTz81LmW0pRxy77Nd"
    file.write_text(
        f"""
[kernel]
plugins = ["journal", "contact_policy", "api", "llm_agent"]
[api]
port = 0
public_url = "https://{HOST}"
trusted_proxies = ["{ADDRESS}"]
[llm_agent]
model = "m"
base_url = "https://{HOST}/v1"
instructions = "The password is password={key}"
"""
    )
    plugins = {"journal": Journal, "contact_policy": ContactPolicy, "api": Api, "llm_agent": LlmAgent}
    config = load(file, plugins, environment={"SWITCHBOARD_API__KEEP_ALIVE_S": "9"})
    system = System(config, plugins, clock=ManualClock(), data=tmp_path / "data")
    async with system:
        diagnose = system.hooks.diagnosis
        assert diagnose is not None
        text = (await diagnose(["anna"])).decode()

    settings = json.loads(text)["settings"]
    assert settings["api"]["keep_alive_s"] == {
        "source": "environment",
        "place": "SWITCHBOARD_API__KEEP_ALIVE_S",
        "value": 9,
    }
    assert settings["api"]["port"]["place"].endswith(".toml:5")
    assert settings["api"]["max_streams"] == {"source": "default", "value": 500}
    for unwanted in (key, HOST, ADDRESS, "anna", str(tmp_path / "data")):
        assert unwanted not in text, unwanted
