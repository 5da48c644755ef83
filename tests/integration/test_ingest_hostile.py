"""Files that are broken, hostile or odd: each gets its verdict with a Chinese sentence, and the good file beside them lands."""

import contextlib
import gzip
import io
import os
import re
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from deliveries import (
    AS_OF,
    AUTUMN,
    OTHER_SCHOOL,
    SCHOOL,
    VISION_HEAD,
    Outcome,
    csv_bytes,
    deliver,
    inline_pool,
    land_all,
    new_home,
    reading_inline,
    vision,
    vision_row,
    xls_bytes,
    xlsx_bytes,
)

from orchestration.config import Home
from orchestration.ingest import feedback
from orchestration.ingest.claim import Claimed, claim
from orchestration.ledger import Ledger

PLACE = f"vision_check/{SCHOOL}/{AUTUMN}"
GOOD = vision(*(vision_row(i) for i in range(3)))
BIG_ROWS = 60_000
LONG = "长" * 84 + "a.b"  # 255 bytes


def rewritten(data: bytes, **members: bytes) -> bytes:
    """An archive with members added (`__` stands for `/`, a last `_` for the dot of the suffix)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
        for name, body in members.items():
            new.writestr(re.sub(r"_(\w+)$", r".\1", name.replace("__", "/")), body)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    return rewritten(b"PK\x05\x06" + bytes(18), **members)


def far_cell() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(GOOD):
            sheet.write_row(r, 0, row)
        sheet.write(1_048_575, 16_383, "x")
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """A zip that says its members are encrypted."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        changed[at + offset] |= 1
    return bytes(changed)


def late_text() -> bytes:
    rows: list[list[object]] = [list(vision_row(i)) for i in range(1_600)]
    place = VISION_HEAD.index("右眼裸眼视力")
    for i, row in enumerate(rows):
        row[place] = "未测" if i == 1_499 else 4.9
    return xlsx_bytes({"Sheet1": vision(*rows)})


def big_gb18030() -> bytes:
    address = "无名路㐂号𠮷巷䶮" * 30
    template = ",".join(vision_row(0, **{"学籍号": "", "家庭住址": address, "姓名": "㐂𠮷"}))
    head = ",".join(["学号", *VISION_HEAD]) + "\r\n"
    body = "\r\n".join(f"{i:08d},{template}" for i in range(BIG_ROWS))
    return (head + body + "\r\n").encode("gb18030")


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'


def laughs() -> bytes:
    book = xlsx_bytes({"Sheet1": GOOD})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                body = DOCTYPE + body.split(b"?>", 1)[1]
            new.writestr(info.filename, body)
    return out.getvalue()


BAD: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "empty"),
    "cut.csv": (csv_bytes(GOOD)[:-30], "truncated"),
    "cut_in_quote.csv": (csv_bytes(GOOD) + b'"13,1', "truncated"),
    "cut.xlsx": (xlsx_bytes({"Sheet1": GOOD})[:-800], "truncated"),
    "cut.csv.gz": (gzip.compress(csv_bytes(GOOD))[:-8], "truncated"),
    "cut.xls": (xls_bytes({"Sheet1": GOOD})[:-3000], "malformed_workbook"),
    "nul.csv": (csv_bytes(GOOD) + b"\0", "not_a_table"),
    "bytes.csv": (csv_bytes(GOOD) + b"\xff\xff\n", "encoding"),
    "ragged.csv": (csv_bytes([*GOOD * 20, [*vision_row(9), "x", "y"]]), "malformed_csv"),
    "far.xlsx": (far_cell(), "too_large"),
    "bomb.xlsx": (rewritten(xlsx_bytes({"Sheet1": GOOD}), xl__worksheets__sheet2_xml=b" " * (70 << 20)), "zip_bomb"),
    "bomb.csv.gz": (gzip.compress(b"0," * (40 << 20)), "zip_bomb"),
    "nested.zip": (zipped(inner_zip=zipped(a_csv=csv_bytes(GOOD))), "nested_archive"),
    "locked.zip": (locked(zipped(a_csv=csv_bytes(GOOD))), "encrypted"),
    "locked.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512), "encrypted"),
    "macro.xlsx": (rewritten(xlsx_bytes({"Sheet1": GOOD}), xl__vbaProject_bin=b"x"), "macro"),
    "laughs.xlsx": (laughs(), "malformed_workbook"),
    "text.xlsx": (csv_bytes(GOOD), "mislabelled"),
    "book.csv": (xlsx_bytes({"Sheet1": GOOD}), "mislabelled"),
    "pdf.xlsx": (b"%PDF-1.7\n", "not_a_table"),
    "page.xls": (b"<html><body><table></table></body></html>", "mislabelled"),
    "letter.csv": ("各学校：请于周五前报送。\n谢谢\n".encode(), "unknown_layout"),
    "other.csv": (csv_bytes([["学籍号", "姓名", "性别", "身高", "体重"], ["1", "测", "男", "140", "40"]]), "header_mismatch"),
    "wide.csv": ((",".join(["x"] * 5_000) + "\n").encode(), "too_large"),
}  # fmt: skip

