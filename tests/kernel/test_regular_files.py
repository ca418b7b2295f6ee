"""Files from outside: a FIFO, a device or a folder in the place of one is named, and keeps nobody waiting."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.regular_files import open_regular, read_regular


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))  # a socket's name may have 108 bytes


ODD = pytest.mark.parametrize("put", [fifo, folder, device, listening])


@ODD
def test_what_is_no_regular_file_is_named(put: Callable[[Path], None], tmp_path: Path) -> None:
    put(tmp_path / "odd")

    with pytest.raises(OSError, match=r"Is a directory|it is a pipe, socket or device, not a file"):
        open_regular(tmp_path / "odd")


def test_a_file_behind_a_link_is_read_up_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("file")

    assert read_regular(tmp_path / "link") == b"0123456789"
    assert read_regular(tmp_path / "link", 4) == b"01234"


@ODD
@pytest.mark.parametrize(
    "command",
    [
        "check --config ODD",
        "check --config CONFIG",
        "check --config AUTHORITIES",
        "check --config TLS",
        "restore ODD --data NEW",
        "backup --data DATA FILE",
        "journal verify --data DATA",
        "journal repair --data DATA",
        "bots import ODD --yes",
        "bots import . --accounts ODD --yes",
        "proxies check ODD",
    ],
)
def test_no_command_waits_for_what_is_no_file(
    command: str,
    put: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SWITCHBOARD_TOKEN", "swb_none")
    monkeypatch.setenv("SWITCHBOARD_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "DATA" / "journal").mkdir(parents=True)
    (tmp_path / "CONFIG").write_text('[kernel]\nplugins = ["steam"]\n\n[steam]\nkey = "file:ODD"\n')
    (tmp_path / "AUTHORITIES").write_text('[kernel]\nplugins = ["steam"]\n\n[steam]\nca_file = "ODD"\n')
    (tmp_path / "TLS").write_text('[kernel]\nplugins = ["api"]\n\n[api]\ntls_certificate = "ODD"\ntls_key = "ODD"\n')
    put(tmp_path / "ODD")
    put(tmp_path / "DATA" / "journal" / "events.ndjson")

    try:
        status = main(command.split())
    except SystemExit as stopped:
        status = int(stopped.code or 0)

    assert status, "it was taken for a file"
    assert "Traceback" not in capsys.readouterr().err
