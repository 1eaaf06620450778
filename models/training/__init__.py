"""Trains a model: recordings become a model folder.

- `config`: every setting of a training run. Change the defaults here.
- `recipes`: which people of which data sets a model learns from and is tested on.
- `recipe_training`, `own_training`: the `train` command, for recipes and for own recordings.
- `stream_training`: batches of composed streams, and the model folder that follows.
- `run`: one training step: loss, optimiser, averaged weights. Change the optimiser here.
- `loop`: runs the steps, validates, saves, and stops at Ctrl-C.
- `run_folder`: the files of a run: configuration, checkpoint, learning curve.
- `hardware`: devices and precision.
- `tuning`: temperature and thresholds, chosen on validation people.
- `model_folder`: exports the network and writes its card.

Augmentations are in `models.augmentation`, the network in `models.network`.
"""
