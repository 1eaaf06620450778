"""Data sets: recordings become labelled pieces, and streams get training targets.

- `pieces`: `Piece`, a labelled stretch of motion, and the reader of `.npz` clip sets.
- `clip_labels`: labels the frames of one clip, by its data set.
- `active_span`: finds the part of a recording in which something happens.
- `room_motion`: finds walking, jumps, kicks and sitting of people who move freely.
- `hands`: places hands that were not measured.
- `own_files`, `own_recordings`: a user's own recordings, one folder for each class.
- `actors`: finds the people in a recording and ranks them by motion.
- `targets`: the label and the weight of each prediction of a training stream.

To add a data set in the form of an `.npz` clip set, give its classes their labels in
`models/labels.py` and add it to a recipe in `models/training/recipes.py`. If its clips do
not show their action from end to end, add a rule to `clip_labels.py`. A data set in another form
needs a function that returns its `Piece` list. A new file format belongs in `sensor/formats`.
"""
