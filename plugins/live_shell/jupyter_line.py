"""`switchboard jupyter`: JupyterLab on the notebooks, with a kernel that is connected to the running system already."""

from __future__ import annotations

import argparse
import getpass
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import httpx
import msgspec
from msgspec import Struct

from kernel.arguments import add_url, path

SPECS: Final = Path(__file__).parent / "jupyter"
"""Two kernels as Jupyter looks for them. They are the same for everybody: what differs is in the environment."""
NEEDED: Final = ("jupyterlab", "ipykernel")
TIMEOUT_S: Final = 10.0
DESCRIPTION: Final = """\
Open JupyterLab. New notebooks have a kernel in which `sb` is connected to the running system, in the name and with
the role of the token in SWITCHBOARD_TOKEN, or of one that you type: switchboard token create NAME --kind notebook"""
EPILOG: Final = """\
What follows `--` is for JupyterLab, as in: switchboard jupyter -- --port 8899 --allow-root"""


class Unready(Exception):
    """Why JupyterLab is not started; the message says what to do."""


class _Session(Struct):
    actor: str


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `jupyter`."""
    parser = subcommands.add_parser(
        "jupyter",
        help="open JupyterLab with a kernel that is connected already",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_url(parser)
    parser.add_argument(
        "--data",
        type=path,
        metavar="DIR",
        help="the data folder of `switchboard run`; a shell that is open in that process (live_shell) is a kernel too",
    )
    parser.add_argument(
        "--folder", type=path, metavar="DIR", help="where it opens (default: notebooks, if that is here, else here)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    parser.add_argument("lab", nargs="*", metavar="OPTION", help="given to JupyterLab")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Becomes JupyterLab; comes back only when it cannot, with 1."""
    try:
        _expect_installed()
        token = _token()
        actor = _actor(options.url, token)
        folder = _folder(options.folder)
    except Unready as unready:
        sys.stderr.write(f"switchboard jupyter: {unready}\n")
        return 1
    sys.stderr.write(f"In a new notebook `sb` is connected to {options.url} as {actor}.\n")
    return _become(_lab_options(folder, options), _environment(os.environ, options.url, token, options.data))


def _become(options: list[str], environment: dict[str, str]) -> NoReturn:
    arguments = [sys.executable, "-P", "-m", "jupyterlab", *options]
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - it is the person's own command line


def _expect_installed() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Unready(f"{' and '.join(missing)} not installed here; in the project: pip install '.[jupyter]'")


def _token() -> str:
    token = os.environ.get("SWITCHBOARD_TOKEN", "").strip()
    if not token and sys.stdin.isatty():
        token = getpass.getpass("Token: ").strip()
    if not token:
        text = "there is no token: set SWITCHBOARD_TOKEN; `switchboard token create NAME --kind notebook` makes one"
        raise Unready(text)
    return token


def _actor(url: str, token: str) -> str:
    """Whom the running system takes the holder of the token for."""
    try:
        with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
            response = client.get("/api/session", headers={"authorization": f"Bearer {token}"})
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError, ValueError) as error:
        text = f"no answer from {url} ({error}); start the system, or give its address with --url"
        raise Unready(text) from error
    if response.status_code == 401:
        raise Unready("the system does not know this token; `switchboard token create NAME --kind notebook` makes one")
    try:
        return msgspec.json.decode(response.content, type=_Session).actor
    except msgspec.MsgspecError as error:
        raise Unready(f"what answers at {url} is not Switchboard; check --url") from error


def _folder(given: Path | None) -> Path:
    here = Path("notebooks") if Path("notebooks").is_dir() else Path()
    folder = given or here
    if not folder.is_dir():
        raise Unready(f"--folder {folder} is no folder")
    return folder.resolve()


def _lab_options(folder: Path, options: argparse.Namespace) -> list[str]:
    """Nothing in them is secret: everybody on the machine may read them."""
    return [
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.kernel_spec_manager_class=plugins.live_shell.attachment.Kernels",
        "--MultiKernelManager.default_kernel_name=switchboard",
        # it would ask far servers for news, for newer versions of itself and for extensions
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        *(["--no-browser"] if options.no_browser else []),
        *options.lab,
    ]


def _environment(before: Mapping[str, str], url: str, token: str, data: Path | None) -> dict[str, str]:
    """JupyterLab hands it on to its kernels, which is how they know where and as whom to connect."""
    paths = [str(SPECS), *filter(None, [before.get("JUPYTER_PATH")])]
    environment = {
        **before,
        "JUPYTER_PATH": os.pathsep.join(paths),
        "SWITCHBOARD_URL": url,
        "SWITCHBOARD_TOKEN": token,
    }
    if data is not None:
        environment["SWITCHBOARD_LIVE_SHELL"] = str((data / "live_shell" / "connection.json").resolve())
    return environment
