"""The README's chart: bars of tokens a second and of cold starts, as one SVG that reads in light and dark."""
from html import escape

WIDTH, LEFT, BAR, GAP = 760, 300, 20, 9
SPEEDS = ["stock candle-transformers f32, as people use it", "PyTorch f32, at its best", "ONNX Runtime f32, at its best",
          "ONNX Runtime int8, at its best", "Baton f32", "Baton int8"]
STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}.other{fill:#8c959f}.baton{fill:#d4731a}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.other{fill:#6e7681}.baton{fill:#f0883e}}
"""


def bars(values, top, title, unit):
    parts = [f'<text class="title" x="0" y="{top}">{escape(title)}</text>']
    most, y = max(values.values()), top + 14
    for name, value in values.items():
        width = max(2, value / most * (WIDTH - LEFT - 110))
        kind = "baton" if name.startswith("Baton") else "other"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
                     f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
                     f'<text x="{LEFT + width + 6:.1f}" y="{y + 15}">{escape(unit(value))}</text>')
        y += BAR + GAP
    return parts, y + 22


def draw(file, speeds, starts):
    """Writes the chart: name → tokens a second, name → seconds."""
    speed, y = bars({name: speeds[name] for name in SPEEDS if name in speeds}, 16, "Tokens a second on one core (more is better)",
                    lambda value: f"{value:,.0f}")
    start, y = bars(starts, y, "Cold start: process to first document (less is better)",
                    lambda value: f"{value:.1f} s" if value >= 1 else f"{value * 1e3:.0f} ms")
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y - 20}" role="img" '
                    f'aria-label="Baton beside PyTorch, ONNX Runtime and candle-transformers"><style>{STYLE}</style>'
                    + "".join(speed + start) + "</svg>\n")
