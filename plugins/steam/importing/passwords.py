"""A list of logins with their passwords, in the spellings that shops, tables and people use.

    login:password          with `;`, `|`, a tab or a comma in place of the colon, and whatever shops append to it
    "login";"password"      quoted, as a table writes it
    a CSV with a head       columns of any order, of which one is called login or the like and one password

What follows a login's separator is the password, colons and all: more is cut off only where it looks like what is
appended. A line that is none is among `problems`, and the others count.
"""

from __future__ import annotations

import csv
import re
from typing import Final

from plugins.steam.codes import SteamRefusal
from plugins.steam.lists import BadLine

MAX_PASSWORD: Final = 256
"""Characters that `AddBotFromMaFile` takes."""
_EDGES: Final = "\r\n\0\ufeff\u200b "
_LINES: Final = re.compile(r"\r\n|\n|\r")
# What shops append to `login:password`: e-mail and its password, a shared_secret, a maFile's name or text.
_APPENDED: Final = re.compile(r"[^:@\s]+@[^:@\s]+(:.*)?|[A-Za-z0-9+/\\]{27}=|[^:]+\.mafile|\{.*", re.IGNORECASE)
_PAIR: Final = re.compile(r"([^:;|,\t\s]+)(\s*)([:;|,\t])(.*)|([^:;|,\t\s]+)()( )(\S+)", re.DOTALL)
_LOGINS: Final = frozenset(
    {"login", "username", "user", "account", "accountname", "steamlogin", "name", "логин", "аккаунт", "steamid"}
)
_PASSWORDS: Final = frozenset({"password", "pass", "pwd", "passwd", "steampassword", "пароль"})


class Passwords:
    """Passwords by login in small letters; `problems` are the lines that are passed over."""

    def __init__(self, text: str = "") -> None:
        self.by_login: dict[str, str] = {}
        self.problems: list[BadLine] = []
        lines = _LINES.split(text)
        first = next((number for number, line in enumerate(lines) if _counts(line)), None)
        head = _head(lines[first]) if first is not None else None
        if head is not None and first is not None:
            self._read_table(lines, first, head)
        else:
            for number, line in enumerate(lines, 1):
                if _counts(line):
                    self._take(number, *_pair(line.strip(_EDGES)))

    def of(self, login: str, steam_id64: int | None = None) -> str | None:
        """The account's password; a list may name it by its SteamID."""
        return self.by_login.get(login.casefold()) or self.by_login.get(str(steam_id64))

    def _read_table(self, lines: list[str], first: int, head: tuple[str, int, int]) -> None:
        separator, login_at, password_at = head
        for number, line in enumerate(lines[first + 1 :], first + 2):
            if _counts(line):
                cells = _cells(line.strip(_EDGES), separator)
                there = len(cells) > max(login_at, password_at)
                self._take(number, *((cells[login_at], cells[password_at]) if there else ("", "")))

    def _take(self, number: int, login: str, password: str) -> None:
        login = login.strip().casefold()
        if not login or not password:
            self._tell(number, "is not login:password; correct or remove it")
        elif len(password) > MAX_PASSWORD:
            self._tell(number, f"has a password of over {MAX_PASSWORD} characters; correct or remove it")
        elif self.by_login.setdefault(login, password) != password:
            self._tell(number, "is a second password of the same login; the first one is taken")

    def _tell(self, number: int, what: str) -> None:
        text = f"line {number} of the passwords {what}"
        self.problems.append(BadLine(number, SteamRefusal.PASSWORDS_MALFORMED, text))


def _counts(line: str) -> bool:
    """Not the empty lines, nor those that begin as a remark."""
    bare = line.strip(_EDGES + "\t")
    return bool(bare) and not bare.startswith(("#", "//"))


def _head(line: str) -> tuple[str, int, int] | None:
    """The separator of a table and where its logins and passwords stand, if the line names its columns."""
    for separator in ",;\t|:":
        names = [re.sub(r"[\W_]", "", cell).casefold() for cell in _cells(line.strip(_EDGES), separator)]
        logins = [at for at, name in enumerate(names) if name in _LOGINS]
        passwords = [at for at, name in enumerate(names) if name in _PASSWORDS]
        if logins and passwords:
            return separator, logins[0], passwords[0]
    return None


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(iter(csv.reader([line], delimiter=separator)), [])
    except csv.Error:
        return []


def _pair(line: str) -> tuple[str, str]:
    """Login and password; empty where the line has none."""
    if line.startswith('"') and (quoted := re.match(r'"(?:[^"]|"")*"\s*([:;|,\t])', line)):
        return _first_two(_cells(line, quoted[1]))
    found = _PAIR.fullmatch(line)
    if found is None:
        return "", ""
    login, blank, separator, rest = (part for part in found.groups() if part is not None)
    if blank:
        rest = rest.lstrip()
    password, more, appended = rest.partition(separator)
    return login, password if more and _APPENDED.fullmatch(appended) else rest


def _first_two(cells: list[str]) -> tuple[str, str]:
    return (cells[0], cells[1]) if len(cells) > 1 else ("", "")
