"""Addresses of stores: references to secrets resolved, relative paths made absolute.

What is resolved here is secret. No message carries an address or a value, only the names of
variables and files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.stores.document import FromFile

SCHEMES = ("command", "file", "imap", "imaps", "mariadb", "mysql", "postgresql", "sqlite")
MAX_SECRET = 4096  # bytes of an address kept in a file

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\+[A-Za-z0-9_]+)?:")
_USER = re.compile(r"://([^/?#]*)@")
_QUERY_SECRET = re.compile(r"[?&](?:password|passwd|pwd|secret|token)=([^&#]+)", re.IGNORECASE)


def resolve(
    address: str | FromFile,
    folder: Path,
    env: Mapping[str, str],
    findings: Findings,
    where: Where,
) -> str | None:
    """The address to connect to, or None with the reason among the findings."""
    if isinstance(address, FromFile):
        text = _from_file(folder / address.file, findings, (*where, "file"))
    elif _has_literal_secret(address):
        findings.error(
            where,
            "literal-password",
            "the address holds a password",
            "move it to an environment variable and write ${NAME} in its place",
        )
        return None
    else:
        text = _expand(address, env, findings, where)
    if text is None:
        return None
    scheme = _SCHEME.match(text)
    if scheme is None or scheme.group(1).lower() not in SCHEMES:
        word = scheme.group(1) if scheme else ""
        findings.error(
            where,
            "unknown-scheme",
            "the address names no kind of store we know",
            did_you_mean(word, SCHEMES) if len(word) < 20 else "for example sqlite:///data.db",
        )
        return None
    return _absolute(text, scheme.group(1).lower(), folder)


def _has_literal_secret(address: str) -> bool:
    """A password written out, also as the default of a variable."""
    masked = _REFERENCE.sub(lambda m: m.group(2) or "\0", address)
    if found := _USER.search(masked):
        _, colon, password = found.group(1).partition(":")
        if colon and password.strip("\0"):
            return True
    return any(value.strip("\0") for value in _QUERY_SECRET.findall(masked))


def _expand(address: str, env: Mapping[str, str], findings: Findings, where: Where) -> str | None:
    """Put in the variables; inside `user:password@` their values are percent-encoded."""
    rest = _REFERENCE.sub("", address)
    if "${" in rest:
        findings.error(
            where,
            "bad-reference",
            "a reference is not complete",
            "write ${NAME} or ${NAME:-default}, with letters, digits and _",
        )
        return None
    hidden = _REFERENCE.sub(lambda m: "\0" * len(m.group()), address)
    found = _USER.search(hidden)
    inside = range(found.start(1), found.end(1)) if found else range(0)
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        got = env.get(name) or default
        if got is None:
            missing.append(name)
            return ""
        return quote(got, safe="") if match.start() in inside else got

    text = _REFERENCE.sub(value, address)
    for name in missing:
        findings.error(
            where,
            "missing-variable",
            f"the environment variable {name} is not set",
            f"set {name}, or give a default: ${{{name}:-…}}",
        )
    return None if missing else text


def _from_file(path: Path, findings: Findings, where: Where) -> str | None:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_SECRET + 1)
        text = content.decode("utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        findings.error(where, "secret-file", f"the file cannot be read ({why})", "check the path")
        return None
    if not text or len(content) > MAX_SECRET or "\n" in text or "\0" in text:
        findings.error(
            where,
            "secret-file",
            "the file does not hold one address",
            "write the address on a single line and nothing else",
        )
        return None
    return text


def _absolute(text: str, scheme: str, folder: Path) -> str:
    if scheme == "sqlite":
        head, slashes, rest = text.partition(":///")
        path, mark, options = rest.partition("?")
        if slashes and path and path != ":memory:" and not path.startswith("/"):
            return f"{head}:///{(folder / path).resolve()}{mark}{options}"
    elif scheme == "file":
        path = text.partition(":")[2]
        if path.startswith("//"):
            path = path[2:].removeprefix("localhost/") if "localhost" in path[:13] else path[2:]
        if not path.startswith("/"):
            return f"file://{(folder / path).resolve()}"
    return text
