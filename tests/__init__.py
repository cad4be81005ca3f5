"""Tests of Homeroom."""
