"""The site as programs read it: a feed of the projects (Atom, RFC 4287), and a map of all pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from xml.etree import ElementTree

from porch.site.content import Project
from porch.site.whole import EPOCH, Item, Site

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# What XML 1.0 has no way to write.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_xml(site: Site, base: str, name: str, html: Callable[[Item[Project]], str]) -> str:
    """The projects, the newest first; `html` makes a project's body."""
    items = sorted(site.projects, key=published, reverse=True)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "title", name)
    if site.tagline:
        _add(feed, "subtitle", site.tagline)
    _add(feed, "id", f"{base}/")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{base}/feed.xml")
    _add(feed, "updated", max(map(published, items), default=EPOCH).isoformat())
    _add(_add(feed, "author"), "name", name)
    for item in items:
        address = f"{base}/projects/{item.slug}/"
        entry = _add(feed, "entry")
        _add(entry, "title", item.meta.title)
        _add(entry, "id", address)
        _add(entry, "link", rel="alternate", type="text/html", href=address)
        _add(entry, "updated", published(item).isoformat())
        _add(entry, "summary", item.meta.summary)
        for tag in item.meta.tags:
            _add(entry, "category", term=tag)
        if item.body.strip():
            _add(entry, "content", html(item), type="html")
    return _written(feed)


def sitemap_xml(site: Site, base: str) -> str:
    """The front page, the projects, and their page each."""
    paths = ["/"] + (["/projects/"] if site.projects else [])
    urls = ElementTree.Element("urlset", xmlns=SITEMAP)
    for path in paths:
        _add(_add(urls, "url"), "loc", base + path)
    for item in site.projects:
        url = _add(urls, "url")
        _add(url, "loc", f"{base}/projects/{item.slug}/")
        _add(url, "lastmod", published(item).date().isoformat())
    return _written(urls)


def published(item: Item[Project]) -> datetime:
    """Its `date`, else when its file has changed."""
    return datetime.combine(item.meta.date, time(), UTC) if item.meta.date else item.changed


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    clean = {name: UNWRITABLE.sub("", value) for name, value in attributes.items()}
    made = ElementTree.SubElement(parent, tag, clean)
    made.text = UNWRITABLE.sub("", text) or None
    return made


def _written(root: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
