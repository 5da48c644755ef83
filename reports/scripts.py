"""Data as plain scripts: a page opened from a folder cannot fetch, but it may ask for a script."""

from __future__ import annotations

import json


def text_of(content: object) -> str:
    """JSON that stays harmless wherever it is pasted: no ``<``, no line end that only some readers take for one."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def assigned(name: str, content: object) -> bytes:
    """Script that gives the page a global value."""
    return f"window.{name}={text_of(content)};\n".encode()


def entered(name: str, key: str, content: object) -> bytes:
    """Script that enters content under a key of a global table."""
    return f"(window.{name}=window.{name}||{{}})[{text_of(key)}]={text_of(content)};\n".encode()
