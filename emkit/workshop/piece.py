"""What the workshop knows about a piece: contract, right answer, cases, properties, mistakes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from emkit.workshop.bench.run import call


@dataclass(frozen=True)
class Case:
    """One input to try a piece on.

    `rtol` says how right the answer must be there. `alike` says how near a learner's answer must
    come to a mistake's to be taken for it: larger than `rtol` where both are rounding errors.
    Where the contract asks for an error, `raises` is its class; where memory is short, `room` is
    how many bytes there are; `because` says why.
    """

    what: str
    inputs: dict
    hard: bool = False
    rtol: float = 1e-9
    alike: float = 1e-9
    raises: type[Exception] | None = None
    room: int | None = None
    because: str = ""


@dataclass(frozen=True)
class Returned:
    """What a piece returns: its name, its shape in the notation's letters, and what it is made of.

    `kind` is 'float', 'int', 'bool', 'text', 'list' (of numbers), or 'as given' for numbers of
    whatever type the right answer has. What isn't `shown` says nothing to a learner, and is left
    out of messages.
    """

    name: str
    letters: str
    kind: str = "float"
    shown: bool = True


@dataclass(frozen=True)
class Piece:
    """A function that a learner writes.

    `returns` is a tuple where the function returns one. `properties` are functions of the answer
    and the inputs that return a sentence where something that must always hold doesn't, and None
    where it does. `section` is the heading in the lesson that a learner is sent back to.
    `observe(function, **inputs)` gives what is judged in place of the answer, for a piece whose
    answer alone doesn't show whether it is right: how often a random draw falls where, for example.
    `without` names pieces of the same assignment that this one may not call, and `may_use` what is
    off limits to other pieces and not to this one, by its name in `emkit.workshop.bench.watch`.
    `patience` is how many seconds a case may take at least where a good answer may well work much
    harder than the right one, with more starts for example.
    """

    id: str
    contract: Callable
    correct: Callable = field(repr=False)
    cases: Callable = field(repr=False)
    returns: Returned | tuple[Returned, ...]
    properties: tuple[Callable, ...] = field(repr=False)
    mistakes: tuple[Callable, ...] = field(repr=False)
    section: str
    observe: Callable = field(default=call, repr=False)
    without: tuple[str, ...] = ()
    may_use: tuple[str, ...] = ()
    patience: float = 0.0

    @property
    def name(self):
        """The function's name, 'responsibilities' for the id '03.responsibilities'."""
        return self.id.partition(".")[2]


@dataclass(frozen=True)
class Question:
    """A question with a letter or a number for an answer.

    `because` says why the right answer is right. `reasons` has for each wrong answer that is worth
    a sentence the reason why it is wrong; for a question with letters these are all the others.
    """

    id: str
    right: str | float = field(repr=False)
    because: str = field(repr=False)
    reasons: dict = field(repr=False)
    section: str


def where(piece):
    """Which part of the lesson to look at, for the end of a message."""
    return f"(Lesson {piece.id[:2]}, '{piece.section}'.)"


def mistake(sentence):
    """Decorator for a wrong way that learners really take: a function with the sentence that helps.

    The function's name is the mistake's name.
    """

    def attach(function):
        function.sentence = sentence
        return function

    return attach
