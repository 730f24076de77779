"""Questions of assignment 01, and quick checks of its lesson."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="01.kinds",
        right="d",
        because="A mixture is a description that fits. Other descriptions may fit as well, and the "
        "data don't say which of them is how it came about.",
        reasons={
            "a": "Nobody saw two kinds. One coin was refuted; that leaves two coins, three, or a "
            "bias that differs a little in every family, and all of these look much alike.",
            "b": "A responsibility speaks of the families with as many boys as this one. Families "
            "with 6 boys, for one, are shared out between the coins: nobody can be told apart.",
            "c": "The log-likelihood says which parameters explain the data better, not how "
            "probable it is that a model is true.",
        },
        section="Two coins for 6,115 families",
    ),
    Question(
        id="01.assignments",
        right=59049,
        because="Three choices for each of ten rounds: 3 to the power of 10.",
        reasons={
            1024: "That is 2 to the power of 10, for two coins. There are three.",
            1000: "That is 10 to the power of 3. The choices are made anew for each *round*: "
            "three for the first, times three for the second …",
            30: "Choices multiply, they don't add: each of the three for the first round goes "
            "with each of the three for the second.",
            120: "That is the number of ways to *choose* 3 of 10 things. Here each of the ten "
            "rounds has one of three coins.",
        },
        section="Nobody wrote it down: the sum inside the logarithm",
    ),
    Question(
        id="01.by_hand",
        right=0.8,
        because="The joint probabilities are 0.5 · 0.4 and 0.5 · 0.1: four to one.",
        reasons={
            0.4: "That is the probability of the heads given coin A. Bayes' rule asks the other "
            "way round: the coin given the heads.",
            0.2: "That is the joint probability of coin A and the heads, or the share of coin B. "
            "Divide A's joint probability by the sum of both.",
            4.0: "That is the ratio of the two joint probabilities. Divide by their sum instead.",
            0.5: "That is coin A's share before anybody looked at the heads.",
            0.25: "That is the probability of these heads whatever the coin, or the ratio of B's "
            "part to A's.",
        },
        section="Which coin was it? Responsibilities",
    ),
    Question(
        id="01.twins",
        right="b",
        because="With equal biases the heads say nothing about the coin, so the shares are the "
        "weights, and both coins get the same new bias.",
        reasons={
            "a": "Something would have to tell the coins apart. What are the responsibilities of a "
            "round if both coins are equally likely to make it?",
            "c": "Nothing pushes the biases apart, in any direction: work out the responsibilities "
            "first.",
        },
        section="It breaks: two coins that start as twins",
    ),
)
