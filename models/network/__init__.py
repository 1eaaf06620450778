"""The Res-TCN in torch, its relevance, and its export to ONNX. Only training needs this folder.

- `res_tcn`: the network, read from top to bottom. Change the architecture here.
- `readability`: how many joints carry each filter of the first layer, and a step towards fewer.
- `multipliers`: carries a logit back through the network. A new layer needs its multiplier here.
- `relevance`: the exact split of a logit over joints and time.
- `readings`: the same split over inputs, first-layer units and `depth`; `whole_body` is its part
  that comes from the motion of the hips; `parts` cuts the way from the reference to the window.
- `onnx_export`: writes `model.onnx`, which answers one window and explains it, and `explain.onnx`,
  the readings. `onnx_weights` reads a network back from `model.onnx`.
- `step_graph`, `step_layers`: write `step.onnx` and `still.onnx`, which take four new frames and
  keep the past. A change of the network's layers needs the same change here.
- `ring_buffers`: the memory layout of the step graph.
- `onnx_writer`: builds an ONNX graph node by node.
"""
