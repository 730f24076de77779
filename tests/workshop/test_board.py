"""The board shows every piece of the course, and how far its learner is with it."""

from importlib import import_module

import matplotlib as mpl
import numpy as np
import pytest

from emkit.workshop import board, catalogue, check, keep
from emkit.workshop.piece import Piece


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    mpl.use("Agg")
    (tmp_path / "nbgrader_config.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(import_module(check.__module__), "passed", set())
    return tmp_path


def hard_assign(resp):
    return np.argmax(resp, axis=1)


def signs():
    return {" ".join(text.get_text().split()) for text in board().texts}


def test_a_new_learner_has_everything_to_do():
    pieces = [piece for piece in catalogue.PIECES.values() if isinstance(piece, Piece)]
    shown = signs()
    assert {f"○ {piece.name.replace('_', ' ')}" for piece in pieces} <= shown
    assert board().get_title().startswith(f"0 of {len(pieces)} pieces kept")


def test_a_piece_goes_from_to_do_by_passed_to_kept():
    assert "○ hard assign" in signs()
    check("03.hard_assign", hard_assign, part="ordinary")
    assert "◐ hard assign" in signs()  # it has no hard cases
    keep(hard_assign)
    assert "● hard assign" in signs()
    assert board().get_title().startswith("1 of ")


def test_a_piece_passed_in_its_ordinary_part_alone_is_still_to_do():
    def soft(X, weights, means, covariances):
        log_joint = np.stack(
            [
                np.log(w)
                - 0.5 * np.linalg.slogdet(c)[1]
                - 0.5 * np.einsum("nd,nd->n", X - m, np.linalg.solve(c, (X - m).T).T)
                for w, m, c in zip(weights, means, covariances, strict=True)
            ],
            axis=1,
        )
        joint = np.exp(log_joint)
        return joint / joint.sum(axis=1, keepdims=True)

    check("03.responsibilities", soft, part="ordinary")
    assert "◐ responsibilities" not in signs()
