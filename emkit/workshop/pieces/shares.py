"""What holds of responsibilities whatever the model: laws that several assignments share."""

import numpy as np


def rows_sum_to_one(resp, **inputs):
    """Each row is shared out completely."""
    sums = resp.sum(axis=1)
    for i in np.flatnonzero(~(np.abs(sums - 1) < 1e-9)):
        by_column = np.allclose(resp.sum(axis=0), 1)
        columns = ", but its columns do" if by_column and len(resp) > 1 else ""
        return f"the rows of your result don't sum to 1 (row {i} sums to {sums[i]:.4g}){columns}"
    return None


def shares_between_zero_and_one(resp, **inputs):
    """A share is a probability."""
    for i, j in np.argwhere((resp < 0) | (resp > 1 + 1e-9)):
        return f"resp[{i}, {j}] is {resp[i, j]:.4g}, which is no probability"
    return None