# Odd, but good: name → what is accepted.
ODD: dict[str, tuple[bytes, int]] = {
    "good.csv": (csv_bytes(GOOD), 3),
    "late_text.xlsx": (late_text(), 1_600),
    "gb18030.csv": (big_gb18030(), BIG_ROWS),
    "travel.zip": (zipped(**{"..__..__etc__passwd_csv": csv_bytes(vision(vision_row(11)))}), 1),
    "line\nbreak.csv": (csv_bytes(vision(vision_row(12))), 1),
    "\u202evsc.csv": (csv_bytes(vision(vision_row(13))), 1),
    "next\x85line\u2028.csv": (csv_bytes(vision(vision_row(14))), 1),
    os.fsdecode("视力".encode("gb18030")) + ".csv": (csv_bytes(vision(vision_row(15))), 1),
    LONG: (csv_bytes(vision(vision_row(16))), 1),
    "'; drop table events; --.csv": (csv_bytes(vision(vision_row(17))), 1),
    "<script>alert(1)<%2fscript>.csv": (csv_bytes(vision(vision_row(18))), 1),
    "CON": (csv_bytes(vision(vision_row(19))), 1),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Everything hostile landed at once, read by real children."""
    folder = tmp_path_factory.mktemp("hostile")
    home = new_home(folder / "home")
    for name, (data, _) in {**BAD, **ODD}.items():
        deliver(home, f"{PLACE}/{name}", data)
    outside = folder / "outside.csv"
    outside.write_bytes(csv_bytes(GOOD))
    place = home.inbox / PLACE
    (place / "link.csv").symlink_to(outside)
    (place / "hard.csv").hardlink_to(outside)
    os.mkfifo(place / "pipe.csv")
    (home.inbox / "loop").symlink_to(home.inbox)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as unix:
        here = Path.cwd()
        os.chdir(place)  # a socket's path is short
        unix.bind("socket.csv")
        os.chdir(here)
        for name in ("still.csv.part", ".hidden.csv", "~$open.xlsx", "ready.csv.done"):
            deliver(home, f"{PLACE}/{name}", csv_bytes(GOOD))
        deliver(home, f"{PLACE}/alone.csv.meta.json", b"{}")
        yield land_all(home, inline=False)


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_file_gets_its_verdict(corpus: Outcome, name: str) -> None:
    state, rule, sentence = corpus.verdict(f"{PLACE}/{name}")
    assert (state, rule) == ("rejected", BAD[name][1])
    assert re.search(r"[\u4e00-\u9fff]{4}", sentence)
    assert sentence.endswith("。")


@pytest.mark.parametrize("name", sorted(ODD), ids=ascii)
def test_odd_file_is_accepted_whole(corpus: Outcome, name: str) -> None:
    part = corpus.part(f"{PLACE}/{name}")
    assert (part["state"], part["rows_read"], part["rows_accepted"]) == ("loaded", ODD[name][1], ODD[name][1])


def test_text_in_row_1500_is_not_lost(corpus: Outcome) -> None:
    part = corpus.part(f"{PLACE}/late_text.xlsx")
    rows = corpus.base("vision_check").filter(pl.col("delivery_id") == part["delivery_id"])
    assert rows["va_right"].null_count() == 1
    assert rows.filter(pl.col("va_right_code") == "not_measured")["row_number"].to_list() == [1_501]


def test_big_gb18030_file_is_complete(corpus: Outcome) -> None:
    assert len(ODD["gb18030.csv"][0]) > 40e6
    part = corpus.part(f"{PLACE}/gb18030.csv")
    rows = corpus.base("vision_check").filter(pl.col("delivery_id") == part["delivery_id"])
    assert rows["pupil_no"].n_unique() == BIG_ROWS
    assert rows["row_number"].to_list() == list(range(2, BIG_ROWS + 2))


def test_links_pipes_and_unfinished_files_stay_where_they_are(corpus: Outcome) -> None:
    left = {p.name for p in (corpus.home.inbox / PLACE).iterdir()}
    assert left == {
        "link.csv",
        "hard.csv",
        "pipe.csv",
        "socket.csv",
        "still.csv.part",
        ".hidden.csv",
        "~$open.xlsx",
        "ready.csv.done",
        "alone.csv.meta.json",
    }
    reasons = [reason for _, reason in corpus.summary.left]
    assert sum("不是普通文件" in r for r in reasons) == 5
    assert sum("没有对应的表格" in r for r in reasons) == 1


def test_nothing_else_remains_in_the_inbox(corpus: Outcome) -> None:
    assert {p.name for p in corpus.home.inbox.iterdir()} == {"vision_check", "loop"}
    assert not list(corpus.home.archive.glob(".claim-*"))


def test_conservation(corpus: Outcome) -> None:
    parts = corpus.parts
    assert (parts["rows_read"] == parts["rows_accepted"] + parts["rows_rejected"] + parts["rows_not_data"]).all()
    assert corpus.summary.received == len(BAD) + len(ODD)
    assert corpus.base("vision_check").height == parts["rows_accepted"].sum()
    assert Ledger(corpus.home.ledger_path).check() == []


def test_masked_names_hold_no_control_characters(corpus: Outcome) -> None:
    for name in corpus.parts["file_name"]:
        assert re.fullmatch(r"[\w/.\-()＊ ]+", name), name


def test_every_refused_file_gets_its_feedback_whatever_its_name(corpus: Outcome) -> None:
    with reading_inline():
        written = feedback.write_feedback(corpus.home, corpus.home.base / "_rejected" / "rejected.parquet")
    assert written == len(BAD)
    assert len(list(corpus.home.feedback.rglob("*退回.xlsx"))) == len(BAD)


def test_long_and_foreign_names_leave_room_for_their_feedback(home: Home) -> None:
    names = ["😀" * 60, LONG, os.fsdecode("视力检查表".encode("gb18030") * 25), "班" * 20 + "2141000123" * 8, "a\nb"]
    for i, name in enumerate(names):
        deliver(
            home,
            f"{AUTUMN}/{name}",
            vision(vision_row(i, "8.8")),
            sidecar={"school": SCHOOL, "version": i} if i != 1 and len(os.fsencode(name)) < 240 else None,
        )
    out = land_all(home)
    with reading_inline():
        assert (
            feedback.write_feedback(home, home.base / "_rejected" / "rejected.parquet")
            == out.parts.height
            == len(names)
        )
    assert len(list(home.feedback.rglob("*退回.xlsx"))) == len(names)


# Claiming


def claimed(home: Home, settle: float = 0) -> Claimed:
    return claim(
        home, Ledger(home.ledger_path), as_of=AS_OF, settle=settle, contracts_version="x", progress=lambda _: None
    )


def test_a_growing_file_is_left_until_it_rests(home: Home) -> None:
    path = deliver(home, f"{PLACE}/a.csv", csv_bytes(GOOD))
    deliver(home, f"{PLACE}/b.csv", csv_bytes(GOOD[:2]))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("ab") as stream:
                stream.write(b"\r\n")
            time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        first = claimed(home, settle=0.3)
    finally:
        stop.set()
        writer.join()
    assert (first.received, [r for _, r in first.left]) == (1, ["还在写入，下次再领取"])
    assert path.exists()
    assert claimed(home, settle=0.1).received == 1
    assert not path.exists()


def test_a_file_waits_for_its_sidecar_that_is_still_being_written(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", csv_bytes(GOOD), sidecar=b'{"ver')
    side = home.inbox / PLACE / "a.csv.meta.json"
    timer = threading.Timer(0.15, lambda: side.write_bytes(b'{"version": 3}'))
    timer.start()
    first = claimed(home, settle=0.4)
    timer.join()
    assert first.received == 0
    assert claimed(home).received == 1
    assert Ledger(home.ledger_path).events("received")[0].body["context"]["version"] == 3


def test_same_bytes_same_context_is_a_duplicate_whatever_its_name(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", GOOD)
    before = land_all(home)
    deliver(home, f"{PLACE}/sub/b.txt", GOOD)
    deliver(home, f"{PLACE}/a.csv", GOOD)
    out = land_all(home)
    assert (out.summary.received, out.summary.duplicates, out.summary.parts, out.summary.touched) == (
        0,
        2,
        {"duplicate": 2},
        [],
    )
    assert out.parts.height == 1
    assert out.base("vision_check").equals(before.base("vision_check"))
    assert not (home.inbox / "vision_check").exists()


def test_a_mislabelled_file_that_is_only_renamed_is_read(home: Home) -> None:
    deliver(home, f"{PLACE}/a.xlsx", csv_bytes(GOOD))
    assert land_all(home).verdict(f"{PLACE}/a.xlsx")[:2] == ("rejected", "mislabelled")
    deliver(home, f"{PLACE}/a.csv", csv_bytes(GOOD))
    assert land_all(home).part(f"{PLACE}/a.csv")["rows_accepted"] == 3


def test_same_bytes_in_another_context_are_another_delivery(home: Home) -> None:
    head = [["学号", "右眼裸眼视力", "左眼裸眼视力", "检查日期"], ["1", "4.9", "5.0", "2024-10-15"]]
    deliver(home, f"{SCHOOL}/a.csv", head)
    deliver(home, f"{OTHER_SCHOOL}/a.csv", head)
    deliver(home, "version/a.csv", head, sidecar={"school": SCHOOL, "version": 2})
    out = land_all(home)
    assert (out.summary.received, out.summary.duplicates) == (3, 0)
    assert out.base("vision_check").select("school", "version").sort("school", "version").rows() == [
        (SCHOOL, 0),
        (SCHOOL, 2),
        (OTHER_SCHOOL, 0),
    ]
    assert out.base("vision_check")["file_sha256"].n_unique() == 1


def test_a_file_with_the_marks_of_an_earlier_one_is_not_taken_for_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inodes are used again and copies keep their time: another file may have the same device, inode, size and time."""
    from orchestration.ingest import claim as module

    monkeypatch.setattr(module, "_mark", lambda status: (1, 1, status.st_size, 1))
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1, "4.9")))
    assert claimed(home).received == 1
    deliver(home, f"{PLACE}/a.csv", vision(vision_row(1, "4.8")))
    assert claimed(home).received == 1
    assert len(Ledger(home.ledger_path).events("received")) == 2


