"""Tests of `homeroom models evaluate`."""
