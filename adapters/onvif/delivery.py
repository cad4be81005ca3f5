"""Whether the other end of a TCP connection got the last bytes that we sent."""

from __future__ import annotations

import asyncio
import socket
import sys

_SETTLE = 1.0  # seconds that the peer's kernel gets to say what it did with them
_STEP = 0.02


async def took_all(connected: socket.socket, ours: int) -> bool:
    """Whether a peer that ended the connection had our last byte by then; `ours` counts an end that we sent.

    Its end may have crossed our bytes: then its kernel answers them with a reset.
    """
    try:
        async with asyncio.timeout(_SETTLE):
            while _unacknowledged(connected) > ours:  # noqa: ASYNC110 (the kernel sets no event)
                await asyncio.sleep(_STEP)
        return connected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    except (OSError, ValueError, TimeoutError):  # ValueError: closed meanwhile
        return False


if sys.platform == "linux":
    import fcntl
    import struct
    import termios

    def _unacknowledged(connected: socket.socket) -> int:
        """Bytes that the peer's kernel has not acknowledged (SIOCOUTQ, tcp(7))."""
        answer = fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

else:

    def _unacknowledged(connected: socket.socket) -> int:  # noqa: ARG001
        """Unknown on this system: a crossing that no reset has shown yet goes unnoticed."""
        return 0
