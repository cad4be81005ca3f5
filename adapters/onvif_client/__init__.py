"""Cameras by ONVIF: a client of what they offer, and a search for them."""
