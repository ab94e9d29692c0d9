"""Draw a chart of bars as SVG, with a panel for each measure and a bar for each policy."""

from collections.abc import Mapping, Sequence
from html import escape

_WIDE, _LEFT, _TOP, _ROW = 780, 190, 46, 26
_FONT = 'font-family="system-ui, sans-serif"'
_PLAIN, _LAST = "#9aa5b1", "#0b6e4f"  # the last bar is ours


def bars(title: str, ways: Sequence[str], panels: Mapping[str, Sequence[float]]) -> str:
    each = (_WIDE - _LEFT) // len(panels)
    tall = _TOP + 24 + _ROW * len(ways) + 14
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {tall}" role="img" aria-label="{escape(title)}">',
        f'<rect width="{_WIDE}" height="{tall}" fill="#ffffff"/>',
        f'<text x="12" y="24" {_FONT} font-size="15" fill="#1f2933">{escape(title)}</text>',
    ]
    for n, way in enumerate(ways):
        drawn.append(_text(_LEFT - 10, _line(n), way, "end"))
    for k, (name, values) in enumerate(panels.items()):
        x, most = _LEFT + k * each, max(values) or 1
        drawn.append(_text(x, _TOP + 10, name, "start", bold=True))
        for n, value in enumerate(values):
            long = round((each - 70) * value / most, 1)
            colour = _LAST if n == len(values) - 1 else _PLAIN
            drawn.append(f'<rect x="{x}" y="{_line(n) - 13}" width="{long}" height="18" fill="{colour}"/>')
            drawn.append(_text(x + long + 5, _line(n), f"{value:.2f}", "start"))
    return "\n".join([*drawn, "</svg>", ""])


def _line(n: int) -> int:
    return _TOP + 38 + n * _ROW


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {_FONT} font-size="12" fill="#1f2933"{weight}>{escape(text)}</text>'
