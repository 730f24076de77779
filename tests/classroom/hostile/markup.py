"""Markup against whoever reads the feedback page, or the graded notebook."""

from nbformat.v4 import new_code_cell

from hostile.sheet import hostile

EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src='https://example.org'></iframe>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    "<form action='https://example.org'><input name=x><button formaction='javascript:1'>",
    "<object data='https://example.org'></object><embed src='https://example.org'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'><base href='https://example.org'>",
    "<link rel=stylesheet href='https://example.org/x.css'><style>@import 'https://example.org';",
    "<img src='https://example.org/seen.png'><video src='https://example.org/x.mp4' autoplay>",
    "<div style='background:url(https://example.org/x.png);position:fixed;inset:0'>",
    "</pre></div></body></html><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<noscript><p title='</noscript><script>alert(1)</script>'>",
]


@hostile
def writes_markup(sheet):
    """Texts with all kinds of active markup, raw, in links, in tables and in formulas."""
    for evil in EVIL:
        sheet.says(f"{evil}\n\n| a |\n|---|\n| {evil} |\n\n$\\text{{{evil}}}$")
    sheet.says(
        "[x](javascript:alert(1)) <javascript:alert(1)> ![](https://example.org/x.png)\n\n"
        "$\\href{javascript:alert(1)}{x}$ $$\\unicode{<script>alert(1)</script>}$$\n\n"
        '[x]: https://example.org "onmouseover=alert(1)"'
    )


@hostile
def shows_markup(sheet):
    """Outputs of all kinds that can hold active markup."""
    sheet.first(f"""
from IPython.display import display
kinds = ['text/html', 'image/svg+xml', 'text/markdown', 'text/latex', 'application/javascript',
         'text/plain', 'image/png', 'image/jpeg', 'application/json', 'application/pdf',
         'application/vnd.jupyter.widget-view+json', 'application/vnd.mermaid', 'text/x"><b']
for evil in {EVIL!r}:
    for kind in kinds:
        for quote in ('', '"', "'"): display({{kind: quote + evil}}, raw=True,
            metadata={{kind: {{'width': quote + '><script>alert(1)</script>', 'alt': evil}}}})
""")


@hostile
def fails_in_markup(sheet):
    """Errors, warnings and streams whose text is markup, also by way of terminal colours."""
    sheet.first(f"""
import sys, warnings
for evil in {EVIL!r}:
    print(evil); print(evil, file=sys.stderr); warnings.warn(evil)
    print('\\x1b[31;1m' + evil + '\\x1b]8;;javascript:alert(1)\\x07x\\x1b]8;;\\x07')
class Evil(Exception):
    def _render_traceback_(self): return {EVIL!r}
""")
    sheet.notebook.cells.append(new_code_cell("raise Evil('<script>alert(1)</script>')"))
    sheet.answer("double", "def double(x):\n    raise ValueError('<script>alert(1)</script>')")


@hostile
def hides_markup_in_metadata(sheet):
    """Tags, ids, attachments and slide metadata that end the attribute they are written into."""
    evil = '"><script>alert(1)</script><b x="'
    for cell in sheet.notebook.cells:
        cell.metadata["tags"] = [evil, "hide_input"]
        cell.metadata["slideshow"] = {"slide_type": evil}
    sheet.says(f"![x](attachment:{evil}) ![x](attachment:x.png)")
    sheet.notebook.cells[-1]["attachments"] = {
        "x.png": {"image/png": evil}, "x.html": {"text/html": evil},
    }  # fmt: skip
    sheet.notebook.metadata["authors"] = [{"name": evil}]
