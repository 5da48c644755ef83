-- Grain: a delivered row with its pupil and key; drop_reason says why it does not count. A pupil has one test a school year. The pupil is looked up on the autumn roster.
{{ config(materialized='view') }}
{{ pupil_rows('fitness_test', ref('int_fitness_links'), 'test_date', '0') }}
