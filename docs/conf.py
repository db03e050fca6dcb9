"""Sphinx settings of both languages; `build.py` builds them."""

import pathlib
import re
import sys

from docutils import nodes
from latex2mathml.converter import convert

ROOT = pathlib.Path(__file__).parent
sys.path[:0] = [str(ROOT), str(ROOT.parent)]

from chinese_search import SearchChinese  # noqa: E402
from reference import PublicNames, escape_marks  # noqa: E402

CHINESE = r"[\u2014\u2018-\u201d\u2026\u3000-\u9fff\uff00-\uffef]"
# a line break that is no space: between two Chinese characters, and behind full-width punctuation
BREAK = re.compile(rf"(?<={CHINESE})\n(?={CHINESE})|(?<=[\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f])\n")

project = "paddleslim"
copyright = "the paddleslim developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinx_copybutton"]
exclude_patterns = ["_build"]
templates_path = [str(ROOT / "_templates")]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

default_role = "code"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_typehints = "none"
napoleon_use_ivar = True
copybutton_prompt_text = ">>> |\\.\\.\\. |\\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "paddleslim"
html_static_path = [str(ROOT / "_static")]
html_css_files = ["wide.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}


def choose_language(app, config):
    config.html_context["languages"] = [("en", "English"), ("zh_cn", "中文")]
    config.html_context["this_language"] = pathlib.Path(app.srcdir).name


def write_formula(display):
    """Return a visitor that writes a formula as MathML, which browsers show without any script."""

    def visit(writer, node):
        formula = convert(node.astext(), display=display)
        writer.body.append(f'<div class="formula">{formula}</div>' if display == "block" else formula)
        raise nodes.SkipNode

    return visit


def join_chinese_lines(app, doctree):
    """Take out the line breaks of Chinese paragraphs that are no spaces; be they nodes or in one."""
    for text in [text for text in doctree.findall(nodes.Text) if "\n" in text]:
        if isinstance(text.parent, nodes.FixedTextElement):
            continue
        place = next(i for i, node in enumerate(text.parent.children) if node is text)  # equal texts are many
        before = text.parent[place - 1].astext()[-1:] if place else ""
        after = "".join(node.astext()[:1] for node in text.parent[place + 1 : place + 2])
        joined = BREAK.sub("", before + text + after)
        if joined != before + text + after:
            text.parent[place] = nodes.Text(joined[len(before) : len(joined) - len(after)])


def enlarge_pictures(app, doctree):
    """Let every picture lead to itself: in a narrow window its letters are too small to read."""
    for picture in doctree.findall(nodes.image):
        picture["scale"] = 100  # Sphinx makes links of pictures that have a scale


def setup(app):
    app.add_html_math_renderer("mathml", (write_formula("inline"), None), (write_formula("block"), None))
    app.add_directive("public-names", PublicNames)
    app.add_search_language(SearchChinese)
    app.connect("autodoc-process-docstring", escape_marks, priority=0)
    app.connect("config-inited", choose_language)
    app.connect("doctree-read", join_chinese_lines)
    app.connect("doctree-read", enlarge_pictures)
