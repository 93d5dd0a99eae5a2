"""Measurements of speed and quality, run by `titian bench`; not part of the tests."""
