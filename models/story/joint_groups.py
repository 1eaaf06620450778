"""The joint groups of units, under the name that the story uses."""

from __future__ import annotations

from models.unit_groups import CARRIED, JointGroup, joint_groups

__all__ = ["CARRIED", "JointGroup", "joint_groups"]
