import paddle
import pytest


def test_any_version_up_to_1_8_is_met(fluid):
    for version in ("1.6", "1.7.0", "1.8.5"):
        fluid.require_version(version)
    with pytest.raises(ValueError, match=r"requires 2\.0"):
        fluid.require_version("2.0.0")
    with pytest.raises(TypeError, match="must be a string"):
        fluid.require_version(1.7)


def test_types_and_places_have_fluid_s_names(fluid):
    assert fluid.layers.ones([1], "float32").dtype == fluid.core.VarDesc.VarType.FP32
    assert [str(place) for place in fluid.cpu_places(2)] == ["Place(cpu)"] * 2
    assert fluid.core.get_cuda_device_count() == (
        paddle.device.cuda.device_count() if fluid.is_compiled_with_cuda() else 0
    )
    assert fluid.in_dygraph_mode()


def test_attention_of_one_key_is_its_value(fluid):
    query, key = fluid.layers.ones([1, 2, 4], "float32"), fluid.layers.ones([1, 1, 4], "float32")
    value = fluid.layers.fill_constant([1, 1, 4], "float32", 3.0)
    assert (fluid.nets.scaled_dot_product_attention(query, key, value, num_heads=2).numpy() == 3).all()
    assert fluid.nets.glu(fluid.layers.zeros([1, 4], "float32")).shape == [1, 2]


def test_a_profiler_prints_times_and_writes_nothing(fluid, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with fluid.profiler.profiler("CPU"):
        fluid.layers.ones([1], "float32")
    assert "Overview Summary" in capfd.readouterr().out
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="start_profiler"):
        fluid.profiler.stop_profiler()


def test_checks_of_arguments_name_the_argument(fluid):
    from paddle.fluid.data_feeder import check_type, check_variable_and_dtype, convert_dtype

    with pytest.raises(TypeError, match="x of relu must be"):
        check_type(1, "x", str, "relu")
    with pytest.raises(TypeError, match="got int64"):
        check_variable_and_dtype(fluid.layers.ones([1], "int64"), "x", ["float32"], "relu")
    assert convert_dtype(paddle.float32) == convert_dtype("float32") == "float32"


def test_decorated_functions_keep_their_names():
    from paddle.fluid.wrapped_decorator import signature_safe_contextmanager, wrap_decorator

    @wrap_decorator
    def twice(function):
        return lambda *args: 2 * function(*args)

    @twice
    def add(a, b):
        return a + b

    @signature_safe_contextmanager
    def context():
        yield 1

    with context() as value:
        assert (add(1, 2), add.__name__, value) == (6, "add", 1)
