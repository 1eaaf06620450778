"""Training: recipes, configuration, the loop, threshold tuning and the model folder."""
