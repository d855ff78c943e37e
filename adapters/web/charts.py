"""Small charts: numbers in, SVG out. Pure, drawn on the server, read without a script.

No `style` attribute anywhere, since the pages forbid inline styles: sizes are attributes, colours
come from classes (`static/charts.css`), or from the text around where a page has no such sheet.
What a chart shows is told in words too: in its label, and in the table or list beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

SPARK_STEP, SPARK_BAR, SPARK_HEIGHT = 5, 4, 24
LEAST_SEEN = 1.5  # units: a small number is drawn this high, so that it differs from none
BAR_WIDTH, BAR_HEIGHT = 100, 8
SPLIT_WIDTH, SPLIT_HEIGHT = 300, 14
SPLIT_GAP = 2


def sparkline(values: Sequence[int], *, label: str) -> Markup:
    """One thin column for each value, the oldest first; `label` says in words what they are.

    In the colour of the text around it. Without values: an empty base line.
    """
    width = max(len(values), 1) * SPARK_STEP - (SPARK_STEP - SPARK_BAR)
    highest = max(values, default=0)
    columns = Markup("").join(
        _column(number * SPARK_STEP, value / highest)
        for number, value in enumerate(values)
        if value > 0
    )
    line = Markup(
        '<path class="base" d="M0 {y}H{width}" stroke="currentColor" stroke-opacity=".35"/>'
    ).format(y=SPARK_HEIGHT - 0.5, width=width)
    return _picture("spark", width, SPARK_HEIGHT, label, (line, columns))


def _column(x: int, part: float) -> Markup:
    height = max(part * (SPARK_HEIGHT - 1), LEAST_SEEN)
    return Markup(
        '<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="currentColor"/>'
    ).format(x=x, y=_short(SPARK_HEIGHT - height), width=SPARK_BAR, height=_short(height))


def bars(shares: Iterable[tuple[float, str]]) -> list[Markup]:
    """A horizontal bar for each (share of 1, label); a share outside 0 to 1 is drawn as the end."""
    return [_bar(min(max(share, 0.0), 1.0), label) for share, label in shares]


def _bar(share: float, label: str) -> Markup:
    whole = Markup('<rect class="whole" width="{w}" height="{h}" rx="2"/>').format(
        w=BAR_WIDTH, h=BAR_HEIGHT
    )
    part = Markup('<rect class="part" width="{w}" height="{h}" rx="2"/>').format(
        w=_short(share * BAR_WIDTH), h=BAR_HEIGHT
    )
    return _picture("share", BAR_WIDTH, BAR_HEIGHT, label, (whole, part), stretch=True)


def split(parts: Sequence[tuple[str, int]], *, label: str) -> Markup:
    """One bar cut into parts, (class name, count) each, as long as their counts are many.

    Parts of none are left out; without any count the bar is empty.
    """
    counted = [(name, count) for name, count in parts if count > 0]
    whole = sum(count for _, count in counted)
    room = SPLIT_WIDTH - SPLIT_GAP * (len(counted) - 1)
    x = 0.0
    pieces = []
    for name, count in counted:
        width = room * count / whole
        pieces.append(_piece(name, x, width))
        x += width + SPLIT_GAP
    if not pieces:
        pieces = [_piece("whole", 0, SPLIT_WIDTH)]
    return _picture("split", SPLIT_WIDTH, SPLIT_HEIGHT, label, pieces, stretch=True)


def _piece(name: str, x: float, width: float) -> Markup:
    return Markup('<rect class="{name}" x="{x}" width="{width}" height="{height}"/>').format(
        name=name, x=_short(x), width=_short(width), height=SPLIT_HEIGHT
    )


def _picture(
    name: str,
    width: float,
    height: float,
    label: str,
    parts: Iterable[Markup],
    *,
    stretch: bool = False,
) -> Markup:
    """The picture with its words. `stretch`: the page sets its width, its height stays."""
    return Markup(
        '<svg class="chart {name}" role="img" aria-label="{label}" width="{width}"'
        ' height="{height}" viewBox="0 0 {width} {height}"{ratio}>{parts}</svg>'
    ).format(
        name=name,
        label=label,
        width=width,
        height=height,
        ratio=Markup(' preserveAspectRatio="none"') if stretch else "",
        parts=Markup("").join(parts),
    )


def _short(value: float) -> str:
    """A length with at most two decimals: 100,000 digits tell nobody more."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
