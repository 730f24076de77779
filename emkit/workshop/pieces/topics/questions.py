"""Questions of lesson and assignment 08, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="08.meaning",
        right="c",
        because="A topic is a distribution over words, and a row of doc_topic says which share of "
        "the document's words comes from which.",
        reasons={
            "a": "That would be a mixture of documents, with one topic for each. In pLSA a "
            "document mixes topics: the topic is drawn anew for every word.",
            "b": "The share counts occurrences of words, repeats included, not different words.",
            "d": "The row takes the topics as given. How sure we can be of a share is another "
            "matter: it depends on how long the address is.",
        },
        section="A document mixes topics, a topic mixes words",
    ),
    Question(
        id="08.by_hand",
        right=0.75,
        because="0.3 · 0.04 = 0.012 and 0.1 · 0.04 = 0.004: of 0.016 in all, three quarters come "
        "from topic 0. The word is equally common in both, so the shares 0.3 and 0.1 decide.",
        reasons={
            0.012: "That is the joint probability of topic 0 and the word. Divide it by the sum "
            "over the topics.",
            0.25: "That is the share of topic 1.",
            0.3: "That is the document's share of topic 0 before looking at the word. The word "
            "rules out the third topic.",
            0.5: "Equally common in both topics, yes; but in this document topic 0 is three times "
            "as common as topic 1.",
            3.0: "That is the ratio of the two joint probabilities. Divide by their sum instead.",
        },
        section="Which topic did this word come from?",
    ),
    Question(
        id="08.guess",
        right=8.0,
        because="½ · log 4 + ½ · log 16 = log 8: the geometric mean of 4 and 16, for perplexity "
        "averages logarithms.",
        reasons={
            10.0: "That is the arithmetic mean of 4 and 16. Which mean belongs to averaged "
            "logarithms?",
            6.4: "That is one over the mean *probability*. Average the logarithms of the "
            "probabilities instead.",
            2.08: "That is the mean surprise in nats. One exp is missing.",
            0.125: "That is the geometric mean of the probabilities. Perplexity is one over it.",
        },
        section="How surprised are the topics?",
    ),
    Question(
        id="08.zeros",
        right="b",
        because="The posterior is proportional to p(word | topic). Where that is 0, no occurrence "
        "is ever given to the topic, and the next p(word | topic) is 0 again.",
        reasons={
            "a": "How many expected counts of the word does the topic get when the posterior of "
            "each of its occurrences is 0?",
            "c": "The rows still sum to 1: the other words of the topic share the probability.",
        },
        section="It breaks: a word that no topic can make",
    ),
)
