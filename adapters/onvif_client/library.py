"""onvif-zeep without what it does to a process: importing it sets up logging, its ONVIFCamera opens a pull point.

Decision: of onvif-zeep we use ONVIFService, which calls operations by name through zeep. Not its ONVIFCamera, whose
constructor talks to the network, leaves a pull point behind at each camera and takes proxies out of the environment;
nor its WSDL files, which lie where it happens to have been built for, know no Media2, and take 14 MiB and 0.1 s.
`camera.wsdl` is our own: the operations that we call, in 1.3 MiB for all cameras together. Alternatives: patching
theirs as they load; zeep alone.
"""
# ruff: noqa: E402  logging must be guarded before the import

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from homeroom.errors import BadInput, HomeroomError, Unavailable

WSDL = str(files(__package__).joinpath("camera.wsdl"))
_BINDING = "{urn:homeroom:onvif-client}%sBinding"
_STRANGER = "the Python module `onvif` is not onvif-zeep's but a namesake: pip install --force-reinstall onvif-zeep"


@contextmanager
def _unchanged_logging() -> Iterator[None]:
    """Keeps `logging.basicConfig` from doing anything, and zeep's logger as it was."""
    root, zeep = logging.getLogger(), logging.getLogger("zeep.client")
    guard, level = logging.NullHandler(), zeep.level
    root.addHandler(guard)  # basicConfig leaves a root alone that has a handler
    try:
        yield
    finally:
        root.removeHandler(guard)
        zeep.setLevel(level)


try:
    with _unchanged_logging():
        from onvif import ONVIFError, ONVIFService
except ImportError as error:
    raise BadInput(_STRANGER) from error
from zeep import Client, Settings
from zeep.transports import Transport
from zeep.wsdl import Document


def service(name: str, address: str, transport: Any) -> Any:
    """onvif-zeep's ONVIFService for `Device`, `Media` or `Media2` at an address; `transport` sends for it. No network.

    Raises BadInput where another package has taken onvif-zeep's place.
    """
    client = Client(_described(), transport=transport, settings=_settings())  # type: ignore[no-untyped-call]
    try:
        # Who asks is the transport's business: the library's own token is not safe between threads.
        return ONVIFService(address, None, None, WSDL, zeep_client=client, binding_name=_BINDING % name)
    except TypeError as error:
        raise BadInput(_STRANGER) from error


def call(service: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
    """The operation's answer as zeep's objects. Raises what the transport raised, or Unavailable for what it is not."""
    try:
        return getattr(service, operation)(dict(parameters))
    except ONVIFError as error:
        cause = error.__context__  # onvif-zeep calls whatever happens an unknown error
        if isinstance(cause, HomeroomError):
            raise cause from None
        raise Unavailable("the camera's answer cannot be read: update its firmware") from error


@cache  # what it holds does not change once loaded, and zeep reads it from many threads
def _described() -> Document:
    transport: Any = Transport()  # type: ignore[no-untyped-call]
    return Document(WSDL, transport, settings=_settings())


def _settings() -> Settings:
    """Answers may have elements that we do not know. A DTD or entities never get here (markup.py), nor past here."""
    return Settings(strict=False, forbid_dtd=True, forbid_external=True)
