"""A chart of cost against the number of bookings, as SVG: light where the page is light, and dark where it is dark.

Both scales are logarithmic: what costs the same at every size is level, and the same growth rises as steeply anywhere.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 900, 560
LEFT, RIGHT, TOP, BOTTOM = 64, 470, 74, 508
"""Where the lines are; their names stand to the right of it."""

NAME_HEIGHT = 19
STEPS = (1, 2, 5)
MOST = 1.25
"""How much a row may grow."""

STYLE = """
  svg { --page: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4; --level: #0969da; --steep: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #2b323b; --level: #4493f8; --steep: #f0883e; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 17px; font-weight: 600 } .faint { fill: var(--faint) } .end { text-anchor: end }
  .middle { text-anchor: middle } .grid { stroke: var(--grid) } .page { fill: var(--page) }
  .level { stroke: var(--level) } .steep { stroke: var(--steep) } .line { fill: none; stroke-width: 2 }
  .dot { fill: var(--page); stroke-width: 2 } .to { stroke-width: 1; opacity: 0.45; fill: none }
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What is measured, and its milliseconds at each size."""

    name: str
    costs: tuple[float, ...]

    @property
    def growth(self) -> float:
        """How often the cost at the smallest size goes into that at the largest."""
        return self.costs[-1] / self.costs[0]

    @property
    def kind(self) -> str:
        """Whether it grows more than it may."""
        return "steep" if self.growth > MOST else "level"


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places, logarithmic."""

    least: float
    most: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value is."""
        share = math.log(value / self.least) / math.log(self.most / self.least)
        return round(self.start + share * (self.end - self.start), 1)


def chart(sizes: Sequence[int], lines: Sequence[Line]) -> str:
    """Return the SVG; `sizes` are at least two numbers of bookings, each larger than the one before."""
    costs = [cost for line in lines for cost in line.costs]
    across = Scale(sizes[0], sizes[-1], LEFT + 26, RIGHT - 26)
    down = Scale(min(costs) / 1.3, max(costs) * 1.3, BOTTOM, TOP)
    parts = [*_frame(), *_grid(sizes, across, down)]
    places = _apart([down.place(line.costs[-1]) for line in lines])
    for line, at in zip(lines, places, strict=True):
        parts += _drawn(line, [across.place(size) for size in sizes], down, at)
    drawing = "\n".join(f"  {part}" for part in parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">'
    return f"{head}\n<style>{STYLE}</style>\n{drawing}\n</svg>\n"


def _frame() -> Iterator[str]:
    yield f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
    yield '<text class="title" id="title" x="20" y="32">What a request costs as the diary fills</text>'
    yield _text(
        20,
        54,
        f"Median of a request; × from the smallest diary to the largest, orange where that is more than {MOST}",
        "faint",
    )


def _grid(sizes: Sequence[int], across: Scale, down: Scale) -> Iterator[str]:
    for value in _round_values(down):
        y = down.place(value)
        yield f'<path class="grid" d="M{LEFT} {y}H{RIGHT}"/>'
        yield _text(LEFT - 8, y + 4, f"{value:g} ms", "faint end")
    for size in sizes:
        yield _text(across.place(size), BOTTOM + 22, f"{size:,}", "faint middle")
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 42, "bookings", "faint middle")


def _round_values(scale: Scale) -> list[float]:
    """Return 1, 2, 5, 10 and so on, as far as they are in the scale."""
    powers = range(math.floor(math.log10(scale.least)), math.ceil(math.log10(scale.most)) + 1)
    every = [step * 10.0**power for power in powers for step in STEPS]
    return [value for value in every if scale.least <= value <= scale.most]


def _apart(places: Sequence[float]) -> list[float]:
    """Return places for names, each near its own but none over another: moved down, and up where the end is passed."""
    found: dict[int, float] = {}
    free = float(TOP)
    order = sorted(range(len(places)), key=places.__getitem__)
    for nth in order:
        found[nth] = max(places[nth], free)
        free = found[nth] + NAME_HEIGHT
    taken = float(BOTTOM) + NAME_HEIGHT
    for nth in reversed(order):
        found[nth] = min(found[nth], taken - NAME_HEIGHT)
        taken = found[nth]
    return [found[nth] for nth in range(len(places))]


def _drawn(line: Line, across: Sequence[float], down: Scale, name_at: float) -> Iterator[str]:
    points = [(x, down.place(cost)) for x, cost in zip(across, line.costs, strict=True)]
    way = "L".join(f"{x} {y}" for x, y in points)
    x, y = points[-1]
    yield f'<path class="to {line.kind}" d="M{x + 6} {y}L{RIGHT} {name_at}h8"/>'
    yield f'<path class="line {line.kind}" d="M{way}"/>'
    for x, y in points:
        yield f'<circle class="dot {line.kind}" cx="{x}" cy="{y}" r="3.5"/>'
    yield _text(RIGHT + 14, name_at + 4, f"{line.costs[-1]:.1f} ms, ×{line.growth:.2f}: {line.name}")


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'
