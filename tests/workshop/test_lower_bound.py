"""Assignment 02: the gap is found without the divergence that it is to be compared with."""

import textwrap

import pytest
from right_answers import RIGHT_ANSWERS

from emkit.workshop import CheckFailed, check

NOTEBOOK = """
from scipy.special import logsumexp

def kl_to_posterior(q, log_joint):
    raise NotImplementedError

def elbo(q, log_joint):
    raise NotImplementedError

def by_divergence(q, log_joint):
    return kl_to_posterior(q, log_joint)

def gap_by_divergence(q, log_joint):
    return kl_to_posterior(q, log_joint)

def gap_by_a_helper(q, log_joint):
    return by_divergence(q, log_joint)

def gap_by_the_bound(q, log_joint):
    return logsumexp(log_joint, axis=1).sum() - elbo(q, log_joint)

def elbo_by_divergence(q, log_joint):
    return logsumexp(log_joint, axis=1).sum() - kl_to_posterior(q, log_joint)
"""


@pytest.fixture
def learner():
    """The functions of a learner who hasn't written the other pieces."""
    source = textwrap.dedent(NOTEBOOK)
    names = {}
    exec(compile(source, "notebook", "exec"), names)
    return names


@pytest.mark.parametrize("name", ["gap_by_divergence", "gap_by_a_helper"])
def test_gap_may_not_call_kl_to_posterior(learner, name):
    with pytest.raises(CheckFailed) as caught:
        check("02.gap", learner[name])
    message = " ".join(str(caught.value).split())
    assert "it calls kl_to_posterior, which it is there to check" in message
    assert caught.value.mistake is None


def test_gap_may_call_elbo(learner):
    check("02.gap", learner["gap_by_the_bound"])
    check("02.gap", learner["gap_by_the_bound"], seed=1)  # the ban ends with the check


def test_elbo_may_call_the_learners_divergence_but_ours_does_not_stand_in(learner):
    """With ours, a bound from the divergence and a divergence from the bound would both pass."""
    with pytest.raises(CheckFailed, match="isn't written yet"):
        check("02.elbo", learner["elbo_by_divergence"])
    exec("def kl_to_posterior(q, log_joint):\n    return logsumexp(log_joint, axis=1).sum() - "
         "elbo(q, log_joint)", learner)  # fmt: skip
    check("02.kl_to_posterior", learner["kl_to_posterior"])
    learner["elbo"] = learner["elbo_by_divergence"]
    with pytest.raises(CheckFailed, match="RecursionError"):
        check("02.elbo", learner["elbo"])
    learner["kl_to_posterior"] = RIGHT_ANSWERS["02.kl_to_posterior"][0]
    check("02.elbo", learner["elbo"])
