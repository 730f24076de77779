"""Right answers to every piece, each written in several ways; one module an assignment."""

import pkgutil
from importlib import import_module

RIGHT_ANSWERS = {
    piece_id: answers
    for module in pkgutil.iter_modules(__path__, __name__ + ".")
    for piece_id, answers in import_module(module.name).RIGHT_ANSWERS.items()
}
