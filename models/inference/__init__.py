"""Runs an exported model with ONNX Runtime. Nothing here imports torch.

- `recognizer`: `Recognizer` classifies whole windows and explains them.
- `stepper`: `Stepper` takes four new frames of many streams and carries their past.
- `window_stepper`: the `Steps` protocol, and the same steps for a model without a step form.
- `memory`: gives each stream a row in the arrays that carry its past.
- `onnx_session`: opens sessions. Change the device or the session options here.
"""
