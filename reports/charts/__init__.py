"""Own small SVG module: Python strings, no library in the page.

Every chart carries role, name and description, writes its numbers as text, keeps its meaning in grey, and shows what
cannot be shown (hidden, not delivered) as a hatched band or a word, never as a zero or an approximate place.
Presentation attributes are written on the elements so that a saved chart stands alone; classes let the page restyle.
"""

from reports.charts.limits import LimitRow, limits
from reports.charts.rows import ChartRow, bars, dots, stacked
from reports.charts.series import ChartSeries, timeline
from reports.charts.small import bullet, sparks
from reports.charts.strip import strip

__all__ = [
    "ChartRow",
    "ChartSeries",
    "LimitRow",
    "bars",
    "bullet",
    "dots",
    "limits",
    "sparks",
    "stacked",
    "strip",
    "timeline",
]
