"""Own small SVG module: Python strings, no library in the page.

Every chart carries role, name and description, writes its numbers as text, keeps its meaning in grey, and shows what
cannot be shown (hidden, not delivered) as a hatched band or a word, never as a zero or an approximate place.
Presentation attributes are written on the elements so that a saved chart stands alone; classes let the page restyle.
"""

from reports.charts.funnel import FunnelPoint, beyond, funnel
from reports.charts.limits import LimitRow, limits
from reports.charts.rows import ChartRow, bars, dots, marks, stacked
from reports.charts.series import ChartSeries, timeline
from reports.charts.small import bullet, sparks, spine
from reports.charts.strip import common_reach, strip

__all__ = [
    "ChartRow",
    "ChartSeries",
    "FunnelPoint",
    "LimitRow",
    "bars",
    "beyond",
    "bullet",
    "common_reach",
    "dots",
    "funnel",
    "limits",
    "marks",
    "sparks",
    "spine",
    "stacked",
    "strip",
    "timeline",
]
