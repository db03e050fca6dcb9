"""Where everything of a cell stands: a circuit in which nothing overlaps, whatever the cell.

Each state has a column; inputs stand in the first row, inner states each in a row of their own, so that they form a
diagonal. The wire of a state runs down its column. Where an operation takes from it, the operation stands right of
the wire on a track of its own, and its result runs right into the state that adds it up.
"""

from __future__ import annotations

from typing import NamedTuple

from .cells import Cell, name_state

__all__ = ["Layout", "Node", "Pill", "Wire", "lay_out"]

TRACK = 34.0  # between two tracks, which hold one operation each
ROW_GAP = 13.0  # between two states
PILL_HEIGHT = 29.0
LETTER = 6.7  # width of a letter of a pill, at font size 11 in a wide face
NODE_WIDTH = 26.0
INPUT_WIDTH = 34.0
STUB = 8.0  # from the wire of a state to an operation
MARGIN = 4.0


class Wire(NamedTuple):
    """A line through `points`; `operation` colours it, None is a wire that carries a state."""

    points: list[tuple[float, float]]
    operation: str | None = None
    faint: bool = False


class Pill(NamedTuple):
    """An operation, its name in one or two lines, at the centre `(x, y)`."""

    x: float
    y: float
    width: float
    height: float
    operation: str
    lines: list[str]


class Node(NamedTuple):
    """A state at the centre `(x, y)`; `label` is (base, index)."""

    x: float
    y: float
    width: float
    height: float
    label: tuple[str, str]
    outer: bool


class Layout(NamedTuple):
    """A cell in a box of `width` x `height`, y downwards; wires are to be drawn in this order, before the rest."""

    width: float
    height: float
    wires: list[Wire]
    pills: list[Pill]
    nodes: list[Node]


def lay_out(cell: Cell) -> Layout:
    """Return the `Layout` of a `Cell`."""
    lines = {operation: break_name(operation) for operation, _, _ in cell.edges}
    pill = max([44.0] + [LETTER * len(line) + 6 for both in lines.values() for line in both])
    pitch = STUB + pill + 4 + INPUT_WIDTH / 2
    columns = [MARGIN + INPUT_WIDTH / 2 + pitch * state for state in range(cell.states)]
    nodes, tracks, bottom = place_states(cell, columns)
    pills, carriers, results = [], [], []
    reach = {state: nodes[state].y for state in range(cell.states)}
    for (operation, source, target), y in zip(cell.edges, tracks):
        x = columns[source] + STUB + pill / 2
        pills.append(Pill(x, y, pill, PILL_HEIGHT, operation, lines[operation]))
        carriers.append(Wire([(columns[source], y), (x, y)]))
        results.append(Wire([(x, y), (nodes[target].x, y)], operation))
        reach[source] = max(reach[source], y)
    carriers += [Wire([(columns[s], nodes[s].y), (columns[s], y)]) for s, y in reach.items() if y > nodes[s].y]
    concat, out = place_output(cell, columns, reach, bottom)
    width = max(node.x + node.width / 2 for node in nodes + out) + MARGIN
    height = max(node.y + node.height / 2 for node in nodes + out) + MARGIN
    return Layout(width, height, concat + carriers + results, pills, nodes + out)


def place_states(cell: Cell, columns: list[float]) -> tuple[list[Node], list[float], float]:
    """Return the nodes of all states, the height of the track of each edge, and the lowest point."""
    nodes, tracks = [], []
    top = MARGIN + PILL_HEIGHT
    for state in range(cell.states):
        label = name_state(cell.inputs, state)
        if state < cell.inputs:
            nodes.append(Node(columns[state], MARGIN + PILL_HEIGHT / 2, INPUT_WIDTH, PILL_HEIGHT, label, True))
            continue
        entering = sum(target == state for _, _, target in cell.edges)
        height = TRACK * max(entering, 1)
        first = top + ROW_GAP + TRACK / 2
        tracks += [first + TRACK * i for i in range(entering)]
        is_output = not cell.concat and state == cell.states - 1
        label = ("out", "") if is_output else label
        width = INPUT_WIDTH if is_output else NODE_WIDTH
        nodes.append(Node(columns[state], top + ROW_GAP + height / 2, width, height - 5, label, is_output))
        top += ROW_GAP + height
    return nodes, tracks, top


def place_output(
    cell: Cell, columns: list[float], reach: dict[int, float], bottom: float
) -> tuple[list[Wire], list[Node]]:
    """Return the faint wires that gather the states of the concatenation, and the output's node, if there is one."""
    if not cell.concat:
        return [], []
    y, x = bottom + ROW_GAP + PILL_HEIGHT / 2, columns[-1]
    wires = [Wire([(columns[s], reach[s]), (columns[s], y), (x, y)], faint=True) for s in cell.concat]
    return wires, [Node(x, y, INPUT_WIDTH, PILL_HEIGHT, ("c", "k"), True)]


def break_name(operation: str) -> list[str]:
    """Return the name of an operation in one or two lines of about the same length."""
    words = operation.split("_")
    if len(words) == 1:
        return words
    breaks = [[" ".join(words[:i]), " ".join(words[i:])] for i in range(1, len(words))]
    return min(breaks, key=lambda lines: (max(map(len, lines)), -len(lines[0])))
