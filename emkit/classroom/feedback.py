"""Feedback pages that read the same without a network: formulas as MathML, no script to load."""

import copy
import re

from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter

# Code is matched first, so that a dollar sign in it stays one.
CODE_OR_FORMULA = re.compile(r"```.*?```|`[^`]*`|\$\$(.+?)\$\$|\$([^$\n]+?)\$", flags=re.S)
# nbgrader's template takes the space out of tables and the triangles from folded hints.
LOOK = "<style>td, th { padding: 0.2em 0.8em; } summary { display: list-item; }</style></head>"
LOADS_MATHJAX = re.compile(r"<script[^>]*mathjax[^>]*>\s*</script>", flags=re.I)


class OfflineFeedback(HTMLExporter):
    """nbgrader's exporter of feedback pages, which otherwise fetch MathJax when they are read."""

    def from_notebook_node(self, nb, resources=None, **kwargs):
        nb = copy.deepcopy(nb)
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = CODE_OR_FORMULA.sub(as_mathml, cell.source)
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        return LOADS_MATHJAX.sub("", page).replace("</head>", LOOK, 1), resources


def as_mathml(match):
    """Return the MathML of a matched formula; code, and TeX that can't be read, as they are."""
    displayed, inline = match.groups()
    if displayed is None and inline is None:
        return match[0]
    try:
        return convert(displayed or inline, display="block" if displayed else "inline")
    except Exception:  # whatever a learner typed between dollar signs, the page must come out
        return match[0]
