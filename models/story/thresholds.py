"""All thresholds of the story, in one place. Chosen by hand on the averaged motions.

Metres are those of a body with a torso of 0.48 m, as `models.features` scales it.
"""

from __future__ import annotations

SMOOTHED_S = 0.1
"""Places are averaged over this time before speeds are measured."""
LEAD_S = 0.7
"""A movement may begin this long before the estimated start of its action."""

MOVES_M_S = 0.3
"""A part moves while its end is at least this fast."""
GAP_S = 0.4
"""Shorter pauses do not divide a movement."""
LEAST_PATH_M = 0.15
"""A part with a shorter path is still."""
LEAST_STROKE_M = 0.08
"""A shorter stroke is not told."""
CORNER_DEGREES = 80.0
"""A stroke ends where its direction changes by this within `CORNER_S` before and after."""
CORNER_S = 0.13
STANDS = 0.5
"""A foot stands if it moves in the room by less than this share of its motion from the hip."""

RAISED_M = 0.12
"""A limb that gains this height, or a body that gains or loses it, is raised or lowered."""
STEEP = 0.6
"""The least share of a stroke that goes up or down, for raise and lower."""
STEEP_BODY = 0.4
"""The same for the whole body: people who sit down also move backwards."""
BENT_DEGREES = 40.0
"""A change of the elbow or knee that is told as bending or extending."""
TILTED_DEGREES = 15.0
"""A change of the trunk's angle to the vertical that is told as bending or extending."""
HINGE_M = 0.16
"""Elbow or knee move less than this if a limb only bends or extends."""
SWUNG_DEGREES = 25.0
"""A limb swings if its direction turns by at least this; otherwise it is translated."""
REVERSED_DEGREES = 120.0
"""Strokes with at least this angle between them go back and forth."""
SWINGS = 3
"""At least this many strokes back and forth are one swing."""
CIRCLE_DEGREES = 330.0
"""A path circles if it turns by at least this about its middle."""
CIRCLE_PATH_M = 0.8
"""A circle's path is at least this long."""
AWAY_M = 0.2
"""A circle begins and ends this far from where its limb began and ended to move."""
CIRCLE_ROUND = 0.4
"""The least ratio of the smaller to the larger width of a circle."""
CIRCLE_HOLLOW = 0.6
"""The least ratio of the nearest tenth of a circle to its mean radius."""
CIRCLE_ONE_WAY = 0.9
"""The least share of a circle's turns that goes round the same way."""

SPOKEN_SHARE = 0.08
"""Only parts with at least this share of the positive relevance are spoken of."""
WITH_PARTNER = 0.4
"""One arm or leg is told together with the other, if it moves alike, from this much of the other's
share."""
SPOKEN_OF_BEST = 0.25
"""A part needs this much of the largest part's relevance."""
SPOKEN_PATH = 0.5
"""One arm or leg needs this much of the other's path."""
TOGETHER = 0.5
"""Movements that share this much of the shorter one are told as one time."""
MIRRORED = 0.8
"""Two limbs move alike if the cosine between one and the mirrored other is at least this."""
MOST_CLAUSES = 3
"""At most this many movements are told."""
DECIDES = 0.15
"""A joint with a larger share of the positive relevance is named as deciding."""
STILL_SHARE = 0.25
"""A part that does not move is spoken of from this share on, unless the reference is the mean pose,
against which stillness cannot count."""
AT_ONCE_S = 0.3
"""The time of a shorter movement is told as one moment."""
STARTS_TOGETHER_S = 0.3
"""Overlapping movements that start within this time are told as one time."""
