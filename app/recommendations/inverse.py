"""Inverting a large matrix in the memory it has."""

import numpy as np

from app.recommendations.purchases import Floats

SMALL = 500


def invert(matrix: Floats) -> None:
    """Put the inverse of a symmetric, positive definite matrix in its place.

    By halves: with M = [A B; Bᵀ D] and the Schur complement S = D - Bᵀ A⁻¹ B,

        M⁻¹ = [A⁻¹ + A⁻¹ B S⁻¹ Bᵀ A⁻¹    -A⁻¹ B S⁻¹; …ᵀ    S⁻¹]

    (G. Golub, C. Van Loan, "Matrix Computations", 2.1.4), and A and S are symmetric and positive definite as well. Of
    5,000 things' floats of four bytes it needs half as much again beside the matrix; `np.linalg.inv` would compute with
    eight, and need eight times as much.
    """
    if len(matrix) <= SMALL:
        matrix[:] = np.linalg.inv(matrix)
        return
    half = len(matrix) // 2
    upper, corner, lower = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    invert(upper)
    crossed = upper @ corner
    lower -= corner.T @ crossed
    invert(lower)
    corner[:] = crossed @ lower
    upper += corner @ crossed.T
    corner *= -1
    matrix[half:, :half] = corner.T
