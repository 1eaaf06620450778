import numpy as np
import pytest

from models.errors import ModelError
from models.inference.onnx_arrays import float_arrays
from tests.fakes.models.onnx_file import FLOAT32, INT64, message, model, tensor, varint, whole


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.onnx"


WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_arrays_of_float32_are_read_by_name(path, raw, packed):
    path.write_bytes(model(tensor("net.weight", WEIGHT, raw=raw, packed=packed)))
    np.testing.assert_array_equal(float_arrays(path)["net.weight"], WEIGHT)


def test_other_names_and_types_are_left_out(path):
    shape = tensor("net.shape", np.array([2, 3]), kind=INT64)
    path.write_bytes(model(tensor("net.weight", WEIGHT), shape, tensor("other", WEIGHT)))
    assert list(float_arrays(path, "net.")) == ["net.weight"]


def test_a_file_that_is_cut_off_is_one_clear_error(path):
    whole_file = model(tensor("net.weight", WEIGHT))
    for cut in range(len(model()), len(whole_file)):
        path.write_bytes(whole_file[:cut])
        with pytest.raises(ModelError, match="is not an ONNX file"):
            float_arrays(path)


def test_a_file_that_is_no_model_is_one_clear_error(path):
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(ModelError, match="is not an ONNX file"):
        float_arrays(path)


def test_sizes_that_do_not_fit_are_an_error(path):
    dims = message(1, varint(2) + varint(3)) + whole(2, FLOAT32) + message(8, b"net.weight")
    path.write_bytes(model(dims + message(9, WEIGHT.tobytes()[:-4])))
    with pytest.raises(ModelError, match="is not an ONNX file"):
        float_arrays(path)


def test_a_missing_file_is_an_error(path):
    with pytest.raises(ModelError, match="cannot be read"):
        float_arrays(path)