def test_sidecar_replace_and_version_reach_the_rows(home: Home) -> None:
    deliver(home, f"{PLACE}/a.csv", GOOD, sidecar={"version": 4, "replace": True, "date": "2024-10-20", "layout": "2a"})
    deliver(home, f"{PLACE}/plain.csv", GOOD)
    base = land_all(home).base("vision_check")
    (said,) = base.filter("replace_scope").select("version", "payload_date", "layout").unique().rows()
    assert (said[0], said[1].isoformat()) == (4, "2024-10-20")
    assert said[2] not in base.filter(~pl.col("replace_scope"))["layout"]


@pytest.mark.parametrize(
    ("path", "sidecar", "rule"),
    [
        (f"{SCHOOL}/{OTHER_SCHOOL}.csv", None, "context_contradiction"), (f"{SCHOOL}/a.csv", {"school": OTHER_SCHOOL}, "context_contradiction"),
        (f"{PLACE}/2023-2024.csv", None, "context_contradiction"), (f"{PLACE}/a.csv", b"{", "bad_sidecar"), (f"{PLACE}/a.csv", {"round": 10**40}, "bad_sidecar"),
        (f"{PLACE}/a.csv", b"x" * 70_000, "bad_sidecar"),
    ],
)  # fmt: skip
def test_contradictions_and_bad_sidecars_refuse_the_file(
    home: Home, path: str, sidecar: dict[str, object] | bytes | None, rule: str
) -> None:
    deliver(home, path, GOOD, sidecar=sidecar)
    deliver(home, f"{PLACE}/good.csv", vision(vision_row(5)))
    out = land_all(home)
    assert out.verdict(path)[:2] == ("rejected", rule)
    assert out.part(f"{PLACE}/good.csv")["rows_accepted"] == 1
    assert not out.summary.nothing_loaded


