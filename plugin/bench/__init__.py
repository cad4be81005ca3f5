"""`homeroom bench`: what this machine can do, measured."""
