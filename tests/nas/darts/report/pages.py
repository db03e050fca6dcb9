"""A page as a test reads it."""

import base64
from html.parser import HTMLParser

__all__ = ["Page", "assert_nothing_is_fetched", "read_downloads"]

VOID = {"meta", "link", "input", "img"}


class Page(HTMLParser):
    """Tags, attributes and texts of a page; raises where tags do not nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data.strip())

    def find(self, kind):
        return [attributes for tag, attributes in self.tags if kind in attributes.get("class", "").split()]


def read_downloads(text):
    """Return the files that a page carries, by name."""
    links = [attributes for tag, attributes in Page(text).tags if tag == "a" and "download" in attributes]
    return {link["download"]: base64.b64decode(link["href"].partition(";base64,")[2]).decode() for link in links}


def assert_nothing_is_fetched(text):
    """Every link of a page leads into itself, or holds its data; so does its style."""
    for _, attributes in Page(text).tags:
        for name in ("src", "href", "data", "action", "xlink:href"):
            link = attributes.get(name)
            assert link is None or link.startswith(("data:", "#")), link
            text = text.replace(link, "") if link and link.startswith("data:") and len(link) > 6 else text
    for word in ("http", "@import", "url("):
        assert word not in text
