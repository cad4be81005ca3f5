"""Tests of the models: manifests, files, networks and decoders."""
