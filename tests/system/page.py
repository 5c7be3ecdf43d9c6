#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads a report.html with an HTML parser that is not ours, and says what is wrong with it; exit status 1 then.

Usage: page.py check FILE              what must hold for any page: one file, nothing from outside becomes markup, the policy
                                       fits the script and the style, charts and tables can be read without looking
       page.py text FILE               its text, one line for each piece
       page.py contrast FILE           colours of letters and of graphics against what lies below (WCAG 2.1: 4.5 and 3)
"""
import base64
import hashlib
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img", "base", "hr"}
TAGS = set("""html head meta title style body a header div p span h1 h2 h3 nav ul li main section dl dt dd b i figure figcaption svg
    desc line text rect circle polyline table caption thead tbody tr th td bdi details summary label input select option
    output footer script code button""".split())
ATTRIBUTES = set("""lang charset http-equiv content name class href id aria-labelledby aria-label aria-live role scope tabindex
    hidden type autocomplete spellcheck value height width x y x1 x2 y1 y2 dx r cx cy viewbox preserveaspectratio points
    text-anchor title data-v data-kind data-new""".split())
HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.wrong, self.stack, self.elements, self.pieces = [], [], [], []
        self.raw = {"script": [], "style": []}
        self.feed(text)
        self.close()
        if self.stack:
            self.wrong.append(f"not closed: {[e['tag'] for e in self.stack]}")

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "attrs": dict(attrs), "text": "", "children": [], "path": [e["tag"] for e in self.stack]}
        if tag not in TAGS:
            self.wrong.append(f"element {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.wrong.append(f"attribute {name} of {tag}")
            if value and HIDDEN.search(value):
                self.wrong.append(f"hidden characters in {name} of {tag}")
        if self.stack:
            self.stack[-1]["children"].append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if not self.stack or self.stack[-1]["tag"] != tag:
            self.wrong.append(f"</{tag}> closes {[e['tag'] for e in self.stack][-3:]}")
            while self.stack and self.stack[-1]["tag"] != tag:
                self.stack.pop()
        if self.stack:
            self.stack.pop()

    def handle_data(self, data):
        tag = self.stack[-1]["tag"] if self.stack else ""
        if tag in self.raw:
            self.raw[tag].append(data)
            return
        if HIDDEN.search(data.replace("\n", "")):
            self.wrong.append(f"hidden characters in the text of {tag}: {data[:60]!r}")
        if tag not in ("bdi", "text", "title") and ("{{" in data or "}}" in data):
            self.wrong.append(f"a mark is left: {data.strip()[:60]}")
        for element in self.stack:
            element["text"] += data
        if data.strip():
            self.pieces.append(data.strip())

    def handle_comment(self, data):
        self.wrong.append(f"a comment: {data[:60]}")

    def handle_pi(self, data):
        self.wrong.append(f"an instruction: {data[:60]}")

    def all(self, *tags):
        return [e for e in self.elements if e["tag"] in tags]


def inside(element, tag):
    for child in element["children"]:
        if child["tag"] == tag:
            yield child
        yield from inside(child, tag)


def policy(page, wrong):
    metas = [e["attrs"].get("content", "") for e in page.all("meta") if e["attrs"].get("http-equiv") == "Content-Security-Policy"]
    if len(metas) != 1 or "default-src 'none'" not in metas[0] or "unsafe" in metas[0]:
        wrong.append(f"policy: {metas}")
        return
    for kind in ("script", "style"):
        text = "".join(page.raw[kind])
        want = "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        if f"{kind}-src '{want}'" not in metas[0]:
            wrong.append(f"the policy does not fit the {kind}")
        if len(page.all(kind)) != 1:
            wrong.append(f"{len(page.all(kind))} elements {kind}")


def references(page, wrong):
    ids = [e["attrs"]["id"] for e in page.elements if "id" in e["attrs"]]
    for name in {i for i in ids if ids.count(i) > 1}:
        wrong.append(f"id {name} is not alone")
    for e in page.elements:
        for name in (e["attrs"].get("aria-labelledby") or "").split():
            if name not in ids:
                wrong.append(f"{e['tag']} is labelled by {name}, which is not there")
        href = e["attrs"].get("href")
        if href is not None and href[1:] not in ids and href not in ("verdicts.csv.gz", "summary.json", "summary.txt", "changes.csv.gz"):
            wrong.append(f"a link to {href[:60]}")
        if e["tag"] == "a" and not e["text"].strip():
            wrong.append("a link without a text")


def structure(page, wrong):
    level = 0
    for e in page.all("h1", "h2", "h3"):
        new = int(e["tag"][1])
        if new > level + 1 or not e["text"].strip():
            wrong.append(f"heading {e['tag']} {e['text']!r} below h{level}")
        level = new
    if len(page.all("h1")) != 1 or len(page.all("main")) != 1 or not page.all("html")[0]["attrs"].get("lang"):
        wrong.append("one h1, one main and a language are wanted")
    if not page.all("title") or not page.all("title")[0]["text"].strip():
        wrong.append("no title")
    for svg in page.all("svg"):
        if "svg" in svg["path"]:
            continue
        if svg["attrs"].get("role") != "img" or not list(inside(svg, "title")) or not list(inside(svg, "desc")):
            wrong.append("a figure without role, title or description")
        if sum("axis" in (line["attrs"].get("class") or "") for line in inside(svg, "line")) < 1 or len(list(inside(svg, "text"))) < 3:
            wrong.append(f"a figure without labelled axis: {svg['attrs']}")
        if "figure" not in svg["path"]:
            wrong.append("a chart outside a figure")
    for table in page.all("table"):
        if not list(inside(table, "caption")) or not any(c["attrs"].get("scope") == "col" for c in inside(table, "th")):
            wrong.append("a table without caption or column heads")
        widths = {sum(c["tag"] in ("td", "th") for c in row["children"]) for row in inside(table, "tr")}
        if len(widths) > 1:
            wrong.append(f"a table with rows of {widths} cells: {table['text'][:60]!r}")
    for field in page.all("input", "select"):
        if "label" not in field["path"]:
            wrong.append(f"{field['tag']} without a label")
    for box in page.elements:
        if box["attrs"].get("tabindex") and not (box["attrs"].get("role") and box["attrs"].get("aria-label")):
            wrong.append("something takes the focus and has no name")


def check(text):
    page = Page(text)
    wrong = page.wrong
    if len(text.encode()) >= 2_000_000:
        wrong.append(f"{len(text.encode())} octets")
    if re.search(r"(?i)(src|href|url|action)\s*[=(]\s*[\"']?(https?:)?//", text):
        wrong.append("something of the network")
    policy(page, wrong)
    references(page, wrong)
    structure(page, wrong)
    return wrong


# ---- colours

def luminance(colour):
    colour = colour.lstrip("#")
    if len(colour) == 3:
        colour = "".join(2 * c for c in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text):
    wrong = []
    blocks = re.findall(r":root \{(.*?)\}", text, re.S)
    if len(blocks) < 3:
        return ["fewer than three sets of colours: light, dark, paper"]
    light = {}
    for block in blocks:
        colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})", block))
        light = light or colours
        colours = {**light, **colours}
        for names, least in ((("ink", "soft", "link", "good", "warn", "bad"), 4.5),
                             (("ok", "failing", "partial", "unknown", "dnssec", "unreachable", "delegation", "zone", "network",
                               "resolver", "transient", "expected", "undecided", "certain", "likely", "guess"), 3)):
            for name in names:
                for ground in ("paper", "raised"):
                    if ground == "raised" and least == 3:
                        continue
                    a, b = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
                    if (a + 0.05) / (b + 0.05) < least:
                        wrong.append(f"{name} {colours[name]} on {ground} {colours[ground]}: {(a + 0.05) / (b + 0.05):.2f}")
    return wrong


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "text", "contrast"):
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        text = file.read()
    if sys.argv[1] == "text":
        print(*Page(text).pieces, sep="\n")
        return
    wrong = check(text) if sys.argv[1] == "check" else contrast(text)
    print(*wrong[:40], sep="\n")
    sys.exit(bool(wrong))


main()
