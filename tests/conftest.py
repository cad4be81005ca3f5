"""Settings for all tests."""

from hypothesis import settings

settings.register_profile("homeroom", deadline=None)  # a busy machine is no bug: tests count, benchmarks time
settings.load_profile("homeroom")
