"""Questions of lesson 12, with a reason for each wrong answer."""

import numpy as np

from emkit.workshop.piece import Question

QUESTIONS = (
    # The body mass is written in kg instead of g. By how much does the mean log-likelihood of a
    # held-out bird rise?
    Question(
        id="12.units",
        right=float(np.log(1000)),
        because="A density is per unit: per kilogram it is 1,000 times as large as per gram. "
        "Nothing has become better: 'one Gaussian' rises by as much.",
        reasons={
            0: "The birds are the same, but a density is so much per unit. A kilogram has 1,000 "
            "times as much room as a gram.",
            -float(np.log(1000)): "Other way round: a kilogram is wider than a gram, so more "
            "probability falls on it.",
            1000: "That is the factor of the density. The log-likelihood is its logarithm.",
            3: "That is the logarithm to base 10. Ours are natural.",
            4 * float(np.log(1000)): "One of the four measurements changes its unit.",
        },
        section="The same units, or a correction",
    ),
    # A telephone company wants digits recognised that customers say. It has 100 recordings of each
    # of 50 people. Which recordings should be held out? (a) Every tenth, drawn by chance. (b) All
    # of 10 people. (c) Every second frame of each. (d) All of one digit.
    Question(
        id="12.held_out",
        right="b",
        because="Customers are voices that the model hasn't heard, so it is tried on voices that "
        "it hasn't heard.",
        reasons={
            "a": "Then all 50 voices are in the fit. How will it do with the voice of a customer?",
            "c": "The frame before and the frame after are in the fit: it would only have to fill "
            "in what lies between.",
            "d": "A digit that it hasn't heard can't be recognised. Which kind of news will it "
            "meet at work?",
        },
        section="Which rows are news?",
    ),
    # What may the page about the penguins say? (a) The model has proved that there are three
    # species. (b) With probability 0.985 a bird belongs to its component. (c) Three full components
    # predict unseen birds better than one, and match species in 337 of 342 birds. (d) There are
    # three components, since the log-likelihood of the fit is highest there.
    Question(
        id="12.claim",
        right="c",
        because="It says what was measured, on what, and against what.",
        reasons={
            "a": "Mixtures find clouds. That the clouds are species was seen by comparing with "
            "species that somebody else had written down.",
            "b": "That is a share of birds in agreement with a label, no bird's probability; the "
            "responsibilities are those.",
            "d": "The log-likelihood of the fit goes on rising with every component. What has its "
            "top at three?",
        },
        section="Explain: a page for somebody else",
    ),
)
