"""Static report sites generated from controlled tables."""
