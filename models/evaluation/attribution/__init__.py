"""Judges explanations: how faithful the relevance is that a model serves, beside other methods.

- `samples`: the clips that are explained, as windows with their labels
- `methods`: scores of joints and moments by the served relevance, motion energy and chance
- `network`, `gradients`: scores that need the network in torch
- `removal`, `areas`: removes joints and moments in the order of their scores
- `shapley`, `agreement`, `distractors`, `limbs`: further tests of the served relevance
- `findings`: figures with intervals, and their targets
- `judging`, `protocol`: the protocol `explanations`

Scores are float64 (N, T / 4, 18): N windows, moments of four frames, joints of `JOINTS_USED`.
"""
