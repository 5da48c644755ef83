-- Grain: feed x school x period: the last delivery that replaces its whole scope. Rows of other deliveries that come before
-- it in the Later order are out of "current". The register has a model of its own: it decides which school a name means.
{{ replacing(feeds().keys() | reject('equalto', 'school_register') | list) }}
