"""Labelling: frames of a site's own cameras, held encrypted for hours, labelled on this machine, and destroyed."""
