"""What names, sidecars and titles say, in which order it counts, and what happens when they contradict each other."""

import datetime as dt
import json
from typing import Any

import pytest

from expectations.contract import FEED_ORDER
from orchestration.ingest.context import Context, from_names, from_sidecar, merge, with_title
from orchestration.ingest.grids import Unreadable
from orchestration.ingest.masking import mask, unique_masks

DAY = dt.date(2024, 10, 15)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("vision_check/2141000123/2024-2025-1/20241015_一年级.xlsx",
         {"feed": "vision_check", "school": "2141000123", "period": "2024-2025-1", "date": DAY}),
        ("411302/fitness_test_2024-2025.csv", {"feed": "fitness_test", "county": "411302", "period": "2024-2025"}),
        ("2141000123无名小学/2024-2025/2024-2025-2视力.xlsx", {"school": "2141000123", "period": "2024-2025-2"}),
        ("VISION_CHECK/a.csv", {"feed": "vision_check"}), ("a(vision_check).csv", {"feed": "vision_check"}),
        ("２１４１０００１２３/视力第二次.xls", {"school": "2141000123", "round": 2}), ("第1轮/a.csv", {"round": 1}),
        ("202410_视力.csv", {}), ("411302/202410_视力.csv", {"county": "411302"}), ("20241332.csv", {}), ("20240230.csv", {}),
        ("2024-2026/a.csv", {}), ("13800138000.csv", {}), ("411302201503120017.csv", {}), ("a123456.csv", {}), ("990000.csv", {}),
        ("2024-10-15.csv", {}), ("my_vision_checks/a.csv", {}), ("重庆500101.csv", {"county": "500101"}), ("", {}),
    ],
)  # fmt: skip
def test_tokens_of_names(path: str, said: dict[str, Any]) -> None:
    assert from_names(path, FEED_ORDER) == Context(**said)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("2141000123/2141000456.csv", "学校标识码"), ("2024-2025-1/2024-2025-2.csv", "学年或学期"), ("2023-2024/2024-2025-1.csv", "学年或学期"),
        ("vision_check/fitness_test.csv", "报表名"), ("20241015_20241016.csv", "日期"), ("411302/411303.csv", "区县代码"), ("第一次/第二次.csv", "轮次"),
    ],
)  # fmt: skip
def test_names_that_contradict_each_other(path: str, what: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        from_names(path, FEED_ORDER)
    assert refusal.value.rule == "context_contradiction"
    assert what in refusal.value.zh


def test_sidecar() -> None:
    body = {"feed": "vision_check", "school": 2141000123, "county": "4113Z1", "period": "2024-2025-1", "round": 2, "date": "2024-10-15",
            "version": 3, "replace": True, "layout": "2a"}  # fmt: skip
    said = from_sidecar(b"\xef\xbb\xbf" + json.dumps(body).encode(), FEED_ORDER)
    assert said == Context("vision_check", "2141000123", "4113Z1", "2024-2025-1", 2, DAY, 3, True, said.layout)
    assert said.layout
    for person in ("13800138000", "CeJiaziCeJiazi", "411302201503120017"):
        assert person not in str(from_sidecar(json.dumps({"layout": person}).encode(), FEED_ORDER).layout)
    assert Context.from_json(json.loads(json.dumps(said.as_json()))) == said
    assert from_sidecar(b"{}", FEED_ORDER) == Context()
    assert from_sidecar(b'{"school": null}', FEED_ORDER) == Context()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"\xff\xfe", b'"x"', b"[" * 100_000, '{"测甲子": 1}'.encode(), '{"school": "测甲子"}'.encode(), '{"layout": "测甲子"}'.encode(),
        '{"county": "测甲子"}'.encode(), '{"version": "测甲子"}'.encode(), '{"date": "测甲子"}'.encode(), b'{"school": "214100012"}', b'{"school": true}',
        b'{"school": [2141000123]}', b'{"feed": "nothing"}', b'{"feed": ["vision_check"]}', b'{"period": "2024-2026"}', b'{"period": "2024-2025-3"}',
        b'{"round": 0}', b'{"round": Infinity}', b'{"round": 2.5}', b'{"version": -1}', b'{"version": 1e40}', b'{"version": 10000000}',
        b'{"replace": "true"}', b'{"replace": 1}', b'{"date": "2024-13-01"}', b'{"date": 20241015}',
    ],
)  # fmt: skip
def test_bad_sidecars_get_a_verdict_that_quotes_nothing(body: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        from_sidecar(body, FEED_ORDER)
    assert refusal.value.rule == "bad_sidecar"
    assert "测甲子" not in refusal.value.zh


def test_sidecar_and_names_complete_each_other_or_contradict() -> None:
    names = Context(school="2141000123", period="2024-2025", date=dt.date(2024, 9, 1))
    assert merge(names, None) == names
    both = merge(names, Context(feed="vision_check", period="2024-2025-1", date=DAY, version=2, replace=True))
    assert both == Context("vision_check", "2141000123", None, "2024-2025-1", None, DAY, 2, True)
    for contrary in (Context(school="2141000456"), Context(period="2023-2024")):
        with pytest.raises(Unreadable):
            merge(names, contrary)


@pytest.mark.parametrize(
    ("title", "period", "school"),
    [
        ("无名区2024-2025学年第一学期视力检查表", "2024-2025-1", None), ("2024—2025学年度下学期", "2024-2025-2", None), ("2024～2025学年", "2024-2025", None),
        ("２０２４－２０２５学年春季", "2024-2025-2", None), ("2024-2026学年", None, None), ("学校：无名小学（2141000123）", None, "2141000123"),
        ("2141000123 2141000456", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_title_rows(title: str, period: str | None, school: str | None) -> None:
    said = with_title(Context(), title)
    assert (said.period, said.school) == (period, school)


def test_a_title_adds_but_may_not_contradict() -> None:
    assert with_title(Context(period="2024-2025"), "2024-2025学年第二学期").period == "2024-2025-2"
    for context, title in (
        (Context(period="2023-2024-1"), "2024-2025学年"),
        (Context(school="2141000123"), "2141000456"),
    ):
        with pytest.raises(Unreadable):
            with_title(context, title)


def test_the_same_facts_give_the_same_canonical_text() -> None:
    assert Context(school="2141000123").canonical() == from_names("x/2141000123/y.csv", FEED_ORDER).canonical()
    assert Context(version=0, replace=False).canonical() == Context().canonical()
    assert Context(replace=True).canonical() != Context().canonical()


PERSONS = ["测甲子", "欧阳测乙", "买买提·测丙", "Ce Jiazi", "CeJiazi", "cejiazi_test", "jiazi_check", "𠮷测㐂", "411302201503120017",
           "G411302201503120017", "41130220150312001X", "13800138000", "无名路一号"]  # fmt: skip


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "{}.xlsx",
        "vision_check/2141000123/2024-2025-1/20241015_{}.csv",
        "三年级2班_{}_视力检查.xls",
        "Sheet{}",
        "{}#2",
        "a\n{}",
        "学生{}名册",
    ],
)
def test_no_person_survives_masking(person: str, form: str) -> None:
    masked = mask(form.format(person))
    assert person not in masked
    assert "\n" not in masked
    for piece in (person[:5],) if person.isascii() else (person[:2], person[-2:]):
        assert piece not in masked


@pytest.mark.parametrize(
    "name",
    [
        "vision_check/2141000123/2024-2025-1/20241015_一年级.xlsx",
        "411302/视力检查_第一学期.csv.gz",
        "Sheet1",
        "三年级(2)班",
        "学生名册_更正.zip",
    ],
)
def test_codes_dates_and_known_words_stay(name: str) -> None:
    assert mask(name) == name


def test_names_that_mask_alike_stay_distinct() -> None:
    masked = unique_masks([("测甲子.csv", ""), ("测乙丑.csv", ""), ("测甲子.csv", "测丙"), ("Sheet1", "")])
    assert len(set(masked)) == 4
    assert masked == unique_masks([("测丁.csv", ""), ("测戊.csv", ""), ("测丁.csv", "测己"), ("Sheet1", "")])
