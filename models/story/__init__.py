"""Tells why an action got its label: unit tracks, measured motion and one or two sentences.

No torch: serving needs numpy and ONNX Runtime only.
"""
