"""Model folders for the atlas: a model of two people without a graph, and few motions."""

import shutil
from hashlib import sha256

import msgspec
import numpy as np

from models.card import DEFAULT_MODEL, EXEMPLARS_FILE, MODEL_FILE, load_card, save_card
from models.public_sets.clip_coordinates import CoordinateSettings, channels_per_joint
from models.public_sets.clip_model import InputSettings, save_input_settings
from models.public_sets.pair_coordinates import PAIR
from tests.fakes.models.onnx_file import model, tensor


def pair_folder(folder, kinds=("place", "speed"), units=4):
    """A folder of a model of two people whose file holds only the first layer."""
    width = len(PAIR.joints) * channels_per_joint(PAIR, kinds)
    rng = np.random.default_rng(5)
    shapes = {"weight": (units, width, 8), "motion": (units, width, 8), "bias": (units,)}
    stem = {name: rng.normal(size=shape).astype("<f4") for name, shape in shapes.items()}
    data = model(*(tensor(f"network.stem.{name}", array) for name, array in stem.items()))
    (folder / MODEL_FILE).write_bytes(data)
    card = msgspec.structs.replace(
        load_card(DEFAULT_MODEL),
        id="pair",
        layout="SBU",
        joints_used=list(PAIR.joints),
        actors=2,
        rate_hz=15.0,
        sha256=sha256(data).hexdigest(),
        explain_sha256="",
    )
    save_card(card, folder)
    save_input_settings(InputSettings("sbu", "pair", kinds, 15.0, CoordinateSettings()), folder)
    return folder


def few_motions(folder, count=2):
    """The shipped model with its first `count` averaged motions."""
    shutil.copytree(DEFAULT_MODEL, folder, dirs_exist_ok=True)
    with np.load(folder / EXEMPLARS_FILE) as data:
        labels, start, joints = data["labels"], data["start"], data["joints_m"]
    kept = {
        "labels": labels[:count],
        "start": start[: count + 1],
        "joints_m": joints[: start[count]],
    }
    np.savez(folder / EXEMPLARS_FILE, **kept)
    return folder
