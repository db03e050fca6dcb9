"""The modules of fluid import each other in one direction only."""

import ast
from pathlib import Path

import paddleslim.fluid

ROOT = Path(paddleslim.fluid.__file__).parent


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in ROOT.rglob("*.py")}


def imported(name):
    """Yield the modules of fluid that a module imports, at its top or inside its functions."""
    path = FILES[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not 0 < node.level <= len(package) + 1:
            continue
        base = [part for part in package[: len(package) + 1 - node.level] if part] + (node.module or "").split(".")
        target = ".".join(part for part in base if part)
        for alias in node.names:
            inside = f"{target}.{alias.name}" if target else alias.name
            yield inside if inside in FILES else target


def with_packages(target, importer):
    """Yield a module and the packages that are loaded before it, but for those the importer itself is in."""
    parts = target.split(".")
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        if name == target or not importer.startswith(name + "."):
            yield name


def find_cycle(graph):
    """Return the modules of a cycle, None where there is none."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return None
        path.append(name)
        found = next(filter(None, map(visit, sorted(graph[name]))), None)
        path.pop()
        done.add(name)
        return found

    return next(filter(None, map(visit, sorted(graph))), None)


def test_no_module_of_fluid_imports_itself_through_others():
    graph = {
        name: {part for target in imported(name) for part in with_packages(target, name) if part in FILES} - {name}
        for name in FILES
    }
    assert sum(map(len, graph.values())) > 150
    assert find_cycle(graph) is None


def test_a_cycle_would_be_found():
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
