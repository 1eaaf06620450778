"""Scores that compare predictions and actions with labels.

- `scores`: score functions of arrays and label sequences, numpy only
- `answers`: the types that scores and reports share
- `live_scoring`: starts of actions in a labelled stream: found, wrong, false, and their delays
- `frame_labels`: true and predicted labels of each frame, frame accuracy and segment F1
- `clip_answers`: a model's logits at the end of whole clips

To add a score, write a function in `scores.py` and add its result to a protocol's figures.
Nothing here imports `models.evaluation` or `models.training`.
"""
