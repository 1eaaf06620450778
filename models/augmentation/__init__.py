"""Augmentation: varies recorded motions, and composes training streams from them.

A batch is made in this order:

- `stream_composer`: strings motions, rests and transitions together into a stream of one person.
- `variants`: draws one motion. It changes speed, repeats cycles, scales detail, and uses
  `repetition`, `blending` (with another person's performance) and `limbs` (of other people).
- `idle`: motion without a name (swaying, fidgeting, steps), labelled background.
- `bodies`: gives the finished streams other bodies, camera views and sensor noise.
- `settings`: `Variation`, with the strength of each augmentation.

For measuring and for the choice of thresholds:

- `continuous_streams`: one person acts, rests, turns, walks about and does unknown things.
- `validation_streams`: such streams of validation people. `walking`: walks of any length.

To add an augmentation, add its strength to `Variation` and call it in `variants.py` if it changes
one motion, in `stream_composer.py` if it changes a stream, in `bodies.py` if it changes the body or
the sensor. Draw random numbers only from the generator that is passed in: a seed determines its
batch, so a new draw changes all later draws, and a repeated training no longer gives the same
model.
"""
