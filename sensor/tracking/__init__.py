"""Tracks people from frame to frame: identity, outlier rejection and resampling.

The steps run in this order on every frame of a stream:

  identity    `IdentityTracker` gives each body an id that lasts; it uses `track` (the state of one
              person), `proportions` (body lengths) and `crossing` (two people who meet and part)
  outliers    `OutlierFilter` marks joints that cannot be right as missing; `joint_acceptance`
              judges them by speed and learnt bones, `bone_check` by the bones of a single frame
  resampling  `Resampler` brings uneven frames to the model's even rate

`batched` does the same for many streams at once, as rows of arrays (`rows`, `outlier_rows`), for
people who are alone in view. `plausibility` tells whether bodies can be people at all, or whether
the axes or the unit of their coordinates are wrong.
"""
