"""Writing an ONNX graph node by node, where the form of each operator decides its speed."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 18, 9
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class GraphWriter:
    """Nodes, constants and the graph's ends, one after another, each named by what it is."""

    def __init__(self) -> None:
        self._nodes: dict[str, Any] = {}
        self._constants: dict[str, Any] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """An array under a name; the first of a name stays."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def sizes(self, *sizes: int) -> str:
        """Sizes or axes as a constant, int64."""
        return self.constant("sizes_" + "_".join(map(str, sizes)), np.array(sizes, np.int64))

    def node(self, kind: str, name: str, *inputs: str, **attributes: Any) -> str:
        """An operator with one output of the operator's own name, which it returns."""
        self._nodes[name] = helper.make_node(kind, inputs, [name], name, **attributes)
        return name

    def split(self, names: list[str], x: str, counts: list[int]) -> None:
        """The columns of a matrix, so many to each name."""
        self._nodes[x + "_split"] = helper.make_node(
            "Split", [x, self.sizes(*counts)], names, x + "_split", axis=1
        )

    def given(self, name: str, kind: int, *shape: int | str) -> str:
        """An input of the graph."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def gives(self, name: str, *shape: int | str) -> None:
        """An output of the graph, float32."""
        self._outputs.append(helper.make_tensor_value_info(name, FLOAT, shape))

    def model(self, title: str, notes: dict[str, str]) -> Any:
        """The model, checked, with notes that a session can read."""
        constants = list(self._constants.values())
        graph = helper.make_graph(
            list(self._nodes.values()), title, self._inputs, self._outputs, constants
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        helper.set_model_props(model, notes)
        onnx.checker.check_model(model)
        return model
