"""Names of the assets, in one place and free of imports that take time."""

import dagster as dg

DELIVERIES = dg.AssetKey(["raw", "deliveries"])
MARTS = dg.AssetKey(["marts"])
CONTROLLED = dg.AssetKey(["controlled"])
FEEDBACK = dg.AssetKey(["feedback"])
VERDICT = dg.AssetKey(["verdict"])
PREVIEW = dg.AssetKey(["preview"])
AUDIT = dg.AssetKey(["audit_site"])
RELEASE = dg.AssetKey(["release"])

RAW_GROUP, BASE_GROUP, MARTS_GROUP, PRODUCTS_GROUP = "raw", "base", "marts", "products"


def base_key(feed: str) -> dg.AssetKey:
    """`base/<feed>`; the landing tables `_parts`, `_rejected` and `_scopes` go by their names."""
    return dg.AssetKey(["base", feed.removeprefix("_")])
