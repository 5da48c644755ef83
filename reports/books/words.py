"""Why a cell is empty: a closed list of words, each explained in the legend of every book that uses it."""

from __future__ import annotations

from reports import guide_words
from reports.i18n import N_

REASONS: dict[str, tuple[str, str]] = {
    "no_counts": (N_("无分子分母"), N_("这项数值不以分子、分母表示，或没有收到分子、分母。")),
    "no_target": (N_("未设目标"), N_("政策文件没有给出数字目标，只列数值。")),
    "no_interval": (N_("无置信区间"), N_("这项指标按全数核算判断，不设置信区间。")),
    "no_change": (N_("无上年同期"), N_("没有上年同期的数值可比。")),
    "untested": (N_("不检验"), N_("均值和数量的变化没有检验，只列增减，不说变好变差。")),
    "bound": (N_("只给界限"), guide_words.TAILS),
    "no_waiver": (N_("没有豁免"), N_("这个数值所依据的检查都通过了。")),
    "one_way": (N_("只有一个口径"), N_("这一项只有一个数值，不分口径和学段。")),
    "by_document": (N_("由佐证认定"), N_("这一项看文号和认定结果，没有数值标准。")),
    "no_document": (N_("没有佐证文号"), N_("没有收到这一项的佐证文号。")),
    "no_figure": (N_("没有图号"), N_("这一行不由一个有图号的数值得出，或没有数值。")),
    "excluded": (N_("不参评"), N_("这所学校不参加评估，不计项数。")),
    "no_pupils": (N_("没有在校生数"), N_("没有收到在校生数，或人数太少不列。")),
    "hidden": (N_("已隐去或未报送"), N_("人数太少不显示，或没有收到这项数据。")),
    "reached": (N_("已达标准，不缺"), N_("刚过标准的学校没有缺口。")),
    "no_unit": (N_("无单位"), N_("这项数值没有单位。")),
    "not_written": (N_("文件未写明"), N_("文件、目录或台账没有写这一内容。")),
    "nothing_due": (N_("不须补报"), N_("已有数据，或这一条不靠报送的数据核对。")),
    "no_measure": (N_("还没有措施"), N_("台账里还没有措施或责任单位。")),
    "not_owed": (N_("不按校报送"), N_("这类表不由学校逐校报送，没有应报学校数。")),
    "not_closed": (N_("还没有销号"), N_("问题还在整改，没有销号日期和佐证。")),
}
