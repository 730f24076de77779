"""Feedback pages that are safe to open, keep hidden tests hidden, and read without a network."""

import copy
import html
import re

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_markdown_cell

# Code is matched first, so that a dollar sign in it stays one.
CODE_OR_FORMULA = re.compile(r"```.*?```|`[^`]*`|\$\$(.+?)\$\$|\$([^$\n]+?)\$", flags=re.S)
# It begins where blanks do, and not at each of them: a learner's cell may have a million.
HIDDEN = re.compile(
    r"(?<![ \t])[ \t]*### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS|\Z)", flags=re.S
)
# A browser runs nothing on such a page, and fetches nothing for it.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"/>"
)
# nbgrader's template takes the space out of tables and the triangles from folded hints, lets wide
# pictures run off the page, and puts a sign behind each heading.
LOOK = (
    "<style>td, th { padding: 0.2em 0.8em; } summary { display: list-item; } "
    "img { max-width: 100%; height: auto; } .anchor-link { display: none; }</style>"
)
MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle",
    "mpadded", "mphantom", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover",
    "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd",
}  # fmt: skip
MATH_ATTRIBUTES = {
    "display", "xmlns", "mathvariant", "stretchy", "fence", "form", "separator", "lspace", "rspace",
    "minsize", "maxsize", "movablelimits", "accent", "linethickness", "columnalign", "rowspacing",
    "columnspacing", "width", "height", "depth", "notation", "displaystyle", "scriptlevel",
}  # fmt: skip
TAGS = nh3.ALLOWED_TAGS | MATHML | {"details", "summary", "main", "section", "label", "img"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    **dict.fromkeys(MATHML, MATH_ATTRIBUTES),
    "*": {"class", "id", "title", "tabindex"},
    "a": {"href", "name", "class", "id", "title"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
}
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")


class OfflineFeedback(HTMLExporter):
    """nbgrader's exporter of feedback pages, whose pages run and fetch whatever is in them."""

    def from_notebook_node(self, nb, resources=None, **kwargs):
        nb = copy.deepcopy(nb)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.source = HIDDEN.sub("# and on inputs that stay hidden", cell.source)
        nb.cells[:0] = remarks(nb.metadata.get("emkit", {}))
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        return harmless(page), resources

    def default_filters(self):
        yield from super().default_filters()
        yield "markdown2html", markdown


@pass_context
def markdown(context, source):
    """Markdown as HTML in which nothing runs, with its formulas as MathML; a filter of nbconvert's.

    Formgrader shows hand-ins to the instructor with it, too.
    """
    pictures = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=pictures)
    try:
        text = MarkdownWithMath(renderer).render(CODE_OR_FORMULA.sub(as_mathml, source))
    except Exception:  # a picture that isn't there, for example; the page must come out
        text = f"<pre>{html.escape(source)}</pre>"
    return clean(text)


def clean(text):
    """HTML without what runs or fetches something; a filter of nbconvert's."""
    return nh3.clean(
        text.decode() if isinstance(text, bytes) else text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags={"script", "style"},
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def remarks(about):
    """Cells that say what was mended in a hand-in, and how it was run."""
    sentences = [str(sentence) for sentence in about.get("mended", [])]
    if about.get("sandbox") is False:
        sentences.append("It was graded without a sandbox.")
    if not sentences:
        return []
    lines = "\n".join(f"- {sentence}" for sentence in sentences)
    return [new_markdown_cell(f"**About this hand-in**\n\n{lines}")]


def as_mathml(match):
    """Return the MathML of a matched formula; code, and TeX that can't be read, as they are."""
    displayed, inline = match.groups()
    if displayed is None and inline is None:
        return match[0]
    try:
        return convert(displayed or inline, display="block" if displayed else "inline")
    except Exception:  # whatever a learner typed between dollar signs, the page must come out
        return match[0]


def harmless(page):
    """The page with nothing in it that runs or that fetches something."""
    head, rest = re.split(r"<body[^>]*>", page, maxsplit=1)
    body, _, _ = rest.rpartition("</body>")
    styles = "".join(re.findall(r"<style.*?</style>", head, flags=re.S))
    title = re.search(r"<title>(.*?)</title>", head, flags=re.S)
    body = clean(body)
    named = re.sub(r'(<a href="#([\w.-]+)"[^>]*>)Test cell</a>', r"\1\2</a>", body)
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8"/>\n{POLICY}\n'
        f"<title>{nh3.clean_text(title[1]) if title else 'Feedback'}</title>\n{styles}{LOOK}\n"
        f"</head>\n<body>\n{named}\n</body>\n</html>\n"
    )


def allowed(tag, name, value):
    """An attribute's value, or None: pictures are in the page, links lead to it or to the web."""
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return value if re.match(r"(#|https?:|mailto:)", value) else None
    return value
