"""The searches of a folder as one object, complete or not; the one of the study comes with this package."""

from __future__ import annotations

import json
import pathlib

from ....common.paths import own_path
from ..state.atomic_file import write_atomically
from ..state.schema import NUMBER, Each
from ..state.sealed_json import SEAL, read_object, seal
from .searches import JUDGED, check_weights, read_search
from .space import from_code, to_code

__all__ = ["gather", "load_study", "results_of", "write_study"]

SHARED = ("epochs", "protocol", "versions")
DESCRIPTION = {"method": str, "settings": dict, "epochs": int, "protocol": dict, "versions": dict}
SEARCH = {"seed": int, "cell": str, "seconds": NUMBER}
SHAPE = {
    **{"epochs": int, "protocol": dict, "versions": dict, "settings": dict, "seeds": [int]},
    **{"training_seconds": Each(NUMBER), "searches": Each([SEARCH])},
}
KEPT = ("seed", "weights", "error", "seconds", "processor_seconds", "resumed")


def gather(folder, methods=None, seeds=None):
    """Return what the searches in a folder found, with the seeds that all methods have completed.

    The folder may have been searched with other versions than those that run now, but with the same ones throughout.

    Args:
        folder: as of `search_all`.
        methods: names; all that the folder holds if None.
        seeds: those that may take part; all if None.

    Returns:
        A dictionary: "epochs", "protocol" and "versions" of all searches; "settings", for each method; "seeds"; and
        "searches", for each method a list of dictionaries in the order of the seeds.

    Raises:
        ValueError: no seed is complete, or the searches differ in epochs, protocol, versions or settings.
    """
    folder, shared = own_path(folder), None
    found: dict[str, dict[int, dict]] = {}
    settings: dict[str, dict] = {}
    for path in sorted(folder.glob("*/result.json")):
        description, result = read_object(path.with_name("settings.json"), DESCRIPTION), read_search(path)
        if description["method"] not in JUDGED:
            raise ValueError(f"{path.with_name('settings.json')} is of {description['method']!r}, which is not judged")
        method, own = description["method"], {name: description[name] for name in SHARED}
        if (shared or own) != own or settings.setdefault(method, description["settings"]) != description["settings"]:
            raise ValueError(
                f"{path.parent} was searched with other epochs, settings, protocol or versions than others in "
                f"{folder}; keep them in folders of their own"
            )
        shared = own
        kept = {name: result[name] for name in KEPT if name in result}
        found.setdefault(method, {})[result["seed"]] = {**kept, "cell": to_code(result["genotype"])}
    chosen = [method for method in JUDGED if method in (methods or found)]
    common = set.intersection(*(set(found.get(method, ())) for method in chosen)) if chosen else set()
    complete = sorted(common if seeds is None else common & set(seeds))
    if not complete:
        raise ValueError(f"{folder} holds no seed with which {', '.join(chosen) or 'any method'} is complete")
    searches = {method: [found[method][seed] for seed in complete] for method in chosen}
    return {**(shared or {}), "settings": {m: settings[m] for m in chosen}, "seeds": complete, "searches": searches}


def results_of(study):
    """Return `{method: [result]}` as `search_all` does."""
    return {
        method: [{"method": method, "genotype": from_code(search["cell"]), **search} for search in searches]
        for method, searches in study["searches"].items()
    }


def write_study(path, study, training_seconds):
    """Write a study to a file, one search a line.

    Args:
        path: of the file.
        study: what `gather` returns.
        training_seconds: `{code: processor seconds}` of trainings of random cells, measured beside the searches.
    """
    searches = {
        method: [{**search, "weights": rounded(search["weights"])} for search in found]
        for method, found in study["searches"].items()
    }
    head = {name: value for name, value in study.items() if name not in ("searches", SEAL)}
    head["training_seconds"] = training_seconds
    text = json.dumps({**head, SEAL: seal({**head, "searches": searches})[SEAL]}, indent=1)
    rows = ",\n".join(
        f"  {json.dumps(method)}: [\n" + ",\n".join(f"   {json.dumps(search)}" for search in found) + "\n  ]"
        for method, found in searches.items()
    )
    write_atomically(path, (text[: text.rindex("}")].rstrip() + ',\n "searches": {\n' + rows + "\n }\n}\n").encode())


def rounded(weights):
    return None if weights is None else [[float(f"{w:.5g}") for w in row] for row in weights]


def load_study(path=None):
    """Return the study that comes with this package, or the one in a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or of something else.
    """
    path = own_path(path or pathlib.Path(__file__).with_name("study.json"))
    study = read_object(path, SHAPE)
    try:
        for method, searches in study["searches"].items():
            for search in searches:
                from_code(search["cell"])
                check_weights(search.get("weights"))
            if [search["seed"] for search in searches] != study["seeds"]:
                raise ValueError(f"the searches of {method} are not of the seeds {study['seeds']}")
    except ValueError as error:
        raise ValueError(f"{path} is no study: {error}") from error
    return study
