"""A shot rendered with Cycles on the CPU: the picture, whose each pixel is, and rays through the scene. Needs `bpy`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import cv2
import mathutils
import numpy as np

from ..human.kinds import Array, Part
from ..human.mesh import joined
from . import furniture, portraits
from .camera import Camera
from .kinds import Lamp, Pixels, Region, Shot
from .truth import Placed

ROUGH = {
    "skin": 0.5,
    "hair": 0.45,
    "cloth": 0.9,
    "leather": 0.5,
    "glass": 0.1,
    "paper": 0.9,
    "plastic": 0.4,
    "eye": 0.1,
}


class Scene:
    """A built shot; one at a time, as Blender holds one."""

    def __init__(self, shot: Shot, bodies: Iterable[Placed], threads: int) -> None:
        self._shot = shot
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene = scene = bpy.context.scene
        scene.render.engine = "CYCLES"
        scene.cycles.device = "CPU"
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
        scene.render.use_crop_to_border = True
        # Blender writes a chunk of PNG twice, of which libpng complains for each picture
        scene.render.image_settings.file_format = "BMP"
        self._materials = {name: _surface(name, rough) for name, rough in ROUGH.items()}
        room = [p for thing in shot.things for p in furniture.parts(thing)]
        for p in furniture.joined_by_material([p for p in room if p.name != furniture.SKY]):
            self._add(p, 0, smooth=False)
        panes = [p for p in room if p.name == furniture.SKY]
        if panes:
            self._add(joined(furniture.SKY, panes), 0, smooth=False).data.materials[0] = _shining(
                shot.look.sky, 6 * shot.look.sky_strength
            )
        for portrait in shot.portraits:
            for p in furniture.joined_by_material(portraits.parts(portrait)):
                self._add(p, 0, smooth=False)
        self._people: dict[int, list[bpy.types.Object]] = {}
        for number, placed in enumerate(bodies, 1):
            self.put(number, placed)
        for lamp in shot.lamps:
            _hang(lamp)
        _world(scene, shot)
        self.look(shot.camera)

    def put(self, number: int, placed: Placed) -> None:
        """Puts a person there, in the place of what had that number."""
        for gone in self._people.get(number, ()):
            bpy.data.meshes.remove(gone.data)  # its object goes with it
        self._people[number] = [
            *(self._add(p, number, smooth=True) for p in furniture.joined_by_material(placed.own)),
            *(self._add(p, 0, smooth=False) for p in furniture.joined_by_material(placed.things)),
        ]

    def look(self, camera: Camera) -> None:
        """Looks through this camera from now on."""
        self._eye = camera
        data = bpy.data.cameras.new("camera")
        made = bpy.data.objects.new("camera", data)
        data.sensor_width, data.lens = 36, 18 / np.tan(np.radians(camera.view) / 2)
        data.clip_start = 0.05
        at = np.eye(4)
        at[:3, :3], at[:3, 3] = camera.axes, camera.place
        made.matrix_world = mathutils.Matrix(at.tolist())
        bpy.context.collection.objects.link(made)
        if self._scene.camera:
            bpy.data.cameras.remove(self._scene.camera.data)
        self._scene.camera = made
        self._scene.render.resolution_x, self._scene.render.resolution_y = camera.width, camera.height

    def picture(self, region: Region | None = None) -> tuple[Pixels, Pixels]:
        """The picture as rendered, BGR; and for each pixel the number of the person seen there, from 1 on; 0 elsewhere.

        Of a region, where one is given. Both of one run.
        """
        scene, look = self._scene, self._shot.look
        scene.cycles.samples, scene.cycles.use_denoising = look.samples, look.denoise
        scene.cycles.denoising_prefilter = "FAST"  # half of the whole cost otherwise; the sensor's grain hides it
        scene.cycles.max_bounces = 4
        scene.cycles.use_light_tree = scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
        scene.cycles.seed = self._shot.seed % 2**31
        scene.view_settings.view_transform, scene.view_settings.exposure = look.view, look.exposure
        self._border(region)
        with TemporaryDirectory() as folder, _silent():
            scene.render.filepath = str(Path(folder, "picture.bmp"))
            _numbers_too(scene, Path(folder))
            bpy.ops.render.render(write_still=True)
            picture = np.asarray(cv2.imread(scene.render.filepath), np.uint8)
            (numbers,) = Path(folder).glob("*.exr")
            return picture, _pixels(numbers)

    def hit(self, towards: Array) -> Array | None:
        """Where a ray from the camera towards a point (3,) meets something first; None where nothing is."""
        start = np.asarray(self._eye.place)
        ray = mathutils.Vector(np.subtract(towards, start)).normalized()
        graph = bpy.context.evaluated_depsgraph_get()
        found, where, *_ = self._scene.ray_cast(graph, mathutils.Vector(start), ray)
        return np.array(where) if found else None

    def _add(self, p: Part, number: int, *, smooth: bool) -> bpy.types.Object:
        mesh = bpy.data.meshes.new(p.name)
        mesh.vertices.add(len(p.vertices))
        mesh.vertices.foreach_set("co", p.vertices.ravel())
        mesh.loops.add(p.faces.size)
        mesh.loops.foreach_set("vertex_index", p.faces.ravel())
        mesh.polygons.add(len(p.faces))
        mesh.polygons.foreach_set("loop_start", np.arange(len(p.faces), dtype=np.int32) * 3)
        mesh.polygons.foreach_set("use_smooth", np.full(len(p.faces), smooth))
        colors = mesh.color_attributes.new("Col", "FLOAT_COLOR", "POINT")
        colors.data.foreach_set("color", np.c_[p.colors, np.ones(len(p.colors))].astype(np.float32).ravel())
        mesh.update(calc_edges=True)
        mesh.materials.append(self._materials[p.material])
        made = bpy.data.objects.new(p.name, mesh)
        made.pass_index = number
        bpy.context.collection.objects.link(made)
        return made

    def _border(self, region: Region | None) -> None:
        """Renders this region from now on, or all."""
        render, (w, h) = self._scene.render, (self._eye.width, self._eye.height)
        render.use_border = region is not None
        left, top, right, bottom = region or (0, 0, w, h)
        # a quarter of a pixel more: Blender cuts what is less than whole off
        render.border_min_x, render.border_max_x = (left + 0.25) / w, (right + 0.25) / w
        render.border_min_y, render.border_max_y = (h - bottom + 0.25) / h, (h - top + 0.25) / h


def _surface(name: str, rough: float) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree
    surface = nodes.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = rough
    color = nodes.nodes.new("ShaderNodeVertexColor")
    color.layer_name = "Col"
    nodes.links.new(color.outputs["Color"], surface.inputs["Base Color"])
    return made


def _shining(color: tuple[float, float, float], strength: float) -> bpy.types.Material:
    made = bpy.data.materials.new("sky")
    made.cycles.emission_sampling = "NONE"  # thousands of lamps otherwise; the ones behind the panes light the room
    made.use_nodes = True
    nodes = made.node_tree
    nodes.nodes.clear()
    out, light = nodes.nodes.new("ShaderNodeOutputMaterial"), nodes.nodes.new("ShaderNodeEmission")
    light.inputs["Color"].default_value, light.inputs["Strength"].default_value = (*color, 1), strength
    nodes.links.new(light.outputs[0], out.inputs["Surface"])
    return made


def _numbers_too(scene: bpy.types.Scene, folder: Path) -> None:
    """Has a run write the numbers of what is seen beside the picture: floats, as no other format keeps them."""
    bpy.context.view_layer.use_pass_object_index = True
    scene.use_nodes = True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    layers, whole = nodes.new("CompositorNodeRLayers"), nodes.new("CompositorNodeComposite")
    numbers = nodes.new("CompositorNodeOutputFile")
    numbers.base_path = str(folder)
    numbers.format.file_format, numbers.format.color_depth = "OPEN_EXR", "32"
    links.new(layers.outputs["Image"], whole.inputs["Image"])
    links.new(layers.outputs["IndexOB"], numbers.inputs[0])


def _pixels(path: Path) -> Pixels:
    """The first channel of a picture that Blender wrote, whole numbers, the top row first."""
    image = bpy.data.images.load(str(path))
    width, height = image.size
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    rows = values.reshape(height, width, -1)[::-1, :, 0]
    return np.ascontiguousarray(rows.round().astype(np.uint8))


def _hang(lamp: Lamp) -> None:
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.color = lamp.watts, lamp.color
    data.shape, data.size, data.size_y = "RECTANGLE", *lamp.size
    made = bpy.data.objects.new("lamp", data)
    made.location = lamp.place
    made.rotation_euler = (np.radians(-lamp.tilt), 0, np.radians(lamp.turn))
    bpy.context.collection.objects.link(made)


def _world(scene: bpy.types.Scene, shot: Shot) -> None:
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    node = world.node_tree.nodes["Background"]
    node.inputs[0].default_value = (*shot.look.sky, 1)
    node.inputs[1].default_value = shot.look.sky_strength


@contextmanager
def _silent() -> Iterator[None]:
    """Blender writes a line for each tile to the standard output, past Python."""
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
