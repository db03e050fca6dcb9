"""Build the documentation in both languages: `python docs/build.py [folder]`; a warning is an error."""

import pathlib
import sys

from sphinx.cmd.build import build_main

DOCS = pathlib.Path(__file__).parent
LANGUAGES = {"en": "en", "zh_cn": "zh_CN"}
REDIRECT = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=en/index.html">\n'


def build(folder):
    """Build every language into a folder of its name, and a start page; return how many failed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(REDIRECT, encoding="utf-8")
    return sum(
        build_main(
            ["-q", "-W", "--keep-going", "-c", str(DOCS), "-D", f"language={code}", "-d", str(folder / f".{name}")]
            + [str(DOCS / name), str(folder / name)]
        )
        != 0
        for name, code in LANGUAGES.items()
    )


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "_build"
    failed = build(target)
    print("The pages were not built." if failed else f"The pages are in {target}: open {target / 'index.html'}")
    sys.exit(failed)
