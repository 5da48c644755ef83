"""Pages of other languages: names from data stay Chinese and are marked so; punctuation between foreign words is theirs.

What is Chinese in an English page comes from data (names of areas and schools, quotations), for every word of ours is
translated. So the marks can be set on the finished page, and no name is forgotten on the way through a sentence.
"""

from __future__ import annotations

import re

_HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
# A Chinese text with the signs, digits and letters inside it; at its ends stands a Chinese character.
_RUN = re.compile(rf"{_HAN}(?:[0-9A-Za-z—·、，。：；（）《》〔〕“”「」％]*{_HAN})*[》」〕）]*")
_APART = re.compile(r"(<svg.*?</svg>|<title>.*?</title>)", re.S)
_TEXT = re.compile(r">([^<]+)(?=<)")
_LABEL = re.compile(r'(?<= aria-label=")[^"]*')
_SIGNS = {"，": ", ", "。": ". ", "：": ": ", "；": "; ", "（": " (", "）": ") ", "、": ", ", "“": "“", "”": "”"}
_SIGN = re.compile(r" ?([，。：；（）、]) ?")
_LOOSE = re.compile(r"\) (?=[,.;:)])")


def _latin(text: str) -> str:
    """Punctuation of a text outside Chinese runs."""
    return _LOOSE.sub(")", _SIGN.sub(lambda m: _SIGNS[m[1]], text))


def _marked(text: str, lang: str) -> str:
    if not re.search(_HAN, text):
        return _latin(text)
    parts, at = [], 0
    for run in _RUN.finditer(text):
        parts += [_latin(text[at : run.start()]), f'<span lang="{lang}">{run[0]}</span>' if lang else run[0]]
        at = run.end()
    return "".join([*parts, _latin(text[at:])])


def foreign(html: str, lang: str) -> str:
    """A finished page with Chinese texts marked and all other punctuation in the page's own manner.

    Args:
        html: The page.
        lang: Tag of the language of names in it.
    """
    pieces = []
    for i, piece in enumerate(_APART.split(html)):
        mark = "" if i % 2 else lang  # no markup within drawings and titles
        labelled = _LABEL.sub(lambda m: _marked(m[0], ""), piece)
        pieces.append(_TEXT.sub(lambda m, mark=mark: ">" + _marked(m[1], mark), labelled))  # type: ignore[misc]
    return "".join(pieces)
