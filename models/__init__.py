"""Detectors: what turns a frame into detections, and the weights that Homeroom trained itself."""
