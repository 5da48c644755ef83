"""Names, numbers and addresses planted in every feed and every place never leave raw/; and the scanner would see them if they did."""

import base64
import datetime as dt
import gzip
import io
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from canary import Leak, Scanner, leaks
from deliveries import (
    AUTUMN,
    SCHOOL,
    VISION_HEAD,
    YEAR,
    csv_bytes,
    deliver,
    land_all,
    new_home,
    reading_inline,
    resident_number,
    vision,
    vision_row,
    xlsx_bytes,
)

from orchestration.audit import refresh
from orchestration.config import Home
from orchestration.ingest.feedback import write_feedback
from orchestration.trail.pack import audit_pack

SURNAMES = ["欧阳", "司徒", "夏侯", "诸葛", "皇甫", "尉迟", "公羊", "澹台"]


class Planter:
    """Gives a new canary at every call and remembers all."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def _keep(self, text: str) -> str:
        self.planted.append(text)
        return text

    def name(self) -> str:
        n = len(self.planted)
        return self._keep(f"{SURNAMES[n % 8]}{chr(0x9F00 + n % 90)}{chr(0x9E00 + n // 90)}")

    def number(self) -> str:
        return self._keep(resident_number(len(self.planted), "20091231", "419001"))

    def phone(self) -> str:
        return self._keep(f"139{len(self.planted):08d}")

    def address(self) -> str:
        return self._keep(f"桃花源{chr(0x9D00 + len(self.planted))}巷七号")

    def student(self) -> str:
        return self._keep(f"XS{len(self.planted):07d}Q")


HEADS: dict[str, str] = {
    "student_roster": "学年,学期,学校标识码,学籍号,身份证号,学号,姓名,性别,出生日期,民族代码,年级编号,班级编号,班级名称,是否寄宿,是否随迁子女,"
    "学籍状态,入校日期,家庭住址,联系电话,监护人,备注",
    "class_roster": "学年,学期,学校标识码,学段,年级编号,班级编号,班级名称,学生数,班主任,联系电话",
    "vision_check": ",".join(VISION_HEAD) + ",学号,家长电话,备注",
    "physical_exam": "姓名,性别,出生日期,民族,学校名称,年级,班级,学籍号,家庭地址,是否有做检查,未做原因,身高,体重,舒张压,收缩压,检查日期,疾病史,监护人姓名,备注",
    "fitness_test": "年级编号,班级编号,班级名称,学籍号,民族代码,姓名,性别,出生日期,家庭住址,身高,体重,肺活量,50米跑,坐位体前屈,立定跳远,测试日期,手机号码,测试员",
    "film_screening": "学校标识码,学校名称,学期,片名,放映日期,地点,年级编号,班级编号,应到人数,实到人数,组织者,备注,联系电话",
    "food_inspection": "检查编号,学校标识码,食堂名称,许可证号,检查日期,检查类型,检查人1,检查人2,风险等级,项目序号,检查内容,结果,问题描述,联系电话",
    "kitchen_register": "学校标识码,统计日期,食堂数,实现明厨亮灶食堂数,类型,接入平台,备注,负责人,联系电话",
    "school_register": "学年,学校标识码,学校名称,区县代码,办学类型码,校长,联系电话,备注",
}  # fmt: skip
CELLS: dict[str, str] = {
    "学年": YEAR, "学期": AUTUMN, "学校标识码": SCHOOL, "性别": "男", "出生日期": "2015-03-12", "民族代码": "01", "民族": "01", "年级编号": "13", "年级": "三年级",
    "班级编号": "1", "班级名称": "1班", "班级": "1班", "学籍状态": "在读", "学生数": "40", "右眼裸眼视力": "4.9", "左眼裸眼视力": "5.0", "检查日期": "2024-10-15",
    "测试日期": "2024-10-15", "放映日期": "2024-10-15", "统计日期": "2024-10-15", "身高": "145", "体重": "38", "收缩压": "105", "舒张压": "65", "肺活量": "2100",
    "50米跑": "9.1", "坐位体前屈": "3.5", "立定跳远": "160", "片名": "《无名的电影》", "应到人数": "40", "实到人数": "38", "检查类型": "日常", "风险等级": "B",
    "项目序号": "5",
    "结果": "是", "食堂数": "1", "实现明厨亮灶食堂数": "1", "学校名称": "无名小学", "区县代码": "411302", "办学类型码": "211", "是否有做检查": "是",
}  # fmt: skip
PERSONAL = {
    "姓名": Planter.name, "监护人": Planter.name, "监护人姓名": Planter.name, "班主任": Planter.name, "组织者": Planter.name, "检查人1": Planter.name,
    "检查人2": Planter.name, "负责人": Planter.name, "校长": Planter.name, "测试员": Planter.name, "备注": Planter.name, "问题描述": Planter.name,
    "检查内容": Planter.name, "接入平台": Planter.name, "疾病史": Planter.name, "食堂名称": Planter.name, "检查编号": Planter.name, "许可证号": Planter.number,
    "家庭住址": Planter.address, "家庭地址": Planter.address, "联系电话": Planter.phone, "家长电话": Planter.phone, "手机号码": Planter.phone,
    "身份证号": Planter.number, "学号": Planter.student, "未做原因": Planter.name,
}  # fmt: skip
# Free text about institutions, published as it is: a person's name in place of a school's cannot be told from one.
INSTITUTIONS = ("片名", "学校名称")


def lines(head: list[str], plant: Planter) -> list[list[str]]:
    """A good row with canaries in the personal columns, and one row for each other column with a canary in it."""
    good = {}
    for column in head:
        if column == "学籍号":
            good[column] = "G" + plant.number()
        else:
            good[column] = PERSONAL[column](plant) if column in PERSONAL else CELLS.get(column, "")
    rows = [good]
    for column in head:
        if column not in INSTITUTIONS:
            rows += [good | {column: text} for text in (plant.name(), plant.number(), plant.phone(), plant.student())]
    return [list(row.values()) for row in rows]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[str]]:
    """A home in which every feed was landed full of canaries, and its feedback written."""
    home, plant = new_home(tmp_path_factory.mktemp("canary") / "home"), Planter()
    for feed, columns in HEADS.items():
        head = columns.split(",")
        rows = [[f"{plant.name()}填报，电话 {plant.phone()}"], head, *lines(head, plant), [f"填表人：{plant.name()}"]]
        deliver(home, f"{feed}/{plant.name()}_{plant.number()}.csv", rows)
        deliver(
            home,
            f"{feed}/{plant.name()}/{plant.phone()}.xlsx",
            xlsx_bytes({plant.name(): rows, plant.number(): [[plant.name()]]}, strings_to_formulas=False),
        )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for sheet in (vision(vision_row(1)), vision(vision_row(2, "8.8")), [[plant.name()]]):
            packed.writestr(f"{plant.name()}/{plant.phone()}{plant.name()}.csv", csv_bytes(sheet))
        packed.writestr(f"{plant.name()}.pdf", b"%PDF")
        packed.writestr(f"{plant.name()}.csv", f'a,b\n"{plant.name()}'.encode())
    deliver(home, f"{SCHOOL}/{AUTUMN}/{plant.name()}.zip", archive.getvalue())
    bad: dict[str, Any] = {"layout": plant.name()}
    deliver(home, f"{SCHOOL}/{AUTUMN}/{plant.name()}.csv", vision(vision_row(3)), sidecar=bad)
    deliver(home, f"{SCHOOL}/{AUTUMN}/key.csv", vision(vision_row(4)), sidecar={plant.name(): 1})
    deliver(
        home,
        f"{SCHOOL}/{AUTUMN}/broken.csv",
        f'学籍号,姓名,右眼裸眼视力,左眼裸眼视力\n1,{plant.name()},"x"y,5.0\n'.encode(),
    )
    deliver(
        home,
        f"{SCHOOL}/{AUTUMN}/heads.csv",
        [["学籍号", plant.name(), "右眼裸眼视力", plant.number()], ["1", "2", "3", "4"]],
    )
    deliver(home, f"{SCHOOL}/{AUTUMN}/codes.csv", f"{plant.name()}\n".encode() + b"\xff\xff\n")
    deliver(home, f"{plant.name()}.meta.json", f'{{"layout": "{plant.name()}"}}'.encode())
    out = land_all(home)
    assert out.summary.rows["accepted"] > 20
    with reading_inline():
        write_feedback(home, home.base / "_rejected" / "rejected.parquet")
    (home.warehouse / "log.txt").write_text(
        json.dumps([out.summary.left, sorted(out.summary.parts)], ensure_ascii=False)
    )
    return home, plant.planted


def test_every_feed_was_accepted_with_canaries_in_it(planted: tuple[Home, list[str]]) -> None:
    parts = pl.read_parquet(planted[0].base / "_parts" / "parts.parquet")
    accepted = parts.group_by("feed").agg(pl.col("rows_accepted").sum()).filter(pl.col("rows_accepted") > 0)
    assert set(accepted["feed"]) == set(HEADS)
    assert len(set(planted[1])) == len(planted[1]) > 500


def test_nothing_planted_leaves_raw(planted: tuple[Home, list[str]]) -> None:
    assert leaks(planted[0].root, planted[1]) == []


def test_they_are_in_raw(planted: tuple[Home, list[str]]) -> None:
    """The scan is of something: in archive and feedback nearly every canary is found."""
    home, canaries = planted
    assert len({leak.canary for leak in Scanner(canaries).scan(home.root / "raw")}) > 0.95 * len(set(canaries))


def test_nothing_planted_reaches_the_auditors(planted: tuple[Home, list[str]], tmp_path: Path) -> None:
    """Refused rows, their samples, file and sheet names, profiles of columns: the audit site and the pack are made of what was landed."""
    home = Home(tmp_path / "home")
    shutil.copytree(planted[0].root, home.root)
    version = home.marts / "v"
    version.mkdir(parents=True)
    shutil.copy(home.base / "_parts" / "parts.parquet", version / "delivery_parts.parquet")
    shutil.copy(home.base / "_rejected" / "rejected.parquet", version / "rejected_rows.parquet")
    pl.DataFrame({"period": [YEAR]}).write_parquet(version / "indicator_values.parquet")
    home.current.write_text('{"built": "v", "released": {}}')
    refresh(home, dt.date(2025, 9, 1))
    pages = {p.relative_to(home.audit).parts[0] for p in home.audit.rglob("*.html")}
    assert {"quarantine", "deliveries", "profiles"} <= pages and len(list((home.audit / "quarantine").iterdir())) > 9
    names = audit_pack(home, home.reports / "pack.zip")
    assert any(name.endswith("statement.html") for name in names)
    assert Scanner(planted[1]).scan(home.reports) == []


CANARY = "欧阳龘龘"


def packed_zip(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.gz", gzip.compress(b"x" * 100 + text))
    return out.getvalue()


def _database(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("create table t (a text, b blob)")
        db.execute("insert into t values (?, ?)", ("x", gzip.compress(CANARY.encode())))


def _duck(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute(
            "create table t as select case when i = 70000 then ? else 'x' || i end as a from range(100000) r(i)",
            [CANARY],
        )


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("plain.log", lambda p: p.write_bytes(b"..." + CANARY.encode())), ("gbk.log", lambda p: p.write_bytes(CANARY.encode("gb18030"))),
        ("wide.txt", lambda p: p.write_bytes(CANARY.encode("utf-16"))), ("a.json", lambda p: p.write_text(json.dumps({"x": CANARY}))),
        ("page.html", lambda p: p.write_bytes(CANARY.encode("ascii", "xmlcharrefreplace"))), ("a.gz", lambda p: p.write_bytes(gzip.compress(CANARY.encode()))),
        ("a.zip", lambda p: p.write_bytes(packed_zip(CANARY.encode()))), ("a.xlsx", lambda p: p.write_bytes(xlsx_bytes({"x": [["a", CANARY]]}))),
        ("sheet.xlsx", lambda p: p.write_bytes(xlsx_bytes({CANARY: [["a"]]}))),
        ("data.b64", lambda p: p.write_bytes(base64.b64encode(b"ab" + CANARY.encode() + b"cdefg"))),
        ("a.parquet", lambda p: pl.DataFrame({"a": [*map(str, range(999)), CANARY]}).write_parquet(p, compression="zstd")),
        ("b.parquet", lambda p: pl.DataFrame({"a": [b"x", CANARY.encode()]}).write_parquet(p)),
        ("ledger.sqlite", _database), ("build.duckdb", _duck), (f"{CANARY}.txt", lambda p: p.write_text("x")),
        ("url.txt", lambda p: p.write_text("%E6%AC%A7%E9%98%B3%E9%BE%98%E9%BE%98")),
    ],
)  # fmt: skip
def test_the_scanner_finds_one_planted_on_purpose(tmp_path: Path, name: str, make: Any) -> None:
    home = tmp_path / "home"
    (home / "warehouse").mkdir(parents=True)
    make(home / "warehouse" / name)
    found = leaks(home, [CANARY, "夏侯龘龘"])
    assert {leak.canary for leak in found} == {CANARY}
    assert all(isinstance(leak, Leak) and leak.place.startswith("warehouse/") for leak in found)


def test_raw_and_keys_are_left_out(tmp_path: Path) -> None:
    for folder in ("raw/inbox", "warehouse/keys"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x").write_text(CANARY)
    assert leaks(tmp_path, [CANARY]) == []
