"""Real areas, invented schools and persons: the words the simulated region is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class County:
    """An area that reports like a county; zones without a national code carry a local one."""

    code: str
    name: str
    short: str
    weight: float


# Areas and codes: GB/T 2260 and the statistical list of 2023; a small world has the first ones of a region.
# 官庄工区 has no code anywhere, so the school register gives it a local one.
REGIONS: dict[str, tuple[str, tuple[County, ...]]] = {
    "nanyang": (
        "41",
        (
            County("411322", "方城县", "方城县", 1.05),
            County("411303", "卧龙区", "卧龙区", 1.15),
            County("411323", "西峡县", "西峡县", 0.5),
            County("411302", "宛城区", "宛城区", 1.1),
            County("411324", "镇平县", "镇平县", 1.0),
            County("411321", "南召县", "南召县", 0.65),
            County("411330", "桐柏县", "桐柏县", 0.5),
            County("411325", "内乡县", "内乡县", 0.75),
            County("411326", "淅川县", "淅川县", 0.75),
            County("411327", "社旗县", "社旗县", 0.8),
            County("411328", "唐河县", "唐河县", 1.5),
            County("411329", "新野县", "新野县", 0.85),
            County("411381", "邓州市", "邓州市", 1.8),
            County("411371", "南阳高新技术产业开发区", "高新区", 0.35),
            County("411372", "南阳市城乡一体化示范区", "示范区", 0.4),
            County("4113A1", "官庄工区", "官庄工区", 0.2),
        ),
    ),
    "guigang": (
        "45",
        (
            County("450803", "港南区", "港南区", 0.9),
            County("450821", "平南县", "平南县", 1.5),
            County("450881", "桂平市", "桂平市", 2.0),
            County("450802", "港北区", "港北区", 1.0),
            County("450804", "覃塘区", "覃塘区", 0.8),
        ),
    ),
    "qinghai": (
        "63",
        (
            # One of the pastoral south, which some promises name apart.
            County("632322", "尖扎县", "尖扎县", 1.0),
            County("630223", "互助土族自治县", "互助县", 1.0),
        ),
    ),
    "pingluo": ("64", (County("640221", "平罗县", "平罗县", 1.0),)),
}
# Cities and provinces that speak for themselves: what binds them as a whole is reported by them, too.
UPPER_AREAS = {
    "410000": "河南省", "411300": "南阳市", "450800": "贵港市", "630000": "青海省", "632300": "黄南藏族自治州",
}  # fmt: skip

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖"
    "邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛")
GIVEN = (
    "子涵欣怡梓轩宇浩然一诺雨桐思远佳宁俊杰明哲晨曦语嫣若溪博文天佑嘉懿可馨睿泽诗琪雅静志强海燕春梅建国文静晓东立新雪莹紫萱奕辰沐阳清扬"
    "书瑶景行安然允儿锦程星辰乐彤亦凡"
)
RARE = ("㐂", "𠮷", "䶮", "㛃", "𬭎")
# Uyghur-style and Yi-style names: the dot between the parts is written in three ways.
DOTTED = ("阿依古丽·买买提", "古丽娜尔·艾山", "吉克·阿木", "沙马·拉且", "巴特尔·其其格")

TOWNSHIPS = (
    "青石镇", "柳河镇", "白杨乡", "清泉镇", "石桥镇", "杨树岗镇", "龙潭沟乡", "望山镇", "古槐镇", "云台乡", "双河镇", "赵家集镇", "红旗岭乡",
    "梨园镇", "金沟镇", "马坡乡", "官渡口镇", "小寨乡", "凤鸣镇", "黑石滩镇", "枣林乡", "大湾镇", "松坪乡", "杏花镇", "竹园乡", "槐树店镇",
)  # fmt: skip
VILLAGES = (
    "张庄", "李营", "东岗", "西坡", "王沟", "前楼", "后河", "刘寨", "上店", "下湾", "孙岭", "陈塘", "南桥", "北洼", "周集", "吴洼", "杜营", "郑坡",
)  # fmt: skip
STREETS = ("新华", "育才", "建设", "人民", "文化", "向阳", "健康", "滨河", "光明", "解放", "振兴", "和平")
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")

RECOMMENDED_FILMS = (
    "长津湖", "我和我的祖国", "守岛人", "狮子少年", "山河铭记", "少年先锋队", "哪吒之魔童降世", "家有小院", "红星照耀的山村", "天上的宫殿",
    "草原上的小号手", "钱学森的选择", "大国工匠", "山里来信", "飞向月球",
)  # fmt: skip
OTHER_FILMS = ("奇幻马戏团", "疯狂赛车手", "海底大营救", "午夜快递")


def ordinal(number: int) -> str:
    """1 to 99 in Chinese numerals; larger numbers in digits."""
    if number > 99:
        return str(number)
    if number <= 10:
        return NUMERALS[number - 1]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else NUMERALS[tens - 1]) + "十" + (NUMERALS[ones - 1] if ones else "")
