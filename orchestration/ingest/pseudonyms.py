"""Keyed tokens for pupils: BLAKE2b, 16 bytes, one purpose per kind of identifier, the key never stored with the data.

Plain hashes would fall in minutes (few unknown digits), so a missing or empty key stops the run before any row is read.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestration.config import ConfigError, Home

TOKEN_BYTES = 16
KEY_BYTES = 32


@dataclass(frozen=True)
class Pseudonymiser:
    """Makes tokens of one key; `key_id` names the key without giving it away."""

    key: bytes
    key_id: str

    def tokens(self, purpose: str, values: Iterable[str]) -> list[bytes]:
        """Tokens of normalised identifiers; equal identifiers of one purpose give equal tokens."""
        copy = hashlib.blake2b(
            key=self.key, digest_size=TOKEN_BYTES, person=purpose.encode()[:16].ljust(16, b"\0")
        ).copy
        tokens = []
        for value in values:  # a loop without calls of our own: millions of identifiers pass here
            state = copy()
            state.update(value.encode())
            tokens.append(state.digest())
        return tokens


def load_key(home: Home, *, used_before: bool) -> Pseudonymiser:
    """Reads the key of this installation; makes one on first use only.

    Raises:
        ConfigError: the key is missing though tokens exist already, is open to others, or is no key.
    """
    named = os.environ.get("JUNHENG_KEY_FILE")
    path = Path(named) if named else home.keys / "pseudonym.key"
    if not path.exists():
        if named or used_before:
            raise ConfigError(
                f"找不到假名密钥 {path}。没有它，新旧数据中的同一名学生将无法对应；请从备份恢复该文件后再运行。"
                " (The pseudonym key is missing; restore it from backup.)"
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
    if path.stat().st_mode & 0o077:
        raise ConfigError(
            f"假名密钥 {path} 的权限过宽，请先运行 chmod 600。 (The pseudonym key must be readable by its owner only.)"
        )
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"假名密钥 {path} 内容无效：应为 {KEY_BYTES * 2} 位十六进制。 (The pseudonym key is not valid.)"
        )
    return Pseudonymiser(key, hashlib.blake2b(key, digest_size=8, person=b"junheng-key-id").hexdigest())
