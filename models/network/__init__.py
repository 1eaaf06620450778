"""The Res-TCN in torch, its relevance, and its export to ONNX."""
