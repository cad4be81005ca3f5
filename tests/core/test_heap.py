from __future__ import annotations

import platform

from homeroom.heap import give_back


def test_large_buffers_go_back_to_the_system_where_there_is_a_glibc() -> None:
    assert give_back() == (platform.libc_ver()[0] == "glibc")
