"""Turns frames into predictions and actions, and data into models.

From data to a model:

- `datasets`: reads recordings into labelled pieces, and builds training targets.
- `augmentation`: varies recorded motions and composes training streams from them.
- `synthesis`: makes gestures by inverse kinematics, for training beside recorded ones.
- `network`: the Res-TCN and its exact relevance, in PyTorch, and their export to ONNX.
- `training`: recipes, the training loop, and the choice of temperature and thresholds.
- `public_sets`: NTU RGB+D, NW-UCLA, MSR-Action3D and SBU with their own recipes.
- `evaluation`, `scoring`: protocols with held-out subjects, and the scores they report.

From frames to actions:

- `inference`: runs a model in ONNX Runtime, without PyTorch.
- `live`: windows, predictions, decisions and actions of a stream, without I/O.
- `gallery`: an averaged motion of each class, and the demo source that plays them.

`features` turns skeletons into network input, the same way in training and live, relative to the
origin, facing and size of `feature_state`. `labels` gives the same motion in several data sets one
name. `acting_limbs` lists the limbs that carry each action. `card` describes a model to its
readers. This package imports `sensor`, never `service`.
"""
