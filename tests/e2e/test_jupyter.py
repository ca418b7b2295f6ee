"""`switchboard jupyter` as its user starts it: JupyterLab, a cell in a kernel that is connected, and the live shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from kernel.events import ContactPaused, LiveShellClosed, LiveShellRan
from tests.e2e.running import of, running

DEADLINE_S = 90.0
LAB = "the-lab's-own-token"
LIVE = "switchboard-live"


class Lab:
    """A JupyterLab that runs, spoken with as its page does."""

    def __init__(self, process: subprocess.Popen[str], output: Path, address: str) -> None:
        self.process = process
        self.output = output
        self._address = address
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"token {LAB}"}, trust_env=False, timeout=DEADLINE_S
        )

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def start(self, name: str) -> httpx.Response:
        return self._http.post("/api/kernels", json={"name": name})

    @contextmanager
    def kernel(self, name: str) -> Iterator[tuple[str, ClientConnection]]:
        """A kernel of that name, and its channels."""
        number = self.start(name).raise_for_status().json()["id"]
        where = f"{self._address.replace('http', 'ws', 1)}api/kernels/{number}/channels?token={LAB}"
        with connect(where, proxy=None, max_size=None) as channels:
            yield number, channels

    def close(self) -> None:
        self._http.close()

    def shut_down(self, number: str) -> None:
        self._http.delete(f"/api/kernels/{number}").raise_for_status()


def run(channels: ClientConnection, code: str) -> tuple[str, str]:
    """How the cell ended, and everything that it showed."""
    header = {"msg_id": os.urandom(8).hex(), "msg_type": "execute_request", "username": "", "session": "s", "date": ""}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    whole = {"header": {**header, "version": "5.3"}, "parent_header": {}, "metadata": {}, "content": content}
    channels.send(json.dumps({**whole, "channel": "shell", "buffers": []}))
    shown, status, idle = "", "", False
    while not (status and idle):
        message = json.loads(channels.recv(timeout=DEADLINE_S))
        if message["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        content = message["content"]
        if message["msg_type"] == "execute_reply":
            status = str(content["status"])
        idle = idle or content.get("execution_state") == "idle"
        shown += content.get("text", "") or content.get("data", {}).get("text/plain", "") or content.get("evalue", "")
    return status, shown


@contextmanager
def lab(tmp_path: Path, url: str, token: str, data: Path) -> Iterator[Lab]:
    """`switchboard jupyter`, run in a project's folder."""
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    (tmp_path / "project" / "notebooks" / "first.py").touch()
    places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = {**os.environ, **{place: str(tmp_path / place) for place in places}, "SWITCHBOARD_TOKEN": token}
    command = [sys.executable, "-m", "kernel", "jupyter", "--url", url, "--data", str(data), "--no-browser", "--"]
    output = tmp_path / "lab.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            [*command, "--allow-root", "--ServerApp.port=0", f"--IdentityProvider.token={LAB}"],
            cwd=tmp_path / "project", env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        address = _address(process, tmp_path / "JUPYTER_RUNTIME_DIR" / f"jpserver-{process.pid}.json", output)
        with closing(Lab(process, output, address)) as jupyter:
            yield jupyter
    finally:
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        finally:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[str], file: Path, output: Path) -> str:
    """The server writes it down, under the number of the process that was started."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end and process.poll() is None:
        if file.exists() and (text := file.read_text()):
            return str(json.loads(text)["url"])
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{output.read_text()}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_jupyterlab_opens_on_the_notebooks_with_a_connected_kernel_and_with_the_shell_of_the_process(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with running(data, "--bots", "2", "--players", "4", "--tasks", "0") as demo:
        url, token = demo.address
        with lab(tmp_path, url, token, data) as jupyter:
            assert [file["name"] for file in jupyter.get("/api/contents")["content"]] == ["first.py"]
            specs = jupyter.get("/api/kernelspecs")
            assert specs["default"] == "switchboard"
            assert LIVE not in specs["kernelspecs"], "no shell is open"
            with jupyter.kernel("switchboard") as (_, cell):
                assert run(cell, "print(sb.actor, len(sb.bots), sb.trouble)") == ("ok", "operator:demo 2 None\n")
                assert run(cell, "sb.bots")[1].startswith("2 bots")
                assert run(cell, "await sb.pause_contact('looking closely')")[0] == "ok"

            demo.give("EnablePlugin", name="live_shell")
            demo.give("OpenLiveShell", minutes=480)
            specs = jupyter.get("/api/kernelspecs")
            assert LIVE in specs["kernelspecs"]
            with jupyter.kernel(LIVE) as (number, cell):
                assert run(cell, "print(len(state.bots), ctx.actor)") == ("ok", "2 operator:demo\n")
                jupyter.shut_down(number)
            with jupyter.kernel(LIVE) as (_, cell):
                assert run(cell, "print(ctx.state.contact.paused)") == ("ok", "True\n")
                demo.give("CloseLiveShell")
            assert LIVE not in jupyter.get("/api/kernelspecs")["kernelspecs"]

            everywhere = Path(f"/proc/{jupyter.process.pid}/cmdline").read_text() + json.dumps(specs)
            everywhere += jupyter.output.read_text()
            everywhere += "".join(p.read_text() for p in tmp_path.glob("JUPYTER_*/**/*") if p.is_file())
            assert token not in everywhere
            assert LAB in everywhere, "so this would find a token"
        demo.interrupt()
        demo.wait(60)
        told = demo.envelopes()
    assert [envelope.actor for envelope, _ in of(ContactPaused, told)] == ["operator:demo"]
    assert len(of(LiveShellRan, told)) == 2
    assert [closed.reason for _, closed in of(LiveShellClosed, told)] == ["closed"], "whoever leaves does not close it"
