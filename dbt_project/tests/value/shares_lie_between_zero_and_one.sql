-- What is this: shares below 0 or above 1, and intervals that do not contain their value.
-- When does it matter: more pupils in the numerator than in the denominator means that the rule counts people who are not asked about.
-- How to resolve it: the model of that indicator counts its numerator outside its denominator.
select figure_id
from {{ ref('indicator_values') }}
where
    unit = 'share'
    and (value < 0 or value > 1 or numerator > denominator or lower_95 > value + 1e-12 or upper_95 < value - 1e-12)