def test_only_bad_files_is_told(home: Home) -> None:
    deliver(home, "a.csv", b"")
    assert land_all(home).summary.nothing_loaded


def test_a_refused_file_may_come_again_once_its_layout_is_registered(home: Home) -> None:
    rows = [["学籍号", "右边那只", "左边那只", "检查日期"], [vision_row(1)[3], "4.9", "5.0", "2024-10-15"]]
    deliver(home, f"{PLACE}/a.csv", rows)
    assert land_all(home).part(f"{PLACE}/a.csv")["state"] == "rejected"
    deliver(home, f"{PLACE}/a.csv", rows)
    assert land_all(home).summary.duplicates == 1
    home.overlays.mkdir()
    (home.overlays / "vision_check.yaml").write_text(
        "columns: {va_right: {headers: [右边那只]}, va_left: {headers: [左边那只]}}", encoding="utf-8"
    )
    deliver(home, f"{PLACE}/a.csv", rows)
    out = land_all(home)
    assert (out.summary.received, out.summary.duplicates) == (1, 0)
    parts = out.parts.filter(pl.col("state") != "duplicate")
    assert parts["rows_accepted"].to_list() == [1]
    assert out.rejected.height == 0


def test_a_missing_key_stops_before_any_row_is_read(home: Home) -> None:
    from orchestration.config import ConfigError

    deliver(home, f"{PLACE}/a.csv", GOOD)
    land_all(home)
    (home.keys / "pseudonym.key").unlink()
    deliver(home, f"{PLACE}/b.csv", vision(vision_row(7)))
    with pytest.raises(ConfigError, match="找不到假名密钥"):
        land_all(home)
    assert (home.inbox / PLACE / "b.csv").exists()


