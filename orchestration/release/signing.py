"""Signatures of manifests: Ed25519 today, with the algorithm as a field so that another can follow (SM2 is asked for here and there)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from orchestration.config import ConfigError, Home

ALGORITHM = "ed25519"
KEY_VARIABLE = "JUNHENG_SIGNING_KEY_FILE"
_PEM_END = b"-----END PUBLIC KEY-----"


@dataclass(frozen=True)
class Signer:
    """A private key and the name of its public half."""

    key: Ed25519PrivateKey

    @property
    def public_pem(self) -> str:
        """The public key as it is written beside the releases."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def key_id(self) -> str:
        """First 16 hex digits of the public key's SHA-256."""
        return key_id(self.key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The signature file for some content. Ed25519 has no nonce: the same content gives the same bytes."""
        signature = base64.b64encode(self.key.sign(content)).decode()
        body = {"algorithm": ALGORITHM, "key_id": self.key_id, "signature": signature}
        return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def key_id(key: Ed25519PublicKey) -> str:
    """First 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def signer(home: Home, *, may_create: bool) -> Signer:
    """Reads the signing key; makes one in the home on the very first release only.

    Args:
        home: Installation.
        may_create: False once something was signed: a lost key must be noticed, not replaced in silence.

    Raises:
        ConfigError: the key is missing, is readable by others, or is no Ed25519 key.
    """
    named = os.environ.get(KEY_VARIABLE)
    path = Path(named) if named else home.keys / "signing.key"
    if not path.exists():
        if named or not may_create:
            raise ConfigError(
                f"找不到签名密钥：{path}。请恢复密钥文件后再发布；无法恢复的，用 openssl genpkey -algorithm ed25519 -out 文件 "
                "生成新密钥，chmod 600，加 --new-key 发布，并把新公钥告知审计人员。 (The signing key is missing.)"
            )
        _create(path)
    if path.stat().st_mode & 0o077:
        raise ConfigError(
            f"签名密钥 {path} 的权限过宽，请先运行 chmod 600。 (The signing key must be readable by its owner only.)"
        )
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"签名密钥无法读取：{path}。 (The signing key cannot be read.)") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"签名密钥不是 Ed25519 密钥：{path}。 (Not an Ed25519 key.)")
    return Signer(key)


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = path.with_name(f".{path.name}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def read_public_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """All public keys of a PEM text by key id; a key that was changed stays listed, so that old releases verify."""
    found: dict[str, Ed25519PublicKey] = {}
    for block in pem.split(_PEM_END)[:-1]:
        key = load_pem_public_key(block.strip() + b"\n" + _PEM_END + b"\n")
        if isinstance(key, Ed25519PublicKey):
            found[key_id(key)] = key
    return found


def signature_fault(content: bytes, signature: bytes, keys: dict[str, Ed25519PublicKey]) -> str | None:
    """What is wrong with a signature file, or nothing."""
    try:
        body = json.loads(signature)
        algorithm, name, value = (
            body["algorithm"],
            body["key_id"],
            base64.b64decode(body["signature"], validate=True),
        )
    except (ValueError, KeyError, TypeError):
        return "签名文件无法读取"
    if algorithm != ALGORITHM:
        return f"不支持的签名算法 {algorithm}"
    if name not in keys:
        return f"签名密钥 {name} 不在公钥文件中"
    try:
        keys[name].verify(value, content)
    except InvalidSignature:
        return "签名与内容不符"
    return None
