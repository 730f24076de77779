"""Questions of lesson and assignment 07, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    # Graded: seven pathologists judged 118 slides, yes or no. Models with 2, 3 and 4 classes reach
    # the log-likelihoods -317.26, -293.71 and -289.29. How many classes does BIC choose?
    Question(
        id="07.how_many",
        right=3.0,
        because="15, 23 and 31 parameters cost 4.77 each: BIC is 706.1, 697.1 and 726.5, the "
        "smaller the better.",
        reasons={
            4.0: "It has the highest log-likelihood. One class more always fits at least as well; "
            "does it gain more than its 8 parameters cost?",
            2.0: "It has the fewest parameters, but the third class gains 23.6 in log-likelihood. "
            "What do its 8 parameters cost?",
            1.0: "One class isn't among the models: the pathologists would have to disagree by "
            "chance alone.",
        },
        section="How many segments?",
    ),
    # Two segments with the weights 0.25 and 0.75 buy brand A with probability 0.6 and 0.2. A
    # customer has bought once: brand A. How likely is brand A the next time?
    Question(
        id="07.by_hand",
        right=0.4,
        because="After one purchase both segments are equally likely, and ½ · 0.6 + ½ · 0.2 is "
        "0.4.",
        reasons={
            0.3: "That is the probability for somebody whose first purchase you haven't seen. What "
            "does it say about the segment?",
            0.6: "That would be right if the customer were surely of the first segment.",
            0.2: "That would be right if the customer were surely of the second segment.",
            0.5: "That is the responsibility of either segment. What do they buy?",
            0.15: "That is the joint probability of a segment and the first purchase.",
        },
        section="What would they have answered?",
    ),
    # A customer was never asked about item 3. What does that add to the log-joint of each segment?
    # (a) The log of the share that answers item 3. (b) Nothing. (c) log 1/c. (d) Minus infinity.
    Question(
        id="07.not_asked",
        right="b",
        because="Summed over all the answers that could have been, the probability is 1.",
        reasons={
            "a": "The model has no such share: who is asked says nothing in it. If it does in your "
            "data, make 'no answer' a category.",
            "c": "That is the probability of a random guess. But nobody guessed.",
            "d": "Then the customer could be of no segment at all.",
        },
        section="One customer, one segment",
    ),
    # In which sentence is the reason why 'last' beats the segments with yogurt? (a) EM didn't reach
    # the highest log-likelihood. (b) A household's purchases depend on each other even when its
    # segment is known. (c) There are too few households to find the segments. (d) Some households
    # are between two segments.
    Question(
        id="07.order_matters",
        right="b",
        because="Shuffled, the same purchases repeat each other less often. What the order knows, "
        "a model that only counts can't.",
        reasons={
            "a": "A higher log-likelihood would still be that of a model to which the order of the "
            "purchases is all the same.",
            "c": "With crackers there were hardly more. And what does 'last' use that counts, "
            "however many, don't have?",
            "d": "Responsibilities say so, and the prediction takes it into account. Shuffling the "
            "purchases doesn't change that.",
        },
        section="What to show next",
    ),
)