def test_inline_reading_is_only_a_stand_in() -> None:
    with inline_pool() as pool, pytest.raises(ZeroDivisionError):
        pool.schedule(lambda: 1 // 0, [], 1).result()


@pytest.mark.parametrize("swapped", ["pipe", "link", "other bytes"])
def test_a_file_swapped_between_look_and_open_is_not_read(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped: str
) -> None:
    from orchestration.ingest import claim as module

    path = deliver(home, f"{PLACE}/a.csv", csv_bytes(GOOD))
    scan = module._scan

    def swapping(inbox: Path, told: Claimed) -> list[module._Candidate]:
        found = scan(inbox, told)
        path.rename(tmp_path / "moved.csv")
        if swapped == "pipe":
            os.mkfifo(path)
        elif swapped == "link":
            path.symlink_to(tmp_path / "moved.csv")  # even to the very same file
        else:
            path.write_bytes(csv_bytes(GOOD[:2]))
        return found

    monkeypatch.setattr(module, "_scan", swapping)
    blocked = threading.Timer(5, lambda: os.open(path, os.O_RDWR | os.O_NONBLOCK))
    blocked.start()
    started = time.monotonic()
    told = claimed(home)
    blocked.cancel()
    assert time.monotonic() - started < 4
    assert (told.received, [r for _, r in told.left]) == (0, ["无法打开或正在变化，下次再领取"])
    assert not list(home.archive.rglob("*.names.jsonl"))
