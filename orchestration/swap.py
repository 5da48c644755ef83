"""Puts a finished file or folder in the place of the one being read: at every moment there is one, the old or the new, and it is whole."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fs.h
_NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def _exchange(first: Path, second: Path) -> bool:
    """Lets two folders change names in one step; False where the system or the file system can't (two renames do then)."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if not sys.platform.startswith("linux"):
        return False
    if call(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(second))


def settle_folder(target: Path) -> None:
    """Clears what a replacement that was cut off left behind; a folder that only lost its name gets it back."""
    old = _old(target)
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(fresh_folder(target), ignore_errors=True)


def fresh_folder(target: Path) -> Path:
    """Where the next content of a folder is made: beside it, so that a rename moves it."""
    return target.with_name(f".{target.name}-new")


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")


def replace_folder(target: Path) -> None:
    """Gives the content of `fresh_folder(target)` the name of `target` and removes what was there."""
    fresh = fresh_folder(target)
    if not target.exists():
        fresh.rename(target)
    elif _exchange(fresh, target):
        shutil.rmtree(fresh, ignore_errors=True)
    else:
        target.rename(_old(target))
        fresh.rename(target)
        shutil.rmtree(_old(target), ignore_errors=True)


def sync(path: Path) -> None:
    """Makes the content of a file, or the renames in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Replaces a file whole, or leaves it alone where it says the same already."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(content)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
