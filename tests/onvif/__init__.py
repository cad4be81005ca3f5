"""Tests of the ONVIF device."""
