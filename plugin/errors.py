"""Everything that Homeroom raises on purpose.

HomeroomError
├── BadInput         what the user gave is wrong: a manifest, a file, a password (exit code 2)
│   └── Forbidden    the law or the school's policy says no; the program does not start
├── Unavailable      something outside does not answer now; trying again may help
│   └── Denied       it answers, and refuses the user name or password
├── Undecodable      bytes that are no picture; the next ones may be
│   └── Unfinished   units that lead up to a picture which is still to come
├── Temporary        a sink could not take an event now; it is offered again
└── Rejected         a sink will never take this event; it becomes a dead letter
"""


class HomeroomError(Exception):
    """Base of every error raised on purpose. Its text is one line that names the cure."""


class BadInput(HomeroomError):
    """What the user gave cannot be used."""


class Forbidden(BadInput):
    """A policy pack forbids what the site manifest asks for."""


class Unavailable(HomeroomError):
    """A camera, a server or a file does not answer now."""


class Denied(Unavailable):
    """A device refuses the user name or password. Who tries again and again is locked out."""


class Undecodable(HomeroomError):
    """Encoded bytes that do not decode to a picture."""


class Unfinished(Undecodable):
    """Encoded units that decode, but show nothing before more of them come."""


class Temporary(HomeroomError):
    """A sink could not take the event now; the outbox tries again later."""


class Rejected(HomeroomError):
    """A sink refuses the event for good; the outbox keeps it as a dead letter."""
