"""Homeroom: classroom behaviors, shown inside the video management system that a school already has."""

__version__ = "0.1.0"
