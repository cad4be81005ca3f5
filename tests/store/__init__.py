"""Tests of the store, the outbox, the loop and search."""
