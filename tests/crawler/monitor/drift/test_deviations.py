"""The tail of the beta-binomial, against its limits and by counting."""

from fractions import Fraction
from math import comb, prod

import pytest

from crawler.monitor.drift.deviations import tail


def rising(a: Fraction, n: int) -> Fraction:
    return prod((a + k for k in range(n)), start=Fraction(1))


@pytest.mark.parametrize("of", [5, 20])
@pytest.mark.parametrize(("share", "known"), [(0.0, 60), (0.5, 60), (0.25, 40), (1.0, 30)])
def test_against_exact_fractions(of: int, share: float, known: int) -> None:
    """Pólya's urn: P(k) = C(n, k) a^(k) b^(n-k) / (a+b)^(n), in rising factorials."""
    half = Fraction(1, 2)
    a, b = Fraction(share) * known + half, (1 - Fraction(share)) * known + half
    for count in range(of + 1):
        exact = sum(
            comb(of, k) * rising(a, k) * rising(b, of - k) / rising(a + b, of)
            for k in range(count, of + 1)
        )
        assert tail(count, of, share, known) == pytest.approx(float(exact), rel=1e-9)


def test_it_is_a_probability() -> None:
    assert tail(0, 20, 0.3, 60) == pytest.approx(1)
    chances = [tail(count, 20, 0.3, 60) for count in range(21)]
    assert chances == sorted(chances, reverse=True)
