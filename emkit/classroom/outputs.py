"""What a hand-in's cells show, taken into its notebook: not too much, and without scripts."""

import json

from nbformat import from_dict

from emkit.classroom.kernel import Gone

MEGABYTE = 2**20
KINDS = {"text/plain", "text/html", "text/markdown", "text/latex",
         "image/png", "image/jpeg", "image/svg+xml"}  # fmt: skip
SIZES = ("width", "height")  # what else is said of a picture


class Outputs:
    """The outputs of a notebook's cells, as they come from its shell.

    Parameters
    ----------
    most : int
        Bytes of all of them; what comes then is left out.
    """

    def __init__(self, most):
        self.most, self.size = most, 0
        self.named = {}  # the last output of each name that the notebook gave
        self.begin([])

    def begin(self, shown):
        """Put what comes next into a list."""
        self.shown, self.stale = shown, False

    def show(self, message):
        """Take an output, as its bytes came; what is malformed is left out.

        Raises
        ------
        Gone
            If there is far too much.
        """
        before, self.size = self.size, self.size + len(message)
        if self.size > 4 * self.most:
            raise Gone("showed too much")
        if self.size > self.most:
            if before <= self.most:
                text = f"(more than {self.most / MEGABYTE:g} MB: the rest is left out)"
                self.add({"output_type": "stream", "name": "stdout", "text": text})
            return
        try:
            self.take(json.loads(message))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return

    def take(self, told):
        """Do what the shell tells: add an output, change one, or clear all."""
        kind = told["output_type"]
        if kind == "clear_output":
            self.stale = True
            if not told["wait"]:
                self.begin_anew()
        elif kind == "update_display_data":
            self.named[told["display_id"]].update(from_dict(bundle(told)))
        elif kind == "stream":
            name = "stderr" if told["name"] == "stderr" else "stdout"
            self.add({"output_type": kind, "name": name, "text": text(told["text"])})
        elif kind == "error":
            lines = [text(line) for line in told["traceback"]]
            said = {"ename": text(told["ename"]), "evalue": text(told["evalue"])}
            self.add({"output_type": kind, "traceback": lines} | said)
        elif kind in ("display_data", "execute_result"):
            output = {"output_type": kind} | bundle(told)
            if kind == "execute_result":
                output["execution_count"] = None
            if output["data"]:
                self.named[told.get("display_id")] = self.add(output)

    def add(self, output):
        """Add an output; text goes on where the last one stopped."""
        if self.stale:
            self.begin_anew()
        last = self.shown[-1] if self.shown else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.shown.append(from_dict(output))
        return self.shown[-1]

    def begin_anew(self):
        """Clear what the cell has shown."""
        self.shown.clear()
        self.stale = False


def bundle(told):
    """The data and metadata of an output, those that pages may show."""
    data = {kind: text(shown) for kind, shown in told["data"].items() if kind in KINDS}
    metadata = {
        kind: {size: about[size] for size in SIZES if type(about.get(size)) is int}
        for kind, about in (told.get("metadata") or {}).items()
        if kind in data and isinstance(about, dict)
    }
    return {"data": data, "metadata": metadata}


def text(value):
    """A text that can be written to a file; anything else is a `TypeError`."""
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value.encode("utf-8", "replace").decode()
