"""A bar chart of the ratios as SVG: one panel a work, logarithmic, one bar a tracer."""

import html
import math

from report import TITLES

LABELS = 340
BARS = 460
VALUES = 70
ROW = 18
PANEL_GAP = 46
COLOURS = (("nothing", "#9aa0a6"), ("floor", "#5f6368"), ("porttrace", "#1a73e8"))
PEER_COLOUR = "#e8710a"


def colour(name):
    return next((value for start, value in COLOURS if name.startswith(start)), PEER_COLOUR)


def text(x, y, words, size=12, anchor="start", weight="normal"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{html.escape(words)}</text>'
    )


def bar_length(ratio, most):
    """0.5x has no length, `most` all of it."""
    return max(1.0, BARS * math.log(max(ratio, 0.5) / 0.5) / math.log(most / 0.5))


def panel(title, results, top, most):
    parts = [text(LABELS, top, title, 14, weight="bold")]
    y = top + 10
    for name, found in results.items():
        length = bar_length(found["ratio"], most)
        parts.append(text(LABELS - 8, y + 13, name, anchor="end"))
        parts.append(
            f'<rect x="{LABELS}" y="{y + 2}" width="{length:.1f}" height="{ROW - 4}" '
            f'fill="{colour(name)}"/>'
        )
        parts.append(text(LABELS + length + 6, y + 13, f"{found['ratio']:.2f}x"))
        y += ROW
    one = LABELS + bar_length(1, most)
    parts.append(
        f'<line x1="{one:.1f}" y1="{top + 10}" x2="{one:.1f}" y2="{y}" stroke="#202124" '
        'stroke-dasharray="3 3"/>'
    )
    return parts, y + PANEL_GAP


def server_panel(server):
    """Time again, so that more is worse as in the other panels."""
    return {name: {"ratio": 1 / one["ratio"]} for name, one in server["found"].items()}


def draw(works, server):
    panels = {TITLES[work]: results for work, results in works.items()}
    if server:
        panels["request to nginx, under load"] = server_panel(server)
    most = max(found["ratio"] for results in panels.values() for found in results.values())
    parts = [text(16, 24, "Time of one operation against nothing attached (log scale)", 15)]
    y = 60
    for title, results in panels.items():
        drawn, y = panel(title, results, y, max(most, 2.0))
        parts += drawn
    width = LABELS + BARS + VALUES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y - PANEL_GAP + 16}" '
        'font-family="sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
