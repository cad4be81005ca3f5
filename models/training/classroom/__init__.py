"""Rooms full of rendered people: from a seed to a picture and the truth about it."""
