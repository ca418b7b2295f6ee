"""Folders, zips and single files: what of them is taken, and what is told of the rest. Nothing is unbounded."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam.importing import sources
from plugins.steam.importing.sources import ImportFile, Sorted

MAFILE = json.dumps({"shared_secret": "x", "account_name": "alice"}).encode()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def sort(*files: ImportFile) -> Sorted:
    return sources.sort(files)


def codes(found: Sorted) -> list[str]:
    return [str(file.problem.code) for file in found.mafiles if file.problem is not None]


def test_a_folder_is_taken_with_all_below_it_and_what_is_no_mafile_is_told(tmp_path: Path) -> None:
    for name in ("a.maFile", "deep/er/b.MAFILE", "deep/manifest.json", "c.json", "notes.txt", "deep/photo.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(MAFILE if name.endswith(("maFile", "MAFILE", "c.json")) else b"{}")
    (tmp_path / "d.maFile").mkdir()

    found = sources.sort(sources.in_paths([tmp_path]))

    assert sorted(file.name for file in found.mafiles) == ["a.maFile", "c.json", "deep/er/b.MAFILE"]
    assert [file.name for file in found.manifests] == ["deep/manifest.json"]
    assert sorted(found.passed_over) == ["deep/photo.jpg", "notes.txt"]


def test_a_mafile_that_somebody_called_manifest_is_one() -> None:
    found = sort(ImportFile("manifest.json", MAFILE), ImportFile("x/manifest.json", b'{"entries": []}'))

    assert [file.name for file in found.mafiles] == ["manifest.json"]
    assert [file.name for file in found.manifests] == ["x/manifest.json"]


def test_a_zip_is_taken_as_its_folder_is() -> None:
    files = {
        "maFiles/a.maFile": MAFILE,
        "maFiles/manifest.json": b"",
        "__MACOSX/maFiles/._a.maFile": b"\0\5",
        "b.txt": b"-",
    }

    found = sort(ImportFile("mine.zip", zipped(files)))

    assert [file.name for file in found.mafiles] == ["mine/maFiles/a.maFile"]
    assert [file.folder for file in found.manifests] == ["mine/maFiles"]
    assert found.passed_over == ["mine/b.txt"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../a.maFile", "archive.path"),
        ("/etc/a.maFile", "archive.path"),
        ("x/../../a.maFile", "archive.path"),
        ("..\\a.maFile", "archive.path"),
        ("C:\\a.maFile", "archive.path"),
        ("/".join(["d"] * 40) + "/a.maFile", "archive.path"),
    ],
)
def test_a_path_that_leads_out_of_the_zip_is_told_and_the_others_are_taken(name: str, code: str) -> None:
    found = sort(ImportFile("z.zip", zipped({name: MAFILE, "b.maFile": MAFILE})))

    assert codes(found) == [code]
    assert [file.name for file in found.mafiles if file.problem is None] == ["z/b.maFile"]


def test_a_link_in_a_zip_is_no_file() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        info = zipfile.ZipInfo("a.maFile")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    assert codes(sort(ImportFile("z.zip", data.getvalue()))) == ["archive.path"]


def test_a_zip_that_blows_up_is_left_where_it_does() -> None:
    bomb = zipped({f"{number}.maFile": bytes(1_000_000) for number in range(100)})

    found = sort(ImportFile("bomb.zip", bomb))

    assert codes(found) == ["archive.tooLarge"]
    assert sum(len(file.raw) for file in found.mafiles) <= max(sources.FREE_BYTES, len(bomb) * sources.MAX_RATIO)


def test_a_zip_within_a_zip_is_not_taken_apart() -> None:
    inner = zipped({"a.maFile": MAFILE})

    found = sort(ImportFile("z.zip", zipped({"inner.zip": inner, "b.maFile": MAFILE})))

    assert codes(found) == ["archive.kind"]
    assert len(found.mafiles) == 2


@pytest.mark.parametrize("magic", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\x00"])
def test_another_archive_is_called_what_it_is(magic: bytes) -> None:
    assert codes(sort(ImportFile("mine.rar", magic + b"rest"))) == ["archive.kind"]


def test_a_zip_with_a_password_and_a_damaged_one_say_so() -> None:
    good = zipped({"a.maFile": MAFILE}, zipfile.ZIP_STORED)
    locked = bytearray(good)
    locked[6] |= 1
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    broken = good.replace(b"alice", b"elice")

    assert codes(sort(ImportFile("z.zip", bytes(locked)))) == ["archive.encrypted"]
    assert codes(sort(ImportFile("z.zip", broken))) == ["archive.damaged"]
    assert codes(sort(ImportFile("z.zip", good[:40]))) == ["archive.damaged"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.maFile").open("wb") as file:
        file.truncate(sources.MAX_FILE + 1)

    found = sources.sort(sources.in_paths([tmp_path]))

    assert codes(found) == ["maFile.tooLarge"]


def test_more_files_than_one_import_takes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILES", 3)

    found = sort(*(ImportFile(f"{number}.maFile", MAFILE) for number in range(9)))

    assert codes(found) == ["import.tooLarge"]
    assert len(found.mafiles) == 4


@given(st.binary(max_size=300), st.sampled_from(["a.maFile", "a.zip", "manifest.json", "a.json"]))
def test_any_bytes_are_sorted(raw: bytes, name: str) -> None:
    sort(ImportFile(name, raw), ImportFile(name, b"PK\x03\x04" + raw))
