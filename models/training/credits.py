"""The title, the citation and the terms of use of each data set, for the cards of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.card import DataCredit, ModelCard
from models.labels import CMU, FALLS, KINDER, PRECOG, UI_PRMD, UTD

CREDITS = {
    UTD: (
        "UTD-MHAD",
        "C. Chen, R. Jafari, N. Kehtarnavaz, UTD-MHAD: A Multimodal Dataset for Human Action "
        "Recognition Utilizing a Depth Camera and a Wearable Inertial Sensor, ICIP 2015",
        "called a public domain dataset by its paper",
    ),
    PRECOG: (
        "PRECOG 2016",
        "continuous streams of punches and kicks, Kinect skeletons, 2016",
        "MIT",
    ),
    UI_PRMD: (
        "UI-PRMD",
        "A. Vakanski, H. Jun, D. Paul, R. Baker, A Data Set of Human Body Movements for Physical "
        "Rehabilitation Exercises, Data 3(1), 2018",
        "Open Data Commons Public Domain Dedication and License (PDDL) 1.0",
    ),
    CMU: (
        "CMU motion capture",
        "CMU Graphics Lab Motion Capture Database, mocap.cs.cmu.edu, created with funding from "
        "NSF EIA-0196217; parts of it",
        "free for all uses, the data itself not to be resold",
    ),
    KINDER: (
        "Kinder-Gator",
        "A. Aloba, G. Flores, J. Woodward, A. Shaw, A. Castonguay, I. Cuba, Y. Dong, E. Jain, "
        "L. Anthony, Kinder-Gator: The UF Kinect Database of Child and Adult Motion, "
        "Eurographics 2018",
        "published for use in animation and whole-body recognition and interaction",
    ),
    FALLS: (
        "Simulated falls",
        "falls of simulated bodies after real motions of other data sets; no recorded falls. "
        "People are numbers of body shapes",
        "part of Jointwise",
    ),
}
"""The title, the citation and the terms of use of each data set."""


def data_credits(people: Mapping[str, list[int]]) -> list[DataCredit]:
    """The credits of a model that learnt from these people, for its card."""
    return [
        DataCredit(CREDITS[name][0], who, CREDITS[name][1], CREDITS[name][2])
        for name, who in people.items()
    ]


def learnt_from(card: ModelCard, data_set: str, people: Sequence[int]) -> tuple[int, ...]:
    """Which of `people` of a data set a model learnt from."""
    learnt = {who for c in card.trained_on if c.name == CREDITS[data_set][0] for who in c.people}
    return tuple(sorted(learnt.intersection(people)))
