"""A reader who polls through replacements, and replacements that are cut off."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from orchestration import swap
from orchestration.swap import fresh_folder, replace_folder, settle_folder


def prepare(target: Path, text: str) -> None:
    fresh = fresh_folder(target)
    fresh.mkdir()
    for name in ("index.html", "page.html"):
        (fresh / name).write_text(text, encoding="utf-8")


def test_a_reader_never_finds_the_folder_missing(tmp_path: Path) -> None:
    target = tmp_path / "preview"
    prepare(target, "0")
    replace_folder(target)
    if not swap._exchange(target, target.with_name("preview")):
        pytest.skip("this file system can't exchange two folders")
    missed, done = [], threading.Event()

    def poll() -> None:
        while not done.is_set():
            try:
                (target / "index.html").stat()
            except FileNotFoundError as error:
                missed.append(error)

    reader = threading.Thread(target=poll)
    reader.start()
    for number in range(1, 301):
        prepare(target, str(number))
        replace_folder(target)
    done.set()
    reader.join()
    assert not missed
    assert (target / "page.html").read_text(encoding="utf-8") == "300"
    assert [p.name for p in tmp_path.iterdir()] == ["preview"]


def test_where_folders_cannot_be_exchanged_two_renames_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    target = tmp_path / "preview"
    for text in ("1", "2"):
        prepare(target, text)
        replace_folder(target)
    assert (target / "index.html").read_text(encoding="utf-8") == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["preview"]


@pytest.mark.parametrize(
    "left", [("preview", ".preview-new"), (".preview-old", ".preview-new"), ("preview", ".preview-old")]
)
def test_what_a_cut_off_replacement_left_behind_is_settled(tmp_path: Path, left: tuple[str, str]) -> None:
    for name in left:
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
    settle_folder(tmp_path / "preview")
    assert [p.name for p in tmp_path.iterdir()] == ["preview"]
    assert (tmp_path / "preview" / "index.html").read_text(encoding="utf-8") == left[0]
