"""Teachers of a school by stage, and backbone teachers put together in a few schools."""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt

from orchestration.simulate.norms import JUNIOR, POINT, PRIMARY

Ints = npt.NDArray[np.int64]
Row = dict[str, int]
AIM, LOW, HIGH, CLOSE = 0.5018, 0.5001, 0.5049, 0.0005


def staff(row: Row, factors: npt.NDArray[np.float64], exact: bool, rural: bool, spare: bool) -> None:
    """Adds the teachers to a school's row.

    Args:
        row: the school with its pupils by stage.
        factors: what the school has of L1 to L7, as multiples of the threshold.
        exact: never a fraction of a teacher less than the factor asks for.
        rural: whether visiting teachers may count.
        spare: a school that is too large for that has visiting teachers too.
    """

    def heads(number: float) -> int:
        return ceil(number - 1e-9) if exact else int(number + 0.5)

    arts = {}
    for tail, pupils, norm in (("p", row["pp"], PRIMARY), ("j", row["pj"], JUNIOR)):
        row[f"qual_{tail}"] = heads(norm[0] * factors[0] * pupils / 100)
        row[f"back_{tail}"] = min(heads(norm[1] * factors[1] * pupils / 100), row[f"qual_{tail}"])
        arts[tail] = heads(norm[2] * factors[2] * pupils / 100)
    small = row["pp"] + row["pj"]
    row["visiting"] = int(spare)
    if rural and small < 100:
        # Too small for teachers of its own: they come by from the central school.
        lower = "p" if row["pp"] else "j"
        row["visiting"], arts[lower] = max(1, arts[lower]), 0
    for tail, number in arts.items():
        row[f"mu_{tail}"] = row[f"ar_{tail}"] = number // 3
        row[f"pe_{tail}"] = number - 2 * (number // 3)
    row["teachers"] = ceil((row["qual_p"] + row["qual_j"]) / 0.88) + ceil(row["ps"] / 12) + 1


def _variation(backbone: Ints, pupils: Ints) -> float:
    ratio = backbone / pupils
    mean = backbone.sum() / pupils.sum()
    return float(np.sqrt((pupils * (ratio - mean) ** 2).sum() / pupils.sum()) / mean)


def _gap(backbone: Ints, pupils: Ints) -> float:
    """How far the variation is from the aim; what does not print as 0.50 or is within the limit is out of the question."""
    value = _variation(backbone, pupils)
    return abs(value - AIM) + (0.0 if LOW < value < HIGH else 1.0)


def _nearest(backbone: Ints, pupils: Ints, least: Ints, most: Ints, width: int) -> Ints | None:
    """The distribution one step away that lies nearest to the aim, or None where none is nearer."""
    schools = np.argsort(-pupils, kind="stable")[:40]
    single = [(int(school), sign) for school in schools for sign in (-1, 1)]
    steps = [[step] for step in single]
    if width == 2:
        steps = [[first, second] for first in single for second in single if first[0] < second[0]]
    best, gap = None, _gap(backbone, pupils)
    for step in steps:
        trial = backbone.copy()
        for school, sign in step:
            trial[school] += sign
        if ((trial >= least) & (trial <= most)).all() and _gap(trial, pupils) < gap - 1e-12:
            best, gap = trial, _gap(trial, pupils)
    return best


def _raised(pupils: Ints, least: Ints, most: Ints) -> Ints:
    """Raises one school after the other, that with the greatest effect first, until the variation has passed the aim."""
    backbone = least.copy()
    while _variation(backbone, pupils) < AIM:
        trials = [np.where(np.arange(len(pupils)) == school, most, backbone) for school in range(len(pupils))]
        reached = [_variation(trial, pupils) for trial in trials]
        if max(reached) <= _variation(backbone, pupils):
            break
        backbone = trials[int(np.argmax(reached))]
    return backbone


def _settle(backbone: Ints, pupils: Ints, least: Ints, most: Ints) -> Ints:
    """Lets one school, then two at once, gain or lose a teacher as long as that brings the variation nearer to the aim."""
    for width in (1, 2):
        while _gap(backbone, pupils) > CLOSE:
            nearer = _nearest(backbone, pupils, least, most, width)
            if nearer is None:
                break
            backbone = nearer
    return backbone


def concentrate(rows: list[Row]) -> None:
    """Moves the variation of L2 in the primary stage next to 0.5018 by raising the backbone teachers of a few schools.

    No school falls below one per hundred pupils. First the school whose teachers become backbone teachers with the greatest effect is
    raised, then the next one, until the aim is passed; then one or two schools gain or lose a teacher until nothing brings it nearer.
    Where that ends far off, as in counties of a few schools, other sets of strong schools are tried in order; two schools may not do.

    Args:
        rows: schools of one county; those that are not evaluated or have no primary pupils stay as they are.
    """
    chosen = [row for row in rows if row["pp"] and not (row["point"] and row["pp"] + row["pj"] < 50)]
    if len(chosen) < 2:
        return
    pupils = np.array([row["pp"] for row in chosen])
    least = -(-pupils // 100)
    most = np.maximum(least, np.array([row["qual_p"] * 9 // 10 for row in chosen]))
    backbone = _settle(_raised(pupils, least, most), pupils, least, most)
    few = np.argsort(-pupils, kind="stable")[:9]
    for mask in range(1, 2 ** len(few)):
        if _gap(backbone, pupils) < CLOSE:
            break
        strong = np.isin(np.arange(len(pupils)), few[[bool(mask >> bit & 1) for bit in range(len(few))]])
        trial = _settle(np.where(strong, most, least), pupils, least, most)
        backbone = trial if _gap(trial, pupils) < _gap(backbone, pupils) else backbone
    for row, number in zip(chosen, backbone, strict=True):
        row["back_p"] = int(number)


def is_point(type_code: str) -> int:
    """1 for a teaching point."""
    return int(type_code == POINT)
