"""Homeroom: shows what people visibly do in a classroom inside the video management system that a school already has."""

__version__ = "0.1.0"
