"""Expressions of a room in sum, for Homeroom. A distribution of its own: where no law allows it, it is not there."""

__version__ = "0.1.0"
