"""The package behind `homeroom setup`: from nothing to a site manifest, by questions."""
