"""The exported model on ONNX Runtime: whole windows and single steps. No torch."""
