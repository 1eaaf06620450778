"""Training augmentation: recorded motions are varied, and streams are composed from them."""
