-- Grain: case with events: what they say of it. A closing counts with evidence, on or after the opening; it is proven by the
-- first re-check on or after it that passed. A failed re-check or a reopening on or after the last closing undoes it.
with linked as (
    select
        n.case_id,
        e.*
    from {{ ref('int_case_numbers') }} as n
    inner join {{ ref('int_case_events') }} as e on n.case_no = e.case_no and n.owner = e.owner
),

failures as (
    select
        case_id,
        min(opened_on) as opened_on
    from {{ ref('int_case_figures') }}
    group by case_id
),

-- a case of a figure opens on the day of the figure, the bureau's own by its event
opened as (
    select
        l.*,
        coalesce(f.opened_on, min(case when l.event = 'open' then l.happened_on end) over (partition by l.case_id)) as case_opened_on
    from linked as l
    left join failures as f on l.case_id = f.case_id
),

closings as (
    select
        case_id,
        min(case when event = 'close' then happened_on end) as first_try,
        min(case when counts then happened_on end) as first_close,
        max(case when counts then happened_on end) as last_close
    from (
        select
            opened.*,
            opened.evidence is not null and opened.happened_on >= coalesce(opened.case_opened_on, opened.happened_on) as counts
        from opened
    ) as tried
    group by case_id
)

select
    l.case_id,
    c.last_close,
    min(case when l.event = 'open' then l.happened_on end) as opened_on,
    min(case when l.passed_on >= c.last_close then l.passed_on end) as proven_on,
    min(case when l.passed_on >= c.first_close then l.passed_on end) as first_proven_on,
    max(case
        when l.failed_on >= c.last_close or (l.event = 'reopen' and l.happened_on >= c.last_close) then 1
        else 0
    end) = 1 as undone,
    max(case when l.event = 'reopen' or l.failed_on >= c.first_try then 1 else 0 end) = 1 as reopened,
    cast(sum(case when l.event = 'measure' then 1 else 0 end) as integer) as measures,
    {{ latest_value('l.measure', 'l.place') }} as last_measure,
    {{ latest_value('l.office', 'l.place') }} as office,
    {{ latest_value('l.planned_on', 'l.place') }} as planned_on,
    {{ latest_value('l.gap_stated', 'l.place') }} as gap_stated,
    {{ latest_value('l.kind', 'l.place') }} as kind_stated,
    {{ latest_value('l.evidence', 'l.place') }} as evidence,
    {{ latest_value('l.school', 'l.place') }} as school,
    {{ latest_value('l.about_indicator', 'l.place') }} as indicator,
    max(l.owner) as county,
    max(l.rechecked_on) as rechecked_on,
    max(l.happened_on) as last_event_on
from linked as l
inner join closings as c on l.case_id = c.case_id
group by l.case_id, c.last_close
