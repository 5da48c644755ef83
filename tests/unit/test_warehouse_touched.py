"""What a change touches."""

from __future__ import annotations

from pathlib import Path

from orchestration.warehouse.fingerprints import base_fingerprints, code_fingerprint
from orchestration.warehouse.touched import closure

AUTUMN, SPRING, YEAR, BEFORE = "2024-2025-1", "2024-2025-2", "2024-2025", "2023-2024-1"
ALL = {
    ("school_register", YEAR),
    ("student_roster", AUTUMN), ("student_roster", SPRING), ("student_roster", BEFORE),
    ("vision_check", AUTUMN), ("vision_check", BEFORE),
    ("physical_exam", YEAR), ("fitness_test", YEAR),
    ("film_screening", AUTUMN),
    ("food_inspection", YEAR), ("food_inspection", "2023-2024"),
}  # fmt: skip


def test_a_vision_file_touches_its_period_alone() -> None:
    assert closure({("vision_check", AUTUMN)}, ALL) == {("vision_check", AUTUMN)}


def test_a_semester_touches_the_one_it_is_compared_with_and_no_further() -> None:
    later = ALL | {("vision_check", "2025-2026-1")}
    assert closure({("vision_check", BEFORE)}, later) == {("vision_check", BEFORE), ("vision_check", AUTUMN)}
    assert ("vision_check", AUTUMN) in closure({("student_roster", BEFORE)}, later)


def test_a_roster_touches_the_pupil_feeds_of_its_year() -> None:
    assert closure({("student_roster", SPRING)}, ALL) == {
        ("student_roster", AUTUMN), ("student_roster", SPRING), ("vision_check", AUTUMN), ("physical_exam", YEAR), ("fitness_test", YEAR),
    }  # fmt: skip


def test_the_register_touches_everything() -> None:
    assert closure({("school_register", "2025-2026")}, ALL) == ALL | {("school_register", "2025-2026")}


def test_inspections_are_judged_by_the_last_of_all_dates() -> None:
    assert closure({("food_inspection", YEAR)}, ALL) == {("food_inspection", YEAR), ("food_inspection", "2023-2024")}


def test_documents_certifications_and_forms_are_looked_back_to_from_later_years() -> None:
    old = ("county_certification", "2023-2024")
    assert closure({old}, ALL) == {old, ("county_certification", YEAR)}
    assert closure({("school_form", YEAR)}, ALL) == {("school_form", YEAR)}


def test_parts_and_rejects_touch_no_model() -> None:
    assert closure({("_parts", "parts")}, ALL) == set()


def test_fingerprints_follow_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "vision_check" / f"{AUTUMN}.parquet"
    file.parent.mkdir()
    file.write_bytes(b"one")
    (file.parent / "_schema.parquet").write_bytes(b"schema")
    first = base_fingerprints(tmp_path)
    assert list(first) == [("vision_check", AUTUMN)]
    file.write_bytes(b"two")
    assert base_fingerprints(tmp_path) != first


def test_the_code_fingerprint_knows_the_project_the_home_and_the_feeds(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: x")
    model = project / "models" / "m.sql"
    model.write_text("select 1")
    base = tmp_path / "base"
    first = code_fingerprint(base, [], project)
    assert code_fingerprint(base, [], project) == first
    assert code_fingerprint(tmp_path / "moved", [], project) != first
    assert code_fingerprint(base, ["vision_check"], project) != first
    model.write_text("select 2")
    assert code_fingerprint(base, [], project) != first
