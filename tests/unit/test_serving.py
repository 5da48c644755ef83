"""The sites over the machine's own address: reports and nothing else."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from orchestration.serving import server


def test_sites_are_served_and_what_holds_names_is_refused(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "index.html").write_text("<p>报告</p>", encoding="utf-8")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "back.xlsx").write_bytes(b"secret")
    with server(reports, 0) as sites:
        threading.Thread(target=sites.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{sites.server_address[1]}"
        with urllib.request.urlopen(f"{address}/index.html") as answer:
            assert "报告" in answer.read().decode() and answer.headers["X-Content-Type-Options"] == "nosniff"
        for path in ("/raw/back.xlsx", "/raw/feedback/"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address + path)
            assert refused.value.code == 403 and "含学生个人信息" in refused.value.read().decode()
        for path in ("/../raw/back.xlsx", "/%2e%2e/raw/back.xlsx"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address + path)
            assert refused.value.code in (403, 404) and b"secret" not in refused.value.read()
        sites.shutdown()
