"""The module's words."""
print(__doc__)
