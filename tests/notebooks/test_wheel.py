"""Whoever installs Switchboard has the client: it is in the wheel, under the name that is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_the_client_is_in_the_wheel_and_is_imported_as_switchboard(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); import switchboard; print(switchboard.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)

    assert done.stdout.strip() == str(wheel / "switchboard" / "__init__.py")
