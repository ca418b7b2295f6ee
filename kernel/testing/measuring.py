"""Measures a plugin against the scale of `quality`: its code runs in a process of its own, within a time."""

from __future__ import annotations

import os
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

from kernel.hosting.library import GROUP
from kernel.testing.quality import NOT_MEASURED, TIERS, Report, Rule, RuleResult, failed, judged, not_applicable, passed
from kernel.testing.reading import contract_in, unannotated
from kernel.testing.sources import Subject
from kernel.testing.trial import Begun, Facts, Line, Note, Order

SECONDS: Final = 60.0
"""For all that the plugin's code does."""
STEP: Final = 12
"""Such a part of it may the plugin take to start, to reload or to stop."""
TYPES_SECONDS: Final = 300.0
_OURS: Final = ("SWITCHBOARD_", "XDG_", "JUPYTER", "IPYTHON", "DBUS_")
"""What the environment says of the person's own folders and of a running system; the plugin is not told."""


def measured(
    subject: Subject,
    *,
    settings: Mapping[str, Any] | None = None,
    types: bool = True,
    seconds: float = SECONDS,
) -> Report:
    """Every rule, in order. `settings` go before the defaults of its config; `types`: mypy runs where there is one."""
    with tempfile.TemporaryDirectory(prefix="switchboard-check-", ignore_cleanup_errors=True) as folder:
        lines, ended = _tried(subject, settings or {}, Path(folder), seconds)
        found = {line.result.rule: line.result for line in lines if isinstance(line, Note)}
        begun = [line.rule for line in lines if isinstance(line, Begun)]
        facts = next((line for line in reversed(lines) if isinstance(line, Facts)), None)
        if begun and begun[-1] not in found:
            found[begun[-1]] = failed(begun[-1], ended)
        for result in _read(subject, facts, Path(folder), types=types):
            found[result.rule] = result
    return Report(subject.name, tuple(found.get(rule) or failed(rule, NOT_MEASURED) for rule in TIERS))


def _tried(subject: Subject, settings: Mapping[str, Any], folder: Path, seconds: float) -> tuple[list[Line], str]:
    """What the trial has noted, and how its process ended."""
    order, notes, said = folder / "order.json", folder / "notes.json", folder / "said.txt"
    data, home = folder / "data", folder / "home"
    for made in (data, home):
        made.mkdir()
    path = [str(place) for place in subject.path]
    if path:
        path.append(str(_as_installed(subject, folder)))
    single = str(subject.place.parent) if subject.value is None else None
    given = Order(
        name=subject.name, folder=single, path=tuple(path), data=str(data), settings=settings, seconds=seconds / STEP
    )
    order.write_bytes(msgspec.json.encode(given))
    notes.touch()
    command = [sys.executable, "-P", "-m", "kernel.testing.trial", str(order), str(notes)]
    with said.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(seconds)
            ended = f"its process ended with status {status}: {_last_line(said)}"
        except subprocess.TimeoutExpired:
            ended = f"it did not come to an end within {seconds:g} s"
        finally:
            _end(process)
    return _lines(notes), ended


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process, and whatever it has started."""
    with suppress(ProcessLookupError, PermissionError):  # all have ended; macOS calls it the latter
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "HOME": str(home), "TMPDIR": str(home), "PYTHONUSERBASE": site.getuserbase()}


def _as_installed(subject: Subject, folder: Path) -> Path:
    """A folder with what `pip install -e` would leave of it, so that it is found without an installation."""
    packages = folder / "packages"
    facts = packages / f"{subject.name}-{subject.version or 0}.dist-info"
    facts.mkdir(parents=True)
    facts.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {subject.name}\nVersion: {subject.version or 0}\n", "utf-8"
    )
    facts.joinpath("entry_points.txt").write_text(f"[{GROUP}]\n{subject.name} = {subject.value}\n", "utf-8")
    return packages


def _lines(notes: Path) -> list[Line]:
    """Those that were written whole, and by the trial."""
    whole, _, _ = notes.read_bytes().rpartition(b"\n")
    read: list[Line] = []
    for line in whole.splitlines():
        with suppress(msgspec.MsgspecError):
            read.append(msgspec.json.decode(line, type=Line))
    return read


def _last_line(said: Path) -> str:
    lines = said.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def _read(subject: Subject, facts: Facts | None, folder: Path, *, types: bool) -> list[RuleResult]:
    """What is seen without its code being run."""
    files = subject.sources()
    readme = passed(Rule.README, subject.readme) if subject.readme else failed(Rule.README, "there is none")
    found = [judged(Rule.ANNOTATED, unannotated(files)), _marker(subject), readme]
    found.append(_types(subject, folder) if types else not_applicable(Rule.TYPED, "left out by --no-mypy"))
    if facts is not None:
        version = facts.version if subject.value is None or subject.version or not subject.path else None
        found.append(passed(Rule.VERSION, version) if version else failed(Rule.VERSION, "there is none"))
        found.append(_contract(subject, facts))
    return found


def _contract(subject: Subject, facts: Facts) -> RuleResult:
    if facts.contract is None:
        return not_applicable(Rule.CONTRACT, "it is no agent and no transport")
    root = subject.project or subject.place.parent
    own = root / "tests" / "plugins" / subject.name
    own = own if own.is_dir() else root / "tests"
    held = contract_in(subject.tests(), own, facts.contract, facts.plugin)
    if held is None:
        return failed(Rule.CONTRACT, f"there is no subclass of {facts.contract} for {facts.plugin} in {root / 'tests'}")
    return passed(Rule.CONTRACT, held)


def _marker(subject: Subject) -> RuleResult:
    package = subject.place.parent if subject.place.is_file() else subject.place
    if subject.value is None or not (package / "__init__.py").is_file():
        return not_applicable(Rule.MARKER, "it is a single file, and no package")
    while (package.parent / "__init__.py").is_file():
        package = package.parent
    marker = package / "py.typed"
    return passed(Rule.MARKER) if marker.is_file() else failed(Rule.MARKER, f"there is no {package.name}/py.typed")


def _types(subject: Subject, folder: Path) -> RuleResult:
    if find_spec("mypy") is None:
        return not_applicable(Rule.TYPED, "mypy is not installed here")
    command = [sys.executable, "-P", "-m", "mypy", "--strict", "--no-error-summary", "--no-pretty", str(subject.place)]
    if subject.project is None:  # else its own settings and its own cache are used
        command += ["--config-file=", "--cache-dir", str(folder / "mypy")]
    paths = [str(place) for place in subject.path]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("MYPYPATH")])])}
    where = subject.project or folder
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=where, env=environment, capture_output=True, text=True, timeout=TYPES_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return failed(Rule.TYPED, f"mypy did not end within {TYPES_SECONDS:g} s")
    if done.returncode == 0:
        return passed(Rule.TYPED)
    said = (done.stdout or done.stderr).strip().splitlines()
    return judged(Rule.TYPED, [line for line in said if ": error:" in line] or said or [f"status {done.returncode}"])
