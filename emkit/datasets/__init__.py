"""Real data of the course, one function a set.

Each loader reads a file that comes with the package (the MRI slice: with Matplotlib) and returns
a small frozen dataclass of arrays. Its docstring gives shapes, units, origin and licence;
`emkit/data/LICENCES.md` has the licences in one table.
"""

from emkit.datasets.answers import carcinoma, cheating, values
from emkit.datasets.counts import death_notices, earthquakes, geissler
from emkit.datasets.measurements import (
    air_quality,
    galaxies,
    mri_slice,
    old_faithful,
    olive_oils,
    penguins,
)
from emkit.datasets.purchases import (
    catsup_purchases,
    cracker_purchases,
    wholesale_customers,
    yogurt_purchases,
)
from emkit.datasets.sequences import beavers, spoken_digits, spoken_digits_audio
from emkit.datasets.texts import inaugural_addresses, inaugural_paragraphs

__all__ = [
    "air_quality",
    "beavers",
    "carcinoma",
    "catsup_purchases",
    "cheating",
    "cracker_purchases",
    "death_notices",
    "earthquakes",
    "galaxies",
    "geissler",
    "inaugural_addresses",
    "inaugural_paragraphs",
    "mri_slice",
    "old_faithful",
    "olive_oils",
    "penguins",
    "spoken_digits",
    "spoken_digits_audio",
    "values",
    "wholesale_customers",
    "yogurt_purchases",
]
