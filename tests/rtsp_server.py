#!/usr/bin/python3
"""A loop-back RTSP server that plays recordings, or a moving test pattern, as endless live cameras.

Usage: rtsp_server.py [--port N] [--user NAME --password WORD [--digest]] /PATH=SPEC ...
SPEC:  test[,key=value...] or FILE[,key=value...]; keys: fps, gop, size (WxH), codec (h264, h265), and
       sets: where the parameter sets are (both, sdp, band).

FILE is anything that ffmpeg reads. Runs under the system's python3 with Debian's python3-gi,
gir1.2-gst-rtsp-server-1.0 and gstreamer1.0-plugins-{base,good,bad,ugly}. Prints "rtsp ready PORT" when it listens;
ends at SIGTERM, or when its standard input ends. Exit code 3: something of that is not installed.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    import gi  # type: ignore[import-not-found]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]
except (ImportError, ValueError) as absent:
    sys.stderr.write(f"{absent}\n")
    sys.exit(3)

ENCODERS = {
    "h264": "x264enc tune=zerolatency sliced-threads=false speed-preset=ultrafast key-int-max={gop}",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max={gop}",
}
NAMES = {"h264": "H264", "h265": "H265"}
DEFAULTS = {"fps": "10", "gop": "10", "size": "320x240", "codec": "h264", "sets": "both"}
ROLE = "viewer"


def pictures(file: str, size: str, scratch: Path) -> int:
    """Unpacks a recording into `scratch` as JPEG files; how many there are."""
    width, height = size.split("x")
    command = ["ffmpeg", "-v", "error", "-i", file, "-vf", f"scale={width}:{height}", "-q:v", "2"]
    subprocess.run([*command, str(scratch / "%05d.jpg")], check=True)
    return len(list(scratch.glob("*.jpg")))


def launch_line(spec: str, scratch: Path) -> str:
    """The GStreamer pipeline of one camera."""
    what, *pairs = spec.split(",")
    options = DEFAULTS | dict(pair.split("=", 1) for pair in pairs)
    width, height = options["size"].split("x")
    raw = f"video/x-raw,format=I420,width={width},height={height},framerate={options['fps']}/1"
    if what == "test":
        source = f"videotestsrc is-live=true pattern=ball ! {raw}"
    else:
        count = pictures(what, options["size"], scratch)
        source = (
            f"multifilesrc location={scratch}/%05d.jpg start-index=1 stop-index={count} loop=true "
            f"caps=image/jpeg,framerate={options['fps']}/1 ! jpegdec ! videoconvert ! video/x-raw,format=I420 "
            "! identity sync=true"
        )
    return f"( {source} ! {encoder(options)} )"


def encoder(options: dict[str, str]) -> str:
    """Encoder and payloader, with the parameter sets in the SDP, in band, or both."""
    codec, sets = options["codec"], options["sets"]
    packed = {"h264": "avc", "h265": "hvc1"}[codec] if sets == "sdp" else "byte-stream"
    line = (
        f"{ENCODERS[codec].format(gop=options['gop'])} ! {codec}parse ! video/x-{codec},stream-format={packed} "
        f"! rtp{codec}pay pt=96 config-interval={0 if sets == 'sdp' else -1}"
    )
    if sets != "band":
        return f"{line} name=pay0"
    caps = f"application/x-rtp,media=video,clock-rate=90000,encoding-name={NAMES[codec]},payload=96"
    return f'{line} ! capssetter name=pay0 join=false replace=true caps="{caps}"'


def guard(server: Any, user: str, password: str, *, digest: bool) -> None:
    """Lets in only who knows the user name and the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    if digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def refuse_seeking(_: Any, media: Any) -> None:
    """A camera does not start anew for each client: no query on whether it could gets through."""

    def answer(__: Any, info: Any) -> Any:
        seeking = info.get_query().type == Gst.QueryType.SEEKING
        return Gst.PadProbeReturn.DROP if seeking else Gst.PadProbeReturn.OK

    pad = media.get_element().get_by_name("pay0").get_static_pad("src")
    pad.add_probe(Gst.PadProbeType.QUERY_UPSTREAM, answer)


def factory(line: str, *, guarded: bool) -> Any:
    """What makes the stream of one path, shared by all its clients."""
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(line)
    made.set_shared(True)
    made.connect("media-constructed", refuse_seeking)
    if guarded:
        permissions = GstRtspServer.RTSPPermissions()
        for right in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role(ROLE, right, True)  # noqa: FBT003 - C's signature
        made.set_permissions(permissions)
    return made


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("mounts", nargs="*")
    return parser.parse_args()


def main() -> None:
    """Serves until it is told to stop."""
    asked = arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(asked.port))
    if asked.user:
        guard(server, asked.user, asked.password, digest=asked.digest)
    with tempfile.TemporaryDirectory(prefix="rtsp-") as scratch:
        for number, mount in enumerate(asked.mounts):
            path, spec = mount.split("=", 1)
            folder = Path(scratch, str(number))
            folder.mkdir()
            line = launch_line(spec, folder)
            server.get_mount_points().add_factory(path, factory(line, guarded=bool(asked.user)))
        if not server.attach(None):
            sys.exit(f"port {asked.port} is taken")
        loop = GLib.MainLoop()
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGTERM, loop.quit)
        GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_HIGH, GLib.IOCondition.HUP, lambda *_: loop.quit())
        sys.stdout.write(f"rtsp ready {server.get_bound_port()}\n")
        sys.stdout.flush()
        loop.run()


if __name__ == "__main__":
    main()
