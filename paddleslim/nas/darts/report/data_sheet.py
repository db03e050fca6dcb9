"""A sheet of thumbnails: a data set as its network is given it, as a page or a picture."""

from __future__ import annotations

import base64
import io
import pathlib

from ..state.atomic_file import write_atomically, write_text_atomically
from .drawing.fonts import find_chinese_font

__all__ = ["render_sheet", "write_sheet"]

SIDE = 96  # of a thumbnail on the sheet, in pixels

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ o.name }}</title>
<link rel="icon" href="data:,">
<style>
:root { --page: #f3f5f8; --card: #fff; --text: #1b2631; --soft: #5a6977; --line: #dde3e9; }
@media (prefers-color-scheme: dark) {
  :root { --page: #10161c; --card: #19212a; --text: #e4eaf0; --soft: #9dabb8; --line: #2d3843; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, "Noto Sans", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 20px 16px 60px; }
h1 { font-size: 24px; margin: 4px 0; } h2 { font-size: 16px; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 small, p { color: var(--soft); font-weight: normal; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 14px; margin-top: 14px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; }
figure { margin: 0; width: {{ side }}px; } img { width: 100%; display: block; image-rendering: pixelated; }
figcaption { font-size: 11px; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
li { overflow-wrap: anywhere; }
</style>
</head>
<body><main>
<h1>{{ o.name }}</h1>
<p>Each image as its network is given it: {{ o.shape | join(" x ") }}.
{% if o.sizes %}The files are {{ o.describe_sizes() }}.{% endif %}
{% for kind, count in o.kinds.items() %}{{ count }} {{ kind }}{{ ", " if not loop.last else "." }}{% endfor %}</p>
{% for note in o.notes %}<p>{{ note }}.</p>{% endfor %}
{% if o.damaged %}<section><h2>Damaged <small>{{ o.damaged | length }}</small></h2>
<ul>{% for error in o.damaged %}<li>{{ error }}</li>{% endfor %}</ul></section>{% endif %}
{% for name in o.class_names %}{% set label = loop.index0 %}<section>
<h2>{{ name }} <small>{% for part, counts in o.counts.items() %}{{ part }} {{ counts[label] }}
{{- ", " if not loop.last else "" }}{% endfor %}</small></h2>
<div class="row">{% for source, caption in pictures[label] %}
<figure><img src="{{ source }}" alt="{{ caption }}">
<figcaption title="{{ caption }}">{{ caption }}</figcaption></figure>
{%- endfor %}</div></section>
{% endfor %}
</main></body></html>
"""


def write_sheet(path, overview):
    """Write the thumbnails of an `Overview` to `path`: a page (.html), or a picture (.png).

    Raises:
        OSError: it cannot be written.
        ValueError: `path` ends in something else.
    """
    suffix = pathlib.Path(path).suffix.lower()
    if suffix not in (".html", ".png"):
        raise ValueError(f"the sheet {path} should end in .html or .png")
    if suffix == ".html":
        write_text_atomically(path, render_sheet(overview))
    else:
        write_atomically(path, draw_sheet(overview))


def render_sheet(overview):
    """Return the sheet as the text of an HTML page that needs nothing else."""
    import jinja2

    pictures = [
        [(to_source(image), caption) for image, caption in overview.thumbnails.get(label, [])]
        for label in range(len(overview.class_names))
    ]
    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    return template.render(o=overview, pictures=pictures, side=SIDE)


def to_source(image):
    """Return a Pillow image as the source of an `img`."""
    return "data:image/png;base64," + base64.b64encode(to_png(image)).decode()


def to_png(image):
    content = io.BytesIO()
    image.save(content, format="PNG")
    return content.getvalue()


def draw_sheet(overview):
    """Return the sheet as the bytes of a PNG: a row for each class, its name above."""
    from PIL import Image, ImageDraw, ImageFont

    path = find_chinese_font()
    font = None if path is None else ImageFont.truetype(path, 11)
    height = max(1, round(SIDE * overview.shape[1] / overview.shape[2]))
    columns = max((len(row) for row in overview.thumbnails.values()), default=1)
    sheet = Image.new("RGB", (8 + columns * (SIDE + 8), len(overview.class_names) * (height + 30) + 8), "white")
    draw = ImageDraw.Draw(sheet)
    for label, name in enumerate(overview.class_names):
        top = 8 + label * (height + 30)
        counts = ", ".join(f"{part} {counts[label]}" for part, counts in overview.counts.items())
        text = f"{name}: {counts}"
        # Pillow's own font has Latin letters alone
        draw.text((8, top), text if font else text.encode("ascii", "replace").decode(), fill="black", font=font)
        for column, (image, _) in enumerate(overview.thumbnails.get(label, [])):
            thumbnail = image.resize((SIDE, height), Image.Resampling.NEAREST)
            sheet.paste(thumbnail, (8 + column * (SIDE + 8), top + 16))
    return to_png(sheet)
