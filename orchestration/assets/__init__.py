"""Assets: what the platform makes, one module per stage. Thin: every asset calls a step and says what came of it.

- `base` rows as delivered, by feed and period · `warehouse` dbt's models and the marts · `products` what is made of marts
- `facts` the numbers shown beside a materialisation · `guard` what may be said of a failure · `manifest` dbt's graph
"""
