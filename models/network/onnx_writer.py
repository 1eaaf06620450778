"""Writes an ONNX graph node by node, for graphs whose speed depends on the exact operators."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 18, 9
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class GraphWriter:
    """Collects nodes, constants, inputs and outputs, and builds the model from them.

    Values are referred to by name. Each method that adds a value returns its name.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Any] = {}
        self._constants: dict[str, Any] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add a constant array. A name that is already taken keeps its first array."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def sizes(self, *sizes: int) -> str:
        """Add sizes or axes as an int64 constant."""
        return self.constant("sizes_" + "_".join(map(str, sizes)), np.array(sizes, np.int64))

    def node(self, kind: str, name: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator with one output, which has the name of the operator."""
        self._nodes[name] = helper.make_node(kind, inputs, [name], name, **attributes)
        return name

    def split(self, names: list[str], x: str, counts: list[int]) -> None:
        """Split the columns of a matrix; `counts` are the numbers of columns of each name."""
        self._nodes[x + "_split"] = helper.make_node(
            "Split", [x, self.sizes(*counts)], names, x + "_split", axis=1
        )

    def graph_input(self, name: str, kind: int, *shape: int | str) -> str:
        """Add an input of the graph."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def graph_output(self, name: str, *shape: int | str) -> None:
        """Declare a float32 value as an output of the graph."""
        self._outputs.append(helper.make_tensor_value_info(name, FLOAT, shape))

    def model(self, title: str, notes: dict[str, str]) -> Any:
        """Build and check the model. `notes` become metadata that an ONNX session can read."""
        constants = list(self._constants.values())
        graph = helper.make_graph(
            list(self._nodes.values()), title, self._inputs, self._outputs, constants
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        helper.set_model_props(model, notes)
        onnx.checker.check_model(model)
        return model
