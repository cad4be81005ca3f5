"""Manifests and their JSON Schemas."""
