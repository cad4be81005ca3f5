"""Networks: what they are fed, and what they refuse."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from homeroom.errors import BadInput, Unavailable
from homeroom.models.compiled import Compute
from homeroom.models.network import Input, Network, layout_of

from .nets import flat, frame_of, small_net

CPU = Compute("CPU", "f32")


def echo(folder: Path, shape: list[int] | None = None) -> tuple[Path, Path]:
    """A net that puts out the picture that it was fed."""
    picture = op.parameter(shape or [1, 32, 64, 3], np.float32, name="input")
    out = op.multiply(picture, op.constant(np.float32(1)))
    out.output(0).set_names({"picture:0", "picture"})
    xml = folder / "echo.xml"
    ov.save_model(ov.Model([op.result(out)], [picture], "echo"), str(xml))
    return xml, xml.with_suffix(".bin")


def colorful() -> Any:
    """A smooth picture, so that halved chroma changes little."""
    y, x = np.mgrid[0:32, 0:64]
    return np.dstack([60 + 2 * x, 90 + 4 * y, 200 - 2 * x]).astype(np.uint8)


def test_the_net_is_fed_the_colors_that_opencv_sees(tmp_path: Path) -> None:
    frame = frame_of(colorful())
    fed = Network(*echo(tmp_path), Input(64, 32), CPU).request()(frame)["picture"]
    assert fed.shape == (1, 32, 64, 3)
    assert np.abs(fed[0] - frame.bgr().astype(float)).max() < 2


def test_color_order_mean_and_scale_follow_the_manifest(tmp_path: Path) -> None:
    feed = Input(64, 32, "RGB", mean=(127.5, 0, 10), scale=(127.5, 1, 2))
    frame = frame_of(colorful())
    fed = Network(*echo(tmp_path), feed, CPU).request()(frame)["picture"]
    wanted = (cv2.cvtColor(frame.bgr(), cv2.COLOR_BGR2RGB).astype(float) - (127.5, 0, 10)) / (127.5, 1, 2)
    assert np.abs(fed[0] - wanted).max() < 2


def test_channels_first_is_seen_from_the_shape(tmp_path: Path) -> None:
    network = Network(*echo(tmp_path, [1, 3, 32, 64]), Input(64, 32), CPU)
    assert network.layout == "NCHW"
    assert network.shapes == {"picture": (1, 3, 32, 64)}
    frame = frame_of(colorful())
    fed = network.request()(frame)["picture"]
    assert np.abs(fed[0].transpose(1, 2, 0) - frame.bgr().astype(float)).max() < 2


@pytest.mark.parametrize("shape", [[1, 64, 32, 3], [1, 32, 64, 1], [2, 32, 64, 3], [1, 3, 64, 32], [1, 32, 64]])
def test_a_shape_that_the_manifest_does_not_name_is_refused(shape: list[int]) -> None:
    with pytest.raises(BadInput, match="its manifest says 64x32, 3 channels"):
        layout_of(shape, 64, 32)


def test_a_shape_that_fits_both_orders_is_refused() -> None:
    with pytest.raises(BadInput, match="3x3"):
        layout_of([1, 3, 3, 3], 3, 3)


def test_requests_of_one_network_do_not_share_their_arrays(tmp_path: Path) -> None:
    network = Network(*echo(tmp_path), Input(64, 32), CPU)
    dark = network.request()(flat(10))["picture"]
    network.request()(flat(250))
    assert dark.max() < 20


def test_a_device_that_is_not_there_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    device: Any = "TPU"  # on no machine
    with caplog.at_level(logging.WARNING):
        network = Network(*echo(tmp_path), Input(64, 32), Compute(device, cache=tmp_path / "compiled"))
    why = r"device TPU is not available on this machine \(there is .*CPU.*\), so it computes on the CPU"
    assert re.fullmatch(why, network.degraded)
    assert network.degraded in caplog.text
    assert network.request()(flat(128))["picture"].mean() == pytest.approx(128, abs=2)
    assert not (tmp_path / "compiled").exists(), "nobody verifies what would be kept for the CPU"


class Core:
    """OpenVINO with a device GPU that does not compile, or whose first `failing` requests fail."""

    def __init__(self, failing: int | None) -> None:
        self._real: Any = ov.Core()
        self._failing = failing
        self.compiled: list[str] = []

    available_devices = ("CPU", "GPU.0")

    def read_model(self, *files: str) -> Any:
        return self._real.read_model(*files)

    def compile_model(self, model: Any, device: str, properties: Any) -> Any:
        self.compiled.append(device)
        if device == "GPU" and self._failing is None:
            raise RuntimeError("Check 'device' failed at src/gpu.cpp:1:\nno driver for this GPU")
        made = self._real.compile_model(model, "CPU", properties)
        return Lost(made, self) if device == "GPU" else made

    def fail(self) -> None:
        if self._failing:
            self._failing -= 1
            raise RuntimeError("Exception from src/infer.cpp:2:\nthe GPU is gone")


class Lost:
    """A compiled network, or a request, on a device that goes away."""

    def __init__(self, real: Any, core: Core) -> None:
        self._real, self._core = real, core

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_infer_request(self) -> Lost:
        return Lost(self._real.create_infer_request(), self._core)

    def infer(self, **how: Any) -> Any:
        self._core.fail()
        return self._real.infer(**how)


def on_a_gpu(folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int | None) -> tuple[Core, Network]:
    core = Core(failing)
    monkeypatch.setattr("homeroom.models.compiled.ov.Core", lambda: core)
    return core, Network(*echo(folder), Input(64, 32), Compute("GPU", "f32"))


def test_a_device_that_cannot_compile_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core, network = on_a_gpu(tmp_path, monkeypatch, None)
    assert network.degraded == "device GPU cannot compile it (no driver for this GPU), so it computes on the CPU"
    assert core.compiled == ["GPU", "CPU"]


def test_a_device_that_goes_away_is_replaced_once_for_all_threads_and_no_picture_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, network = on_a_gpu(tmp_path, monkeypatch, 0)
    one, other = network.request(), network.request()
    assert one(flat(50))["picture"].mean() == pytest.approx(50, abs=2)
    assert network.degraded == ""
    core._failing = 1000
    for request, level in ((one, 60), (other, 70), (one, 80), (other, 90)):
        assert request(flat(level))["picture"].mean() == pytest.approx(level, abs=2)
    assert network.degraded == "device GPU failed (the GPU is gone), so it computes on the CPU"
    assert core.compiled == ["GPU", "CPU"]
    assert core._failing == 998, "each request failed once"


def test_a_cpu_that_fails_is_an_error_and_no_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core, network = on_a_gpu(tmp_path, monkeypatch, 1)
    request = network.request()
    request(flat(50))
    assert core._failing == 0
    with pytest.raises(Unavailable, match="the network fails on the CPU: gone too"):
        network.compiled.without(network.compiled.now(), RuntimeError("gone too"))


def test_auto_finds_a_device(tmp_path: Path) -> None:
    assert Network(*echo(tmp_path), Input(64, 32)).request()(flat(128))["picture"].mean() == pytest.approx(128, abs=2)


def test_a_file_that_is_no_network_is_refused_in_one_line(tmp_path: Path) -> None:
    xml = tmp_path / "net.xml"
    xml.write_text("<net/>", "utf-8")
    (tmp_path / "net.bin").write_bytes(b"")
    with pytest.raises(BadInput, match="OpenVINO cannot read this network") as caught:
        Network(xml, tmp_path / "net.bin", Input(64, 32), CPU)
    assert "\n" not in str(caught.value)


def test_weights_that_are_too_short_are_refused(tmp_path: Path) -> None:
    files = small_net(tmp_path)
    files["bin"].write_bytes(files["bin"].read_bytes()[:-8])
    with pytest.raises(BadInput, match="OpenVINO cannot read this network"):
        Network(files["xml"], files["bin"], Input(64, 32), CPU)


def test_a_network_with_a_free_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="shape that is not fixed"):
        Network(*echo(tmp_path, [1, -1, -1, 3]), Input(64, 32), CPU)


def test_compiled_networks_are_kept_where_asked(tmp_path: Path) -> None:
    Network(*echo(tmp_path), Input(64, 32), Compute("CPU", "f32", tmp_path / "compiled"))
    assert list((tmp_path / "compiled").iterdir())


def test_openvino_phones_nobody() -> None:
    said = (
        "import sys, homeroom.models.network\n"
        "from openvino.tools.ovc import telemetry_utils\n"
        "assert sys.modules['openvino_telemetry'] is None\n"
        "print(telemetry_utils.tm.__name__)"
    )
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "openvino.tools.ovc.telemetry_stub"
