-- Grain: feed x period: the fingerprint of the base file that this database was built from. The last model of a build:
-- what is not recorded here was not built.
{{ config(schema='main', contract={'enforced': false}) }}
-- depends_on: {{ ref('indicator_values') }}
-- depends_on: {{ ref('indicators') }}
-- depends_on: {{ ref('targets') }}
-- depends_on: {{ ref('areas') }}
-- depends_on: {{ ref('schools') }}
-- depends_on: {{ ref('coverage') }}
-- depends_on: {{ ref('delivery_parts') }}
-- depends_on: {{ ref('rejected_rows') }}
-- depends_on: {{ ref('vision_change') }}
-- depends_on: {{ ref('cases') }}
-- depends_on: {{ ref('results_used') }}
{{ base_rows('_fingerprints') }}
