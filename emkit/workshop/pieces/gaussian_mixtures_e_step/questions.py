"""Questions of lesson and assignment 03, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="03.meaning",
        right="b",
        because="It is a share among the points that look like this one.",
        reasons={
            "a": "An eruption is of one kind or the other, never a blend. The responsibility says "
            "how sure the wait lets us be.",
            "c": "That would be the weight of the component: the share among *all* waits, before "
            "looking at this one. The responsibility is the share among waits of this length.",
            "d": "The responsibility takes the parameters as given. It says nothing about how sure "
            "they are; for that one looks at how the fit varies from sample to sample.",
        },
        section="A soft border",
    ),
    Question(
        id="03.by_hand",
        right=0.25,
        because="Where the densities are equal, x says nothing, and the shares are the weights.",
        reasons={
            1 / 3: "That is the ratio of the two joint densities. Divide by their sum instead.",
            0.02: "That is the density of either component at x.",
            0.015: "That is the joint density of component 1.",
            0.5: "The densities are equal, but the weights are not: before looking at x, "
            "component 1 is three times as likely.",
            0.75: "That is the share of component 1.",
            0.005: "That is the joint density of component 0. Divide it by the sum of both.",
        },
        section="A soft border",
    ),
    Question(
        id="03.shift",
        right="b",
        because="Every joint density of the row is multiplied by e⁵, which the division takes out.",
        reasons={
            "a": "Every share would grow, and still they would sum to 1?",
            "c": "Adding 5 multiplies every joint density of the row with the same e⁵, in the "
            "numerator and in the denominator.",
        },
        section="It breaks: a point far from everything",
    ),
    Question(
        id="03.far",
        right="c",
        because="It is fewer standard deviations away from the wide one, and very far out that "
        "decides, whatever the weights.",
        reasons={
            "a": "Equally far in minutes isn't equally far in standard deviations.",
            "b": "The narrow component is the denser one near its mean, but its density falls "
            "off faster: count the standard deviations.",
        },
        section="One component: the log-density by Cholesky",
    ),
)
