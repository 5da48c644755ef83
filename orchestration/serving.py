"""The report sites on this machine's own address, for people who would rather not open files.

Everything below `reports/` and nothing else. What went back to schools holds pupils' names: the audit site links to it for whoever sits at
the folders, and here it is refused in words.
"""

from __future__ import annotations

import functools
import http.server
from http import HTTPStatus
from pathlib import Path

HOST = "127.0.0.1"
_REFUSED = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>不经网页提供</title><p>退回表和原始文件含学生个人信息，不经网页提供。'
    '请在本机的文件夹 raw/ 中打开。</p><p lang="en">These files hold personal data and are not served: open them in the folder raw/.</p></html>'
)


class _Sites(http.server.SimpleHTTPRequestHandler):
    def send_head(self):  # type: ignore[no-untyped-def]
        if self.path.startswith("/raw/"):
            self.send_response(HTTPStatus.FORBIDDEN)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(_REFUSED.encode())
            return None
        return super().send_head()

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        super().end_headers()


def server(reports: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of the folder, bound to this machine only; port 0 takes a free one."""
    return http.server.ThreadingHTTPServer((HOST, port), functools.partial(_Sites, directory=str(reports)))
