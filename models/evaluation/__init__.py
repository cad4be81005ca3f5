"""How well a model sees: labelled sets, figures with intervals, reports, and a gate for acceptance on site."""
