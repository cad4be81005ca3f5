"""Tests of `homeroom setup`."""
