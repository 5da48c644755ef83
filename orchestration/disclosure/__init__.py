"""Disclosure control: inner marts to the controlled tables of the internal and the public edition."""
