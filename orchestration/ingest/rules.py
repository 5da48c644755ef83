"""What a rejected row or file is told, by rule code: Chinese for the clerk first, English second."""

from __future__ import annotations

ROW_RULES: dict[str, tuple[str, str]] = {
    "missing_required": ("没有填写", "is missing"),
    "bad_number": ("不是有效的数字", "is not a number"),
    "out_of_range": ("数值不合理", "is out of range"),
    "ambiguous_time": ("时间写法有歧义", "is an ambiguous time"),
    "bad_time": ("不是有效的时间", "is not a time"),
    "bad_date": ("不是有效的日期", "is not a date"),
    "bad_code": ("不在允许的取值之内", "is not one of the allowed values"),
    "id_damaged": (
        "被 Excel 改成了数字，末几位已丢失，请把该列设为文本格式后重新填写",
        "was damaged by Excel; format the column as text and enter it again",
    ),
    "id_invalid": ("长度或格式不对", "has the wrong length or form"),
    "unit_suspect": ("单位可能有误", "seems to be in another unit"),
    "weight_suspect": ("数值与身高不相称", "does not fit the height"),
    "swapped_suspect": ("可能与相邻的列填反了", "may be swapped with its neighbour"),
    "whole_school": ("不能填“全校”", "may not be the whole school"),
    "outside_term": ("不在教学时间内（假期）", "lies in the holiday"),
    "attended_over_expected": ("大于应到人数", "is more than expected"),
    "formula_cell": ("是公式，请改为数值（复制后选择性粘贴为数值）", "holds a formula; paste it as a value"),
    "ambiguous_columns": ("有两列都对应这一项且内容不同", "is given twice with different values"),
    "period_unknown": ("无法确定所属学期或学年，请填写日期或学期", "gives no semester or school year"),
    "school_unknown_context": (
        "没有填写，文件夹和文件名中也没有学校标识码",
        "is missing, and no context names the school",
    ),
    "date_out_of_period": ("不在该文件所说的学期或学年之内", "lies outside the stated period"),
    "pupil_key_missing": ("学籍号、身份证号、学号都没有填写，无法对应到学生", "no pupil identifier is given"),
    "future_date": ("晚于收到文件的日期", "lies after the day of receipt"),
}

# Findings of one row are told in this order; the first one names the row's rule.
PRIORITY = (
    "formula_cell",
    "ambiguous_columns",
    "whole_school",
    "id_damaged",
    "id_invalid",
    "pupil_key_missing",
    "school_unknown_context",
    "swapped_suspect",
    "unit_suspect",
    "weight_suspect",
    "ambiguous_time",
    "bad_time",
    "bad_date",
    "bad_code",
    "bad_number",
    "out_of_range",
    "attended_over_expected",
    "missing_required",
    "future_date",
    "date_out_of_period",
    "outside_term",
    "period_unknown",
)
