"""ONVIF: Homeroom as a device that any video management system adds like a camera."""
