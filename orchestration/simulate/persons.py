"""Names and numbers of invented persons, as text columns over all pupils of the world.

Every 身份证号 starts with an area that does not exist (4113 followed by 90 to 99), so that no number can belong to a real person;
birth date, order number and check digit are as GB 11643 wants them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.places import DOTTED, DOUBLE_SURNAMES, GIVEN, RARE, SURNAMES
from orchestration.simulate.randomness import stream

Ints = npt.NDArray[np.int32]
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK = np.array(list("10X98765432"))
MAN_YI_HUI = ("01", "03", "11", "07", "05", "08")


class Register:
    """Grows with the population; a pupil's name and numbers never change."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._used: npt.NDArray[np.int32] = np.zeros(2 * 40_000, np.int32)
        self.people = pl.DataFrame(
            schema={"pupil": pl.Int32, "xjh": pl.String, "idno": pl.String, "name": pl.String, "birth": pl.Int32,
                    "sex": pl.Int8, "nation": pl.String, "migrant": pl.Boolean, "boarder": pl.Float32}
        )  # fmt: skip

    def grow(self, sex: Ints, birth: Ints) -> None:
        """Invents the persons that have come since the last call.

        Args:
            sex: 0 male, 1 female, of all pupils.
            birth: birth day of all pupils.
        """
        start = self.people.height
        count = len(sex) - start
        if count <= 0:
            return
        rng = stream(self._seed, "persons", start)
        number = self._numbers(sex[start:], birth[start:])
        letter = np.where(rng.random(count) < 0.985, "G", "J")
        temporary = rng.random(count) < 0.004
        idno = pl.Series(number)
        draft = pl.Series(rng.integers(1000, 9999, count)).cast(pl.String)
        xjh = pl.Series(letter) + idno
        xjh = xjh.zip_with(pl.Series(~temporary), pl.Series(["L"]).new_from_index(0, count) + idno.str.head(14) + draft)
        has_id = (letter == "G") & ~temporary
        fresh = pl.DataFrame(
            {
                "pupil": np.arange(start, len(sex), dtype=np.int32),
                "xjh": xjh,
                "idno": idno.zip_with(pl.Series(has_id), pl.Series([None], dtype=pl.String).new_from_index(0, count)),
                "name": self._names(count, rng),
                "birth": birth[start:],
                "sex": sex[start:].astype(np.int8),
                "nation": np.array(MAN_YI_HUI)[rng.choice(6, count, p=[0.965, 0.02, 0.005, 0.004, 0.003, 0.003])],
                "migrant": rng.random(count) < 0.06,
                "boarder": rng.random(count).astype(np.float32),
            }
        )
        self.people = pl.concat([self.people, fresh])

    def _numbers(self, sex: Ints, birth: Ints) -> list[str]:
        cell = birth * 2 + sex
        order = np.argsort(cell, kind="stable")
        rank = np.empty(len(cell), np.int64)
        rank[order] = np.arange(len(cell)) - np.searchsorted(cell[order], cell[order])
        rank += self._used[cell]
        self._used += np.bincount(cell, minlength=len(self._used)).astype(np.int32)
        # Order numbers that end in 00 stay unused: with check digit 0 they would look like a tail zeroed by Excel.
        usable = np.array([[s for s in range(sex_, 1000, 2) if s % 100][:490] for sex_ in (1, 0)])
        if int(rank.max(initial=0)) >= 490 * 10:
            raise ValueError("more births on one day than invented numbers")
        serial = usable[sex, rank % 490]
        dates = birth.astype("datetime64[D]")
        years = dates.astype("datetime64[Y]").astype(int) + 1970
        months = dates.astype("datetime64[M]").astype(int) % 12 + 1
        days = (dates - dates.astype("datetime64[M]")).astype(int) + 1
        body = (411390 + rank // 490) * 10**11 + (years * 10_000 + months * 100 + days) * 1000 + serial
        digits = (body[:, None] // 10 ** np.arange(16, -1, -1)) % 10
        check = CHECK[(digits @ WEIGHTS) % 11]
        text = pl.Series(body).cast(pl.String) + pl.Series(check)
        return text.to_list()

    def _names(self, count: int, rng: np.random.Generator) -> pl.Series:
        surnames = pl.Series(list(SURNAMES))[rng.integers(0, len(SURNAMES), count)]
        doubles = pl.Series(list(DOUBLE_SURNAMES))[rng.integers(0, len(DOUBLE_SURNAMES), count)]
        surnames = surnames.zip_with(pl.Series(rng.random(count) > 0.005), doubles)
        given = pl.Series(list(GIVEN))
        first, second = given[rng.integers(0, len(GIVEN), count)], given[rng.integers(0, len(GIVEN), count)]
        rare = pl.Series(list(RARE))[rng.integers(0, len(RARE), count)]
        first = first.zip_with(pl.Series(rng.random(count) > 0.001), rare)
        empty = pl.Series([""]).new_from_index(0, count)
        names = surnames + first + second.zip_with(pl.Series(rng.random(count) < 0.85), empty)
        dotted = pl.Series(list(DOTTED))[rng.integers(0, len(DOTTED), count)]
        return names.zip_with(pl.Series(rng.random(count) > 0.003), dotted)
