"""Public data sets that need a network or a recipe of their own.

NTU RGB+D, with the network as published (`jointwise train ntu60-cs`):

- `ntu_split`: the published training and test parts. Add an NTU protocol here.
- `ntu_actors`, `ntu_pack`: read `.skeleton` files into one memory-mapped file.
- `ntu_config`, `ntu_batches`, `ntu_training`: settings, batches and training.
- `ntu_model`: the model folder.

NW-UCLA, MSR-Action3D and SBU, with the served network on whole clips:

- `clip_recipes`: the parts and the settings of each set. Add a recipe here.
- `clip_data`: reads the files. Add a data set here.
- `clip_coordinates`, `pair_coordinates`: joints to network input, for one person and for two.
- `clip_batches`, `clip_training`: augmentation, batches and training.
- `clip_model`: the trained model on ONNX Runtime, without torch.
"""
