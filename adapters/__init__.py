"""Adapters to the systems around Homeroom: cameras, files and VMSs."""
