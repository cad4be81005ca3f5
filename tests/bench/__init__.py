"""Tests of homeroom.bench: counting and arithmetic; nothing here asserts a time."""
