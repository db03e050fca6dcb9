"""Pictures of genotypes."""

from __future__ import annotations

__all__ = ["draw_genotype"]

COLOURS = {
    "skip_connect": "#7f8c9b",
    "max_pool_3x3": "#e08e2b",
    "avg_pool_3x3": "#c9b01d",
    "sep_conv_3x3": "#3f78c2",
    "sep_conv_5x5": "#6a4fb3",
    "sep_conv_7x7": "#a1459e",
    "dil_conv_3x3": "#2a9d76",
    "dil_conv_5x5": "#1f7a8c",
}
OTHER_COLOUR = "#b0503c"
INK = "#22303c"
COLUMN, ROW = 2.6, 1.3  # distance of two sources and of two states
PILL = (1.66, 0.38)
NODE = 0.34


def draw_genotype(genotype, path, title=None):
    """Draw both cells of a `Genotype` to `path`; the ending chooses the format (.png, .svg, .pdf).

    Each column is a source: the two cells before, then the inner states, which stand on the diagonal. Its wire
    runs down; where an operation takes from it, the result runs right into the state that adds it up.
    """
    from matplotlib.figure import Figure

    cells = [("Normal cell", genotype.normal, genotype.normal_concat)]
    cells.append(("Reduction cell", genotype.reduce, genotype.reduce_concat))
    steps = max(len(gene) for _, gene, _ in cells) // 2
    width, height = (steps + 1.6) * COLUMN + 1.2, (steps + 1) * ROW + 1.4
    figure = Figure(figsize=(0.5 * 2 * width, 0.5 * height + 0.6), dpi=110, facecolor="white")
    for axes, (name, gene, concat) in zip(figure.subplots(1, 2), cells):
        axes.set(xlim=(-0.9, width - 0.9), ylim=(-height + 0.7, 0.7), aspect="equal")
        axes.axis("off")
        axes.set_title(name, fontsize=12, color=INK, loc="left", fontweight="bold")
        draw_cell(axes, gene, list(concat))
    if title:
        figure.suptitle(title, fontsize=11, color=INK, x=0.01, ha="left")
    figure.tight_layout()
    figure.savefig(path)


def draw_cell(axes, gene, concat):
    steps = len(gene) // 2
    places = {source: (source * COLUMN, 0.0) for source in (0, 1)}
    places.update({state: (state * COLUMN, -(state - 1) * ROW) for state in range(2, steps + 2)})
    output = ((steps + 1.6) * COLUMN - 0.4, -(steps + 1) * ROW)

    for index, (operation, source) in enumerate(gene):
        state = 2 + index // 2
        track = places[state][1] + (0.24 if index % 2 == 0 else -0.24)
        draw_edge(axes, operation, places[source], track, places[state])
    for state in concat:
        x, y = places[state]
        draw_wire(axes, [(x, y), (x, output[1]), output], colour="#c3cbd3", zorder=0)
    for source, place in places.items():
        draw_node(axes, place, {0: "$c_{k-2}$", 1: "$c_{k-1}$"}.get(source, str(source - 2)), source < 2)
    draw_node(axes, output, "$c_k$", True)


def draw_edge(axes, operation, source, track, target):
    """Draw the wire down from `source`, the operation beside it, and the wire from it to `target`."""
    from matplotlib.patches import FancyBboxPatch

    colour = COLOURS.get(operation, OTHER_COLOUR)
    left = source[0] + 0.42
    draw_wire(axes, [source, (source[0], track), (left, track)], INK)
    draw_wire(axes, [(left + PILL[0], track), (target[0], track)], colour, halo=True)
    box = FancyBboxPatch(
        (left + 0.1, track - PILL[1] / 2 + 0.06),
        PILL[0] - 0.2,
        PILL[1] - 0.12,
        boxstyle="round,pad=0.08,rounding_size=0.16",
        facecolor=colour,
        edgecolor="white",
        linewidth=1,
        zorder=4,
    )
    axes.add_patch(box)
    text = operation.replace("_", " ")
    axes.text(left + PILL[0] / 2, track, text, color="white", fontsize=7.5, ha="center", va="center", zorder=5)


def draw_wire(axes, points, colour, halo=False, zorder=1):
    xs, ys = zip(*points)
    if halo:
        axes.plot(xs, ys, color="white", linewidth=5, solid_capstyle="butt", zorder=zorder + 1)
    axes.plot(xs, ys, color=colour, linewidth=1.7, solid_joinstyle="round", zorder=zorder + (1 if halo else 0))


def draw_node(axes, place, label, outer):
    from matplotlib.patches import Circle

    face = "#dfe8f1" if outer else "#fff3d6"
    axes.add_patch(Circle(place, NODE + 0.06, facecolor=face, edgecolor=INK, linewidth=1.2, zorder=6))
    axes.text(*place, label, fontsize=9, color=INK, ha="center", va="center", zorder=7)
