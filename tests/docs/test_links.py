"""Links lead somewhere: to a file of the repository and a heading in it, or to a known site."""

import urllib.parse

import pytest

from tests.docs.pages import ALONE, CHINESE, ENGLISH, ROOT, make_anchor, name, read, read_headings, read_links

pytestmark = pytest.mark.any_paddle

SITES = {"github.com", "keepachangelog.com", "semver.org", "arxiv.org", "www.paddlepaddle.org.cn", "etcd.io"}


@pytest.mark.parametrize("path", ENGLISH + CHINESE + ALONE, ids=name)
def test_links_lead_somewhere(path):
    for link in read_links(path):
        if "://" in link:
            assert urllib.parse.urlsplit(link).netloc in SITES, link
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert ROOT in target.parents, link
        if anchor:
            assert anchor in [make_anchor(heading) for _, heading in read_headings(target)], link


def test_the_readme_is_short_and_shows_a_picture():
    text = read(ROOT / "README.md")
    assert text.count("\n") < 120
    pictures = [link for link in read_links(ROOT / "README.md") if link.startswith("docs/images/")]
    assert len(pictures) == 1
    assert 10_000 < (ROOT / pictures[0]).stat().st_size < 1_000_000
