"""Data sets: recordings become labelled pieces, and streams get training targets.

- `pieces`: `Piece`, a labelled stretch of motion, and the reader of `.npz` clip sets.
- `active_span`: finds the part of a recording in which something happens.
- `own_files`, `own_recordings`: a user's own recordings, one folder for each class.
- `actors`: finds the people in a recording and ranks them by motion.
- `targets`: the label and the weight of each prediction of a training stream.

To add a data set in the form of an `.npz` clip set, give its classes their labels in
`models/labels.py` and add it to a recipe in `models/training/recipes.py`. If its clips begin and
end at rest, also name it in `RESTS_AT_ENDS` in `pieces.py`. A data set in another form needs a
function that returns its `Piece` list. A new file format belongs in `sensor/formats`.
"""
