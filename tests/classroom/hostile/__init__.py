"""Hand-ins that attack grading: what they try, one family a file, and a class that they sit in."""

from hostile import bombs, forged, links, markup, patches, reads
from hostile.sheet import HAND_INS

FAMILIES = (reads, patches, forged, bombs, links, markup)
__all__ = ["FAMILIES", "HAND_INS"]
