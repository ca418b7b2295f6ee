"""What runs here and how much it may take: versions, the platform, limits of the process. Nothing says whose it is."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import threading
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

from msgspec import Struct

from kernel import DISTRIBUTION

PROGRAM: Final = "steam-switchboard"
_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9._-]+")


class Versions(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of our code, Python, the platform, and the libraries that our distribution asks for."""

    switchboard: str
    python: str
    platform: str
    libraries: dict[str, str]


class ProcessLimits(Struct, frozen=True, kw_only=True, rename="camel"):
    """None where the platform does not say. Of the process that made the report."""

    open_files: int | None = None
    open_files_most: int | None = None
    core_bytes_most: int | None = None
    threads: int
    processors: int | None = None
    memory_bytes: int | None = None
    resident_bytes: int | None = None
    disk_free_bytes: int | None = None
    """Where the data folder is."""
    data_folder_mode: str | None = None


def versions() -> Versions:
    libraries: dict[str, str] = {}
    for line in (*_requirements(PROGRAM), *_requirements(DISTRIBUTION)):
        name = _REQUIREMENT.match(line)
        if name is None or "extra ==" in line:
            continue
        try:
            libraries[name[0]] = version(name[0])
        except PackageNotFoundError:  # not for this platform
            libraries[name[0]] = "none"
    libc = " ".join(platform.libc_ver()).strip()
    return Versions(
        switchboard=version(DISTRIBUTION),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=" ".join(filter(None, (platform.system(), platform.release(), platform.machine(), libc))),
        libraries=dict(sorted(libraries.items())),
    )


def _requirements(distribution: str) -> list[str]:
    try:
        return requires(distribution) or []
    except PackageNotFoundError:  # the kernel alone, as notebooks have it
        return []


def limits(data: Path | None) -> ProcessLimits:
    """`data`: the data folder, which need not be there."""
    most, core = _resources()
    there = data is not None and data.is_dir()
    return ProcessLimits(
        open_files=_open_files(),
        open_files_most=most,
        core_bytes_most=core,
        threads=threading.active_count(),
        processors=os.cpu_count(),
        memory_bytes=_sysconf("SC_PHYS_PAGES"),
        resident_bytes=_resident(),
        disk_free_bytes=shutil.disk_usage(data).free if there and data is not None else None,
        data_folder_mode=f"{data.stat().st_mode & 0o7777:04o}" if there and data is not None else None,
    )


def _resources() -> tuple[int | None, int | None]:
    try:
        import resource
    except ImportError:  # a platform without such limits
        return None, None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CORE)[0]


def _open_files() -> int | None:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - their number alone
    except OSError:
        return None


def _resident() -> int | None:
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _sysconf(name: str) -> int | None:
    if sys.platform == "win32" or name not in os.sysconf_names:
        return None
    return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
