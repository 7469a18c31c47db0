# SPDX-License-Identifier: Apache-2.0
"""Draws how the kernels of a race stand against the streaming bound: one SVG for a number of threads.

A panel for each kernel and layout, a line for each shape. Ours lies at the ratio that `evenkeel bench kernels` has
measured, the others at that times what they took of our time in the race: each ratio is of things that took turns. Of a
library's variants the fastest is drawn."""

import html
import math

from peers import standings

LIBRARIES = ["PyTorch", "TensorFlow", "onnxruntime", "oneDNN"]
LEFT, PANEL, GAP, TOP, ROW, HEAD, FOOT = 104, 268, 32, 62, 15, 30, 34
TITLES = {"forward-train": "forward", "forward-infer": "inference", "backward-train": "backward"}
MARKS = {  # by library: a path around (0, 0)
    standings.OURS: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    "PyTorch": "M0 -5L4.6 3.4H-4.6z",
    "TensorFlow": "M-3.8 -3.8H3.8V3.8H-3.8z",
    "onnxruntime": "M0 -5L5 0L0 5L-5 0z",
    "oneDNN": "M-4.5 -2.9L-2.9 -4.5L0 -1.6L2.9 -4.5L4.5 -2.9L1.6 0L4.5 2.9L2.9 4.5L0 1.6L-2.9 4.5L-4.5 2.9L-1.6 0z",
}
STYLE = """
svg { font: 11px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
.page { fill: #ffffff } .text { fill: #1f2328 } .dim { fill: #59636e } .band { fill: #f2f4f7 }
.grid { stroke: #d5dbe3 } .bound { stroke: #59636e; stroke-dasharray: 3 2 } .span { stroke: #aab4c0 }
.evenkeel { fill: #0b62d6 } .PyTorch { fill: #d1480f } .TensorFlow { fill: #b07a00 } .onnxruntime { fill: #8250df }
.oneDNN { fill: #1a7f37 } .title { font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } .text { fill: #e6edf3 } .dim { fill: #9198a1 } .band { fill: #161b22 }
.grid { stroke: #30363d } .bound { stroke: #9198a1 } .span { stroke: #57606a }
.evenkeel { fill: #58a6ff } .PyTorch { fill: #ff8f5c } .TensorFlow { fill: #e3b341 } .onnxruntime { fill: #c297ff }
.oneDNN { fill: #56d364 } }"""


def library_of(contender):
    return next((name for name in LIBRARIES if contender.startswith(name)), contender)


def ratios(kernels, raced, threads):
    """{(kernel, layout): {shape: {library: times the bound}}} of what both have measured."""
    ours = {("x".join(map(str, r["shape"])), r["kernel"], r["layout"]): r["ratio"] for r in kernels
            if r["threads"] == threads and r["dtype"] == "f32" and r["fuse"] == "none" and not r["cold"]}
    found = {}
    for results in standings.races(raced).values():
        job = results[0]
        key = (job["shape"], job["kernel"], job["layout"])
        if job["threads"] != threads or key not in ours or job["kernel"] not in TITLES:
            continue
        points = found.setdefault((job["kernel"], job["layout"]), {}).setdefault(job["shape"], {})
        for r in results:
            library, ratio = library_of(r["contender"]), ours[key] * r["times_evenkeel"]
            points[library] = min(ratio, points.get(library, math.inf))
    return found


class Scale:
    """Ratios from a power of two to a power of two, over a panel's width, by their logarithms."""

    def __init__(self, values):
        self.low = math.floor(math.log2(min(*values, 1.0)))
        self.high = max(math.ceil(math.log2(max(values))), self.low + 1)

    def ticks(self):
        return [2.0**power for power in range(self.low, self.high + 1)]

    def x(self, value):
        return round((math.log2(value) - self.low) / (self.high - self.low) * PANEL, 1)


def text(x, y, words, kind):
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{html.escape(words)}</text>'


def mark(library, x, y):
    return f'<path class="{library}" transform="translate({x:g} {y:g})" d="{MARKS[library]}"/>'


def panel(x, y, title, lines, shapes, scale, mean):
    """One kernel and layout, its corner at (x, y)."""
    height = ROW * len(shapes)
    parts = [text(x, y + 12, title, "text title"), text(x + PANEL, y + 12, mean, "dim end")]
    top = y + HEAD - 8
    parts += [f'<rect class="band" x="{x}" y="{top + ROW * i}" width="{PANEL}" height="{ROW}"/>'
              for i in range(0, len(shapes), 2)]
    for tick in scale.ticks():
        at = x + scale.x(tick)
        parts.append(f'<path class="{"bound" if tick == 1 else "grid"}" d="M{at:g} {top}v{height}"/>')
        parts.append(text(at, top + height + 13, f"{tick:g}", "dim middle"))
    for i, shape in enumerate(shapes):
        points = lines.get(shape, {})
        middle = top + ROW * i + ROW / 2
        if points:
            ends = [x + scale.x(end(points.values())) for end in (min, max)]
            parts.append(f'<path class="span" d="M{ends[0]:g} {middle:g}H{ends[1]:g}"/>')
        for library in [*LIBRARIES, standings.OURS]:  # ours on top
            if library in points:
                parts.append(mark(library, x + scale.x(points[library]), middle))
    return parts


def legend(found, width, title):
    libraries = {library for lines in found.values() for points in lines.values() for library in points}
    parts, x = [text(LEFT, 22, title, "text title")], LEFT
    for library in [standings.OURS, *LIBRARIES]:
        if library in libraries:
            parts += [mark(library, x + 5, 40), text(x + 14, 44, library, "text")]
            x += 28 + 7 * len(library)
    return parts + [text(width - GAP, 44, "times the streaming bound (dashed); left is faster", "dim end")]


def draw(kernels, raced, threads):
    """The picture; None if there is nothing to draw."""
    found = ratios(kernels, raced, threads)
    if not found:
        return None
    rows = [kernel for kernel in TITLES if any(key[0] == kernel for key in found)]
    layouts = [layout for layout in standings.LAYOUTS if any(key[1] == layout for key in found)]
    known = {shape for lines in found.values() for shape in lines}
    shapes = [shape for shape in dict.fromkeys(result.get("shape") for result in raced) if shape in known]
    scale = Scale([ratio for lines in found.values() for points in lines.values() for ratio in points.values()])
    means = {(m.kernel, m.layout): m.ratio for m in standings.means(standings.standings(raced)) if m.threads == threads}
    step = HEAD + ROW * len(shapes) + FOOT
    width, height = LEFT + len(layouts) * (PANEL + GAP), TOP + step * len(rows)
    on = f"{threads} thread{'s' * (threads > 1)}"
    parts = legend(found, width, f"Batch norm kernels, float32, {on}: time over the streaming bound")
    for row, kernel in enumerate(rows):
        y = TOP + step * row
        parts += [text(LEFT - 10, y + HEAD - 8 + ROW * i + 11, shape, "text end") for i, shape in enumerate(shapes)]
        for column, layout in enumerate(layouts):
            if (kernel, layout) in found:
                parts += panel(LEFT + column * (PANEL + GAP), y, f"{TITLES[kernel]}, {layout}", found[kernel, layout], shapes,
                               scale, f"best other: {means[kernel, layout]:.2f}x")
    title = f"Times over the streaming bound by kernel, layout and shape, {on}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{html.escape(title)}</title>", f"<style>{STYLE}\n</style>",
        f'<rect class="page" width="{width}" height="{height}" rx="8"/>', *parts, "</svg>", ""])
