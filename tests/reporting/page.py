"""Reads a report as a person would: its text line by line, its tables, its headings."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}
LINES = {"h1", "h2", "h3", "h4", "p", "li", "tr", "dt", "dd", "caption", "figcaption", "title", "desc", "text"}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.tags, self.stack, self.headings = [], [], [], []
        self.current = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th") and self.current.strip():
            self.current += " | "
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag, f"</{tag}> closes another element"
        if tag in LINES:
            line = "\n  ".join(piece.strip() for piece in self.current.strip().split("\n") if piece.strip())
            if line:
                self.lines.append(f"{'#' * int(tag[1])} {line}" if tag in ("h1", "h2", "h3", "h4") else line)
            if tag in ("h1", "h2", "h3", "h4"):
                self.headings.append((int(tag[1]), line))
            self.current = ""

    def handle_data(self, data):
        if "style" not in self.stack:
            self.current += data


def read_page(html):
    """The parsed page: ``lines`` of text, ``tags`` with attributes, ``headings`` as (level, text)."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.stack == [], f"left open: {reader.stack}"
    return reader


def text_of(html):
    """Everything that can be read on the page."""
    return "\n".join(read_page(html).lines) + "\n"
