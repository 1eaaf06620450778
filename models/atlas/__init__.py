"""The atlas of a model: what each filter of its first layer looks for, in pictures and numbers.

- `entries`: the atlas and its units, as they are served and stored.
- `body_plan`, `standing_poses`: the joints, bones and channels of a model, and a pose to draw.
- `filters`: a filter as a displaced pose and as velocities.
- `motions`: the averaged motions of the classes, as the model reads them.
- `excitation`: the moments of these motions that excite a unit most.
- `class_shares`: the classes that a unit speaks for and against.
- `making`: puts all of it together.

`docs/explanations.md` defines the numbers and says what they do not mean.
"""
