"""A model of speech of one's own choice, scored on a speaker whom it hasn't heard."""

import numpy as np

from emkit.families import Gaussian
from emkit.hmm import HMM
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.capstone.recordings import (
    UNHEARD,
    baseline,
    centred,
    drawn,
    fitted,
    held_out,
    of_other_numbers,
)
from emkit.workshop.pieces.capstone.verdicts import (
    FINE,
    PATIENCE,
    VERDICT,
    Verdict,
    verdict_is_fine,
    verdict_on,
)

MARGIN = 0.05  # nats a frame
LACKS = {
    "each coefficient on its own": "That baseline knows nothing but each coefficient's spread",
    "a mixture without time": "That baseline knows four sounds, but not which follows which: each "
    "frame is drawn anew",
    "one Gaussian": "That baseline knows which coefficients vary together, but all sounds are one",
}


def model_digits(sequences, rng):
    """A hidden Markov model of speech that predicts a speaker whom it hasn't heard.

    The model is one of the centred recordings, sequence - sequence.mean(axis=0). How many states it
    has, what shape their covariances, whether there is a prior, and how it is fitted: you choose.

    Parameters
    ----------
    sequences : list of (t, d) arrays
        Recordings of the digits 0, 2 and 3 by three speakers, in any order: a row of six
        coefficients every 20 ms.
    rng : numpy.random.Generator
        Where all chance comes from.

    Returns
    -------
    startprob : (k,) array
    transmat : (k, k) array
    means : (k, d) array
    covariances : (k, d, d) array
        Matrices, whatever their shape; symmetric and positive definite.

    Notes
    -----
    Two of the four speakers are held out in turn, jackson and theo: the function is called with 36
    recordings of the three others, and scored on the 12 of the one whom it hasn't heard. The mean
    log-likelihood of a held-out frame, in nats, has to be higher by at least 0.05 than those of
    three baselines, fitted to the same recordings: 'each coefficient on its own' (one Gaussian
    without correlations), 'a mixture without time' (four Gaussians without correlations, every
    frame by itself), and, in the second check, 'one Gaussian' with a full covariance.
    emkit may be used, and so may what you have kept.
    """


def model_digits_cases(rng):
    """Recordings drawn from those that there are, in a random order, and what is to be beaten."""

    def case(what, to_beat, **more):
        sequences, _, speaker = drawn(rng, 4)
        given = {
            "sequences": sequences,
            "speaker": speaker,
            "to_beat": to_beat,
        }
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    **more)  # fmt: skip

    return [
        case("two speakers, held out in turn",
             ("each coefficient on its own", "a mixture without time")),
        case("two speakers, each coefficient on its own to beat", ("each coefficient on its own",)),
        case("two speakers, one Gaussian to beat", ("one Gaussian",), hard=True),
    ]  # fmt: skip


def judged(function, sequences, speaker, to_beat, rng):
    """Mean log-likelihoods of unheard frames: the function's, the baseline's, and the verdict."""
    parts = [heard_and_unheard(sequences, speaker, name) for name in UNHEARD]
    answers = [function([one.copy() for one in heard], rng) for heard, _ in parts]
    if any(answer is None for answer in answers):
        return None
    frames = sum(len(sequence) for _, theirs in parts for sequence in theirs)

    def judge():
        yours = mean_score(answers)
        for name in to_beat:
            theirs = mean_score([baseline(name, centred(heard)) for heard, _ in parts])
            if not yours >= theirs + MARGIN:
                return Verdict(name, yours, theirs)
        return Verdict(FINE)

    def mean_score(answers):
        pairs = zip(answers, parts, strict=True)
        return (
            sum(held_out(answer, centred(theirs)).sum() for answer, (_, theirs) in pairs) / frames
        )

    return verdict_on(judge)


def heard_and_unheard(sequences, speaker, name):
    """The recordings of all others, and those of the speaker who is held out."""
    heard = [one for one, who in zip(sequences, speaker, strict=True) if who != name]
    unheard = [one for one, who in zip(sequences, speaker, strict=True) if who == name]
    return heard, unheard


def beats_its_baselines(answer, sequences, speaker, to_beat, rng):
    """By how much it doesn't, and what the baseline lacks."""
    if answer[0].sentence not in LACKS:
        return verdict_is_fine(answer)
    name, (yours, theirs) = answer[0].sentence, answer[0].numbers
    return (
        f"frames of speakers whom it hasn't heard get {yours:.5g} nats on average, and "
        f"'{name}' gives them {theirs:.5g}: yours has to be higher by {MARGIN} at least. "
        f"{LACKS[name]}{of_other_numbers(yours)}"
    )


def correct_model_digits(sequences, rng):
    """Four states without correlations."""
    return fitted(centred(sequences), HMM(Gaussian("diag"), 4), rng, n_init=2)


@mistake("That is what comes out when the recordings aren't centred: the model is one of "
         "sequence - sequence.mean(axis=0).")  # fmt: skip
def not_centred(sequences, rng):
    return fitted(sequences, HMM(Gaussian("diag"), 4), rng)


@mistake(
    "That is what comes out when the coefficients are standardised before the fit. The "
    "parameters are then those of other numbers: carry them back, or leave them as they are."
)
def standardised(sequences, rng):
    sequences = centred(sequences)
    scale = np.concatenate(sequences).std(axis=0)
    return fitted([sequence / scale for sequence in sequences], HMM(Gaussian("diag"), 4), rng)


@mistake("There is a single state. Speech changes from sound to sound: how many does it take until "
         "a speaker who wasn't heard gains nothing more?")  # fmt: skip
def one_state(sequences, rng):
    return fitted(centred(sequences), HMM(Gaussian(), 1), rng)


@mistake("There is a single state, and in it each coefficient is on its own.")
def one_state_without_correlations(sequences, rng):
    return fitted(centred(sequences), HMM(Gaussian("diag"), 1), rng)


@mistake(
    "There are so many states with full covariances that they know the three speakers by "
    "heart. On the recordings of the fit that looks splendid; the fourth one speaks otherwise."
)
def far_too_many(sequences, rng):
    return fitted(centred(sequences), HMM(Gaussian(), 12), rng)


@mistake("The model has forgotten time: all rows of transmat are the same, so that each frame is "
         "drawn anew. Was a mixture fitted to the frames, instead of a chain?")  # fmt: skip
def without_time(sequences, rng):
    return baseline("a mixture without time", centred(sequences))


@mistake("Standard deviations where variances are due: a covariance has squared units.")
def square_roots(sequences, rng):
    startprob, transmat, means, covariances = correct_model_digits(sequences, rng)
    return startprob, transmat, means, np.sqrt(covariances)


@mistake("The fit saw a single recording. It is given 36 of them: use them all.")
def of_one_recording(sequences, rng):
    return fitted(centred(sequences[:1]), HMM(Gaussian("diag"), 1), rng)


PIECE = Piece(
    id="12.model_digits",
    contract=model_digits,
    correct=correct_model_digits,
    cases=model_digits_cases,
    returns=VERDICT,
    properties=(beats_its_baselines,),
    mistakes=(
        not_centred,
        standardised,
        one_state,
        one_state_without_correlations,
        far_too_many,
        without_time,
        square_roots,
        of_one_recording,
    ),
    section="Choose: by rows that the fit hasn't seen",
    observe=judged,
    may_use=("emkit",),
    patience=PATIENCE,
)
