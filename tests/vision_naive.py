"""Change of vision a second time: pupil by pupil from the checks as delivered, sharing nothing with the SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Look:
    """One check of one pupil: acuities times 10, spherical equivalents in hundredths of D, None where nothing was measured."""

    on: dt.date
    round: int | None
    right: Fraction | int | None
    left: Fraction | int | None
    sphere_right: Fraction | int | None
    sphere_left: Fraction | int | None
    ortho_k: bool


def years(born: dt.date, on: dt.date) -> int:
    """Completed years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def poor(look: Look) -> bool | None:
    """Whether the worse eye is below 5.0; None where that cannot be said."""
    eyes = [eye for eye in (look.right, look.left) if eye is not None]
    if look.ortho_k or not eyes:
        return None
    if min(eyes) < 50:
        return True
    return False if len(eyes) == 2 else None


def myopic(look: Look) -> bool | None:
    """Whether screened positive: ortho-K, or an eye below 5.0 whose sphere is below -0.50 D; None where incomplete."""
    if look.ortho_k:
        return True
    if None in (look.right, look.left, look.sphere_right, look.sphere_left):
        return None
    pairs = ((look.right, look.sphere_right), (look.left, look.sphere_left))
    return any(eye is not None and sphere is not None and eye < 50 and sphere < -50 for eye, sphere in pairs)


OUTCOMES = {"poor_vision": poor, "screening_myopia": myopic}


def outcomes(born: dt.date, earlier: Sequence[Look], looks: Sequence[Look]) -> Iterator[tuple[str, bool]]:
    """Every figure a pupil counts in, and whether in its numerator.

    Args:
        born: birth date.
        earlier: the pupil's looks of the same semester a year before.
        looks: those of the semester.
    """
    for name, outcome in OUTCOMES.items():
        found: list[list[tuple[Look, bool]]] = []
        for semester in (earlier, looks):
            told = [(look, outcome(look)) for look in sorted(semester, key=lambda look: look.on)]
            found.append([(look, yes) for look, yes in told if yes is not None and years(born, look.on) >= 6])
        before, now = found
        firsts = [pair for pair in now if (pair[0].round or 1) == 1]
        first = firsts[0] if firsts else None
        second = now[-1] if now and (first is None or now[-1][0] is not first[0]) else None
        if first:
            yield f"{name}_round1", first[1]
        if second:
            yield f"{name}_round2", second[1]
        if first and second:
            yield f"{name}_same_round1", first[1]
            yield f"{name}_same_round2", second[1]
        if before and now:
            yield f"{name}_same_before", before[-1][1]
            yield f"{name}_same_now", now[-1][1]
            if not before[-1][1]:
                yield f"{name}_new", now[-1][1]
        if name == "screening_myopia" and now:
            look, yes = now[-1]
            yield "ortho_k", look.ortho_k
            if years(born, look.on) == 6:
                yield "screening_myopia_six", yes


def figures(
    births: Mapping[str, dt.date], before: Mapping[str, Sequence[Look]], now: Mapping[str, Sequence[Look]]
) -> dict[str, list[int]]:
    """Numerator and denominator of every figure over all pupils, of two semesters a year apart."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pupil, born in births.items():
        for name, yes in outcomes(born, before.get(pupil, ()), now.get(pupil, ())):
            counts[name][0] += yes
            counts[name][1] += 1
    return counts
