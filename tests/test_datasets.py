"""Data are what was published, come with the package, and say where they come from."""

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from importlib.resources import files

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture as SklearnMixture

from emkit import datasets

LOADERS = [getattr(datasets, name) for name in datasets.__all__]
SHIPPED = sorted(file.name for file in files("emkit.data").iterdir())


# --------------------------------------------------------------------------------- every loader


@pytest.mark.parametrize("load", LOADERS, ids=datasets.__all__)
def test_a_loader_says_shapes_units_origin_and_licence(load):
    for word in ("Returns", "Units:", "Origin:", "Licence:"):
        assert re.search(rf"^ *{word}", load.__doc__, re.MULTILINE), word
    data = load()
    for field in fields(data):
        assert f"`{field.name}`" in load.__doc__, field.name


@pytest.mark.parametrize("load", LOADERS, ids=datasets.__all__)
def test_data_cannot_be_swapped_and_are_fresh_each_time(load):
    first, second = load(), load()
    name = fields(first)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(first, name, None)
    shared = [
        field.name
        for field in fields(first)
        if isinstance(getattr(first, field.name), np.ndarray)
        and np.shares_memory(getattr(first, field.name), getattr(second, field.name))
    ]
    assert shared == []


def heard(code):
    """Files of emkit/data and sockets that a fresh Python opens while it runs `code`."""
    listener = """
import sys
def listen(event, arguments):
    if event == "open" and "emkit" in str(arguments[0]) and "data/" in str(arguments[0]):
        print(str(arguments[0]).replace("\\\\", "/").rsplit("/", 1)[-1])
    if event in ("socket.connect", "socket.getaddrinfo"):
        print(event)
sys.addaudithook(listen)
"""
    command = [sys.executable, "-c", listener + code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_importing_emkit_and_its_datasets_reads_no_data():
    assert heard("import emkit, emkit.datasets") == []


def test_the_loaders_read_every_file_and_download_nothing():
    read = heard("from emkit import datasets as d\nfor n in d.__all__: getattr(d, n)()")
    assert sorted(set(read)) == sorted(set(SHIPPED) - {"LICENCES.md"})


def test_every_file_has_its_licence_and_every_licence_its_file():
    table = files("emkit.data").joinpath("LICENCES.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(row[0].strip(" `") for row in rows) == sorted(set(SHIPPED) - {"LICENCES.md"})
    assert all(cell.strip() for row in rows for cell in row)
    shared_alike = {row[0].strip(" `") for row in rows if row[3].strip() == "CC BY-SA 4.0"}
    assert shared_alike == {"spoken_digits.npz", "spoken_digits_audio.npz"}


# --------------------------------------------------------------------------------- measurements


def test_old_faithful_is_the_published_data():
    """Härdle's figures: 272 eruptions of 1.6 to 5.1 minutes, waits of 43 to 96."""
    geyser = datasets.old_faithful()
    assert geyser.X.shape == (272, 2)
    assert (geyser.eruptions.min(), geyser.eruptions.max()) == (1.6, 5.1)
    assert (geyser.waiting.min(), geyser.waiting.max()) == (43, 96)
    assert geyser.X.mean(axis=0) == pytest.approx([3.4878, 70.8971], abs=1e-4)


def test_galaxies_are_those_with_the_misprint_as_the_docstring_says():
    velocity = datasets.galaxies().velocity
    assert velocity.shape == (82,)
    assert datasets.galaxies().X.shape == (82, 1)
    assert np.all(np.diff(velocity) >= 0)
    assert velocity[77] == 26690
    corrected = velocity.copy()
    corrected[77] = 26960
    for data, published in ((velocity, -203.1792), (corrected, -203.4820)):
        X = data[:, None] / 1000
        fit = SklearnMixture(
            3,
            reg_covar=0,
            tol=1e-10,
            max_iter=10_000,
            weights_init=[1 / 3] * 3,
            means_init=[[9.7], [20], [33]],
            precisions_init=[[[1]]] * 3,
            random_state=0,
        ).fit(X)
        assert fit.score(X) * 82 == pytest.approx(published, abs=1e-4)


def test_olive_oils_come_from_nine_areas_and_their_acids_sum_to_100_per_cent():
    oils = datasets.olive_oils()
    assert oils.X.shape == (572, 8)
    assert len(oils.acids) == 8
    regions, sizes = np.unique(oils.region, return_counts=True)
    assert dict(zip(regions.tolist(), sizes.tolist(), strict=True)) == {
        "Northern Italy": 151,
        "Sardinia": 98,
        "Southern Italy": 323,
    }
    assert len(np.unique(oils.area)) == 9
    assert oils.X.sum(axis=1) == pytest.approx(np.full(572, 100), abs=2)
    assert oils.X.min() >= 0


def test_penguins_are_of_three_species_and_two_were_not_measured():
    birds = datasets.penguins()
    species, sizes = np.unique(birds.species, return_counts=True)
    assert species.tolist() == ["Adelie", "Chinstrap", "Gentoo"]
    assert sizes.tolist() == [152, 68, 124]
    assert birds.X.shape == (344, 4)
    missing = np.isnan(birds.X)
    assert missing.all(axis=1).sum() == 2
    assert missing.sum() + (birds.sex == "").sum() == 19
    assert np.nanmin(birds.X, axis=0).tolist() == [32.1, 13.1, 172, 2700]
    assert np.nanmax(birds.X, axis=0).tolist() == [59.6, 21.5, 231, 6300]


def test_air_quality_has_its_44_gaps_and_every_day_from_may_to_september():
    air = datasets.air_quality()
    assert air.X.shape == (153, 4)
    assert np.isnan(air.X).sum(axis=0).tolist() == [37, 7, 0, 0]
    assert np.unique(air.month, return_counts=True)[1].tolist() == [31, 30, 31, 31, 30]
    assert air.X[0].tolist() == [41, 190, 7.4, 67]
    assert np.nanmean(air.X, axis=0) == pytest.approx([42.13, 185.93, 9.958, 77.88], abs=5e-3)


def test_the_mri_slice_is_a_head_on_an_empty_ground():
    head = datasets.mri_slice()
    assert head.image.shape == (256, 256)
    assert head.image.dtype == np.uint16
    assert head.image.max() <= 255  # the other byte order gives multiples of 256
    border = np.concatenate([head.image[0], head.image[:, 0], head.image[:, -1]])
    assert border.max() < 20
    assert np.median(head.image[80:140, 80:160]) > 100  # the brain
    assert np.array_equal(head.X[:, 0], head.image.ravel())


# --------------------------------------------------------------------------------------- counts


def test_geissler_has_6115_families_of_twelve():
    saxony = datasets.geissler()
    assert saxony.families.sum() == 6115
    assert saxony.boys.tolist() == list(range(13))
    assert np.array_equal(np.bincount(saxony.heads), saxony.families)
    assert set(saxony.flips) == {12}
    assert len(saxony.flips) == 6115
    assert saxony.heads.sum() / saxony.flips.sum() == pytest.approx(0.5192, abs=1e-4)


def test_death_notices_are_of_three_years_one_of_them_a_leap_year():
    notices = datasets.death_notices()
    assert notices.days.sum() == 365 + 365 + 366
    assert notices.days.tolist() == [162, 267, 271, 185, 111, 61, 27, 8, 3, 1]
    assert np.array_equal(np.bincount(notices.per_day), notices.days)


def test_earthquakes_are_zucchinis_table():
    quakes = datasets.earthquakes()
    assert quakes.year.tolist() == list(range(1900, 2007))
    assert quakes.count[:6].tolist() == [13, 14, 8, 10, 16, 26]
    assert quakes.count.mean() == pytest.approx(19.364, abs=1e-3)
    assert quakes.count.var(ddof=1) == pytest.approx(51.573, abs=1e-3)


# -------------------------------------------------------------------------------------- answers


def log_likelihood_of_one_class(Y):
    """Of independent items: the sum of count · log share over their answers."""
    total = 0.0
    for item in Y.T:
        tally = np.bincount(item)
        total += (tally * np.log(tally / tally.sum())).sum()
    return total


def test_carcinoma_has_118_slides_in_20_patterns():
    slides = datasets.carcinoma()
    assert slides.Y.shape == (118, 7)
    assert len(np.unique(slides.Y, axis=0)) == 20
    assert set(slides.Y.flat) == {0, 1}
    assert slides.items == tuple("ABCDEFG")


def test_cheating_has_319_students_and_four_without_grades():
    students = datasets.cheating()
    assert students.Y.shape == (319, 4)
    assert students.Y.sum(axis=0).tolist() == [34, 38, 21, 68]
    assert len(students.items) == 4
    unknown = students.grade == -1
    assert unknown.sum() == 4
    assert students.Y[unknown].sum() == 0  # all four say that they never cheated
    assert set(students.grade[~unknown]) == {0, 1, 2, 3, 4}


def test_values_has_the_published_likelihood_of_one_class():
    """poLCA's manual: -543.6498."""
    people = datasets.values()
    assert people.Y.shape == (216, 4)
    assert log_likelihood_of_one_class(people.Y) == pytest.approx(-543.6498, abs=1e-4)


# ------------------------------------------------------------------------------------ purchases


@pytest.mark.parametrize(
    ("load", "purchases", "households"),
    [
        (datasets.cracker_purchases, 3292, 136),
        (datasets.yogurt_purchases, 2412, 100),
        (datasets.catsup_purchases, 2798, 300),
    ],
)
def test_purchases_say_the_same_in_all_their_forms(load, purchases, households):
    panel = load()
    assert len(panel.brand) == len(panel.household) == purchases
    assert len(panel.brands) == 4
    assert panel.counts.shape == (households, 4)
    assert panel.counts.sum() == purchases
    assert panel.counts.sum(axis=1).min() > 0
    assert np.array_equal(np.concatenate(panel.sequences), panel.brand)
    for row, sequence, tally in zip(panel.Y, panel.sequences, panel.counts, strict=True):
        assert np.array_equal(row[row >= 0], sequence)
        assert np.all(row[len(sequence) :] == -1)
        assert np.array_equal(np.bincount(sequence, minlength=4), tally)


def test_yogurt_brands_have_the_published_market_shares():
    """Jain and others: Yoplait 34%, Dannon 40%, Weight Watchers 23%, Hiland 3%."""
    panel = datasets.yogurt_purchases()
    share = dict(zip(panel.brands, panel.counts.sum(axis=0) / 2412, strict=True))
    published = {"yoplait": 0.34, "dannon": 0.40, "weight": 0.23, "hiland": 0.03}
    assert share == pytest.approx(published, abs=5e-3)


def test_wholesale_customers_are_440_in_the_published_groups():
    customers = datasets.wholesale_customers()
    assert customers.X.shape == (440, 6)
    assert customers.X.min() > 0  # so that a logarithm can be taken
    assert len(customers.products) == 6
    assert (customers.channel == "hotel").sum() == 298
    assert (customers.channel == "retail").sum() == 142
    sizes = [(customers.region == name).sum() for name in ("Lisbon", "Porto", "other")]
    assert sizes == [77, 47, 316]


# ------------------------------------------------------------------------------------ sequences


def test_the_second_beaver_leaves_its_lodge_after_38_observations_and_stays_out():
    animal = datasets.beavers().beaver2
    assert len(animal.temperature) == 100
    assert not animal.active[:38].any()
    assert animal.active[38:].all()
    assert np.diff(animal.hours) == pytest.approx(np.full(99, 1 / 6))


def test_the_first_beaver_has_one_gap_at_20_past_10_in_the_evening():
    animal = datasets.beavers().beaver1
    assert len(animal.temperature) == 114
    assert animal.active.sum() == 6
    steps = np.diff(animal.hours)
    (gap,) = np.flatnonzero(steps > 0.2)
    assert animal.hours[gap] == pytest.approx(22 + 10 / 60)
    assert steps[gap] == pytest.approx(2 / 6)
    assert (animal.temperature.min(), animal.temperature.max()) == (36.33, 37.53)


def test_each_digit_is_spoken_ten_times_by_each_of_four_people():
    speech = datasets.spoken_digits()
    assert len(speech.sequences) == 400
    labels = (speech.digit.tolist(), speech.speaker.tolist(), speech.index.tolist())
    keys = set(zip(*labels, strict=True))
    people = {"jackson", "nicolas", "theo", "yweweler"}
    assert keys == {(d, who, i) for d in range(10) for who in people for i in range(10)}
    assert {sequence.shape[1] for sequence in speech.sequences} == {13}
    assert {sequence.dtype for sequence in speech.sequences} == {np.dtype(float)}
    assert sum(map(len, speech.sequences)) == 14_336
    lengths = [len(sequence) for sequence in speech.sequences]
    assert f"t from {min(lengths)} to {max(lengths)}" in datasets.spoken_digits.__doc__


def test_a_feature_row_stands_for_25_ms_and_the_next_one_starts_10_ms_later():
    speech, audio = datasets.spoken_digits(), datasets.spoken_digits_audio()
    assert audio.rate == 8000
    for sound, *key in zip(audio.sounds, audio.digit, audio.speaker, audio.index, strict=True):
        assert sound.dtype == np.int16
        (same,) = np.flatnonzero(
            (speech.digit == key[0]) & (speech.speaker == key[1]) & (speech.index == key[2])
        )
        assert len(speech.sequences[same]) == (len(sound) - 200) // 80 + 1


# ---------------------------------------------------------------------------------------- texts


def test_addresses_are_60_one_every_four_years():
    addresses = datasets.inaugural_addresses()
    assert addresses.counts.format == "csr"
    assert addresses.counts.has_sorted_indices
    assert addresses.counts.shape == (60, 2217)
    assert addresses.year.tolist() == list(range(1789, 2026, 4))
    assert addresses.president[[0, 18, 43, 59]].tolist() == [
        "Washington",
        "Lincoln",
        "Kennedy",
        "Trump",
    ]
    assert addresses.vocabulary.tolist() == sorted(set(addresses.vocabulary.tolist()))
    assert not {"the", "and", "of", "we"} & set(addresses.vocabulary)
    assert min(map(len, addresses.vocabulary)) == 3
    assert (addresses.counts > 0).sum(axis=0).min() == 5


def test_counts_of_paragraphs_add_up_to_no_more_than_those_of_their_address():
    addresses, paragraphs = datasets.inaugural_addresses(), datasets.inaugural_paragraphs()
    assert len(paragraphs.texts) == 1264
    assert min(len(text.split()) for text in paragraphs.texts) == 30
    assert np.array_equal(paragraphs.vocabulary, addresses.vocabulary)
    owner = np.searchsorted(addresses.year, paragraphs.year)
    assert np.array_equal(addresses.president[owner], paragraphs.president)
    total = np.zeros((60, 2217), dtype=int)
    np.add.at(total, owner, paragraphs.counts.toarray())
    rest = addresses.counts.toarray() - total
    assert rest.min() == 0
    assert rest.sum() < 0.1 * total.sum()


def test_a_paragraphs_counts_are_of_its_own_words():
    paragraphs = datasets.inaugural_paragraphs()
    (feared,) = [i for i, text in enumerate(paragraphs.texts) if "is fear itself" in text]
    assert (paragraphs.year[feared], paragraphs.president[feared]) == (1933, "Roosevelt")
    row = paragraphs.counts[[feared]].toarray()[0]
    found = {paragraphs.vocabulary[w]: row[w] for w in np.flatnonzero(row)}
    assert found["fear"] == 2
