"""The gallery: an averaged motion of each class, and the demo source that plays them.

- `averaging`: averages the recordings of each class into an exemplar when a model is trained.
- `exemplars`: loads the exemplars that are stored beside a model.
- `demo_source`: plays them as a source, `demo:`, so that nobody's recording has to be shipped.
"""
