"""From files to accounts: each maFile with what its name and its manifest know of it, or why there is none."""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from plugins.steam import documents, mafile, owners
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import InputInvalid, MaFileInvalid
from plugins.steam.importing import manifests
from plugins.steam.importing.manifests import Entry, Manifest
from plugins.steam.importing.sources import ImportFile, Sorted
from plugins.steam.mafile import Remark, RemarkCode
from plugins.steam.owners import Claim, Rank
from plugins.steam_protocol.errors import NotAnIndividual

_ENDINGS: Final = re.compile(
    r"(?:\.mafile| ?\(\d+\)| - (?:copy|копия)|\.(?:txt|json|bak|old|disabled|cfg)){1,9}$", re.IGNORECASE
)
_STEAM_ID: Final = re.compile(r"(?<!\d)7656119\d{10}(?!\d)")
_LOGIN: Final = re.compile(r"[A-Za-z0-9_.@-]{2,64}")


class Found(NamedTuple):
    """One account of a file, or why there is none. Its repr would tell secrets."""

    name: str
    document: str = ""
    account_name: str = ""
    steam_id64: int | None = None
    shared_secret: bytes = b""
    password: str | None = None  # Nebula's, from inside the file
    notes: tuple[Remark, ...] = ()
    problem: InputInvalid | None = None

    def __repr__(self) -> str:
        return f"Found(name={self.name!r}, account_name={self.account_name!r}, problem={self.problem!r})"


def read(files: Sorted, passkey: str | None = None) -> Iterator[Found]:
    """Every account of every file, one after another: reading an encrypted one takes some 40 ms of work."""
    by_folder = {file.folder: Manifest(file.raw) for file in files.manifests}
    for file in files.mafiles:
        if file.problem is not None:
            yield Found(file.name, problem=file.problem)
        else:
            yield from _of_file(file, by_folder.get(file.folder, Manifest()), passkey)


def _of_file(file: ImportFile, manifest: Manifest, passkey: str | None) -> Iterator[Found]:
    entry = manifest.entry(file.name)
    try:
        accounts = documents.read(_text(file.raw, entry, manifest, passkey))
    except MaFileInvalid as problem:
        yield Found(file.name, problem=problem)
        return
    alone = len(accounts) == 1
    for number, account in enumerate(accounts, 1):
        name = file.name if alone else f"{file.name}[{number}]"
        try:
            yield _found(name, account, file.name if alone else "", entry if alone else None, passkey)
        except MaFileInvalid as problem:
            yield Found(name, account_name=_shown(mafile.name_of(account)), problem=problem)


def _text(raw: bytes, entry: Entry | None, manifest: Manifest, passkey: str | None) -> str:
    text = documents.text_of(raw)
    if documents.is_encrypted(text):
        text = documents.text_of(manifests.opened(text.encode(), entry, manifest, passkey))
    return text


def _found(name: str, account: dict[str, Any], file_name: str, entry: Entry | None, passkey: str | None) -> Found:
    stem = _ENDINGS.sub("", posixpath.basename(file_name))
    account, notes = _with_login(account, stem, entry)
    claims = list(_claims(stem, entry))
    named = mafile.names_owner(account)
    read_file = mafile.of(account, claims=claims)
    document = read_file.document
    if read_file.steam_id64 is not None and not named:
        document = documents.encode(_without_owner(account) | {"steamid": str(read_file.steam_id64)})
        source = min(claims, key=lambda claim: claim.rank).source
        text = f"the maFile does not say whose it is; its SteamID is taken from {source}"
        notes.append(Remark(RemarkCode.STEAM_ID_FROM_NAME, text))
    if len(document) > mafile.MAX_SIZE:
        text = f"one account has over {mafile.MAX_SIZE // 1024} KiB, which no maFile has; leave out what is not its"
        raise MaFileInvalid(SteamRefusal.MA_FILE_TOO_LARGE, text)
    return Found(
        name,
        document,
        read_file.account_name,
        read_file.steam_id64,
        read_file.shared_secret,
        _nebulas_password(account, passkey),
        (*notes, *read_file.notes),
    )


def _with_login(account: dict[str, Any], stem: str, entry: Entry | None) -> tuple[dict[str, Any], list[Remark]]:
    """The account with a login where it has none and its manifest or its file's name is one."""
    login, of_entry = mafile.name_of(account), entry.account_name if entry is not None else None
    if login is not None:
        others = {one for one in (of_entry, mafile.name_of({"uri": account.get("uri")})) if one}
        differ = sorted(one for one in others if one.casefold() != login.casefold())
        text = f"account_name is {login!r} and is used; elsewhere the file or its manifest says {', '.join(differ)!r}"
        return account, [Remark(RemarkCode.LOGIN_DIFFERS, text)] if differ else []
    if of_entry is None and (not _LOGIN.fullmatch(stem) or stem.isdigit() or _STEAM_ID.search(stem)):
        return account, []
    source = "manifest.json" if of_entry is not None else "the file's name"
    note = Remark(RemarkCode.LOGIN_FROM_NAME, f"the maFile has no account_name; it is taken from {source}")
    return {key: value for key, value in account.items() if documents.fold(key) != "accountname"} | {
        "account_name": of_entry or stem
    }, [note]


def _claims(stem: str, entry: Entry | None) -> Iterator[Claim]:
    for digits in sorted(set(_STEAM_ID.findall(stem))):
        try:
            yield Claim("the file's name", owners.individual(digits), Rank.NAME)
        except NotAnIndividual:
            continue
    if entry is not None and entry.steam_id not in (None, 0, ""):
        try:
            rank = Rank.TEXT if isinstance(entry.steam_id, str) else Rank.NUMBER
            yield Claim("manifest.json", owners.individual(entry.steam_id), rank)
        except NotAnIndividual:
            return


def _without_owner(account: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in account.items() if documents.fold(key) not in ("steamid", "steamid64")}


def _shown(login: str | None) -> str:
    return login[:64] if login is not None and login.isprintable() else ""


def _nebulas_password(account: Mapping[str, object], passkey: str | None) -> str | None:
    """Nebula's `Password`: AES-256-CBC with the SHA-256 of a PIN and no IV. None where there is none, or no PIN."""
    sealed = account.get("Password")
    if not isinstance(sealed, str) or not sealed or passkey is None:
        return None
    try:
        key = hashlib.sha256(passkey.encode()).digest()
        return manifests.decrypted(base64.b64decode(sealed), key, bytes(16)).decode() or None
    except (binascii.Error, ValueError):
        return None
