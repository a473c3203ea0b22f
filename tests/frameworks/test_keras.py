"""Keras' vocabulary: from its configs to kinds and back."""

import pytest

from paramdesk.engine.architecture import Layer
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.kinds.convolution import Conv2D
from paramdesk.engine.kinds.core import Dense, Input
from paramdesk.engine.kinds.padding import ZeroPadding2D
from paramdesk.engine.layer_kind import kinds
from paramdesk.frameworks.keras import class_name_of, config_of, kind_named, read_layer
from paramdesk.frameworks.old_keras import modernized
from tests.helpers.keras_reference import cases, model

KERAS_KINDS = [kind for kind in kinds().values() if kind.names_in("keras") and not kind.is_foreign]


def layer(kind, **fields):
    return Layer(id=0, name="it", kind=kind, **fields)


def message(class_name, config):
    with pytest.raises(InvalidOptions) as caught:
        read_layer(class_name, config)
    return caught.value.message


@pytest.mark.parametrize("kind", KERAS_KINDS, ids=lambda kind: kind.title())
def test_that_what_the_palette_proposes_survives_the_way_to_keras_and_back(kind):
    proposed = kind.preset()
    read = read_layer(class_name_of(proposed), config_of(layer(proposed)))
    assert (read.kind, read.name, read.trainable) == (proposed, "it", True)


def test_that_every_layer_of_the_reference_survives_the_way_back():
    for case in (case for name in cases() for case in cases()[name] if "error" not in case):
        if case["class_name"] not in {name for kind in KERAS_KINDS for name in kind.spellings["keras"]}:
            continue
        read = read_layer(case["class_name"], case["config"])
        config = config_of(layer(read.kind, trainable=read.trainable, extras=read.extras))
        again = read_layer(class_name_of(read.kind), config)
        assert (again.kind, again.trainable, again.extras) == (read.kind, read.trainable, read.extras), case["id"]


@pytest.mark.parametrize("name", ["lenet5", "MobileNet", "ResNet50"])
def test_that_configs_written_by_keras_are_written_the_same(name):
    for entry in model(name)["config"]["config"]["layers"]:
        read = read_layer(entry["class_name"], entry["config"])
        written = config_of(Layer(0, read.name, read.kind, trainable=read.trainable, extras=read.extras))
        assert as_lists(written) == entry["config"]


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(inner) for key, inner in value.items()}
    return [as_lists(inner) for inner in value] if isinstance(value, list | tuple) else value


def test_that_aliases_name_the_same_kind():
    assert kind_named("Convolution2D") is kind_named("Conv2D") is Conv2D


def test_that_an_unknown_class_is_answered_with_the_nearest_name():
    assert message("Conv2d", {}) == "Keras' Conv2d is not known here: did you mean Conv2D?"


def test_that_an_unknown_option_is_refused_by_name():
    assert message("Dense", {"units": 3, "bogus_kwarg": 1}) == "Dense has no option bogus_kwarg"
    assert message("Dense", {"unit": 3}) == "Dense has no option unit: did you mean units?"


def test_that_a_missing_option_is_named():
    assert message("AveragePooling2D", {}) == "AveragePooling2D needs pool_size"


def test_that_options_without_effect_are_kept_as_they_are():
    extras = {"kernel_initializer": {"class_name": "Zeros", "config": {}}, "dtype": {"config": {"name": "float16"}}}
    assert read_layer("Dense", {"units": 3, **extras}).extras == extras


def test_that_a_layout_like_the_architectures_is_not_stated_again():
    config = {"filters": 4, "kernel_size": 3, "data_format": "channels_first"}
    assert read_layer("Conv2D", config).kind.data_format == "channels_first"
    assert read_layer("Conv2D", config, layout="channels_first").kind.data_format is None


def test_that_the_layout_is_always_written():
    kind = Conv2D(filters=4, kernel_size=(3, 3))
    assert config_of(layer(kind))["data_format"] == "channels_last"
    assert config_of(layer(kind), layout="channels_first")["data_format"] == "channels_first"


def test_that_lora_is_written_only_where_it_is_used():
    assert "lora_rank" not in config_of(layer(Dense(units=3)))
    assert config_of(layer(Dense(units=3, lora_rank=2)))["lora_rank"] == 2


def test_that_keras_gets_trainable_only_where_it_takes_it():
    dropout = read_layer("SpatialDropout2D", {"rate": 0.5}).kind
    assert "trainable" not in config_of(layer(dropout))
    assert message("SpatialDropout2D", {"rate": 0.5, "trainable": True}).startswith("SpatialDropout2D has no option")


@pytest.mark.parametrize("value", [1, 0, None, "yes"])
def test_that_trainable_must_be_a_boolean(value):
    assert "true or false" in message("Dense", {"units": 3, "trainable": value})


# Python's view of values ----------------------------------------------------------------------------------------------


def test_that_true_is_one_where_python_thinks_so():
    assert read_layer("Dense", {"units": True}).kind == Dense(units=1)
    assert read_layer("Conv2D", {"filters": 4, "kernel_size": [True, 3]}).kind.kernel_size == (1, 3)


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("RepeatVector", {"n": True}),
        ("UpSampling1D", {"size": True}),
        ("Embedding", {"input_dim": True, "output_dim": 2}),
        ("Embedding", {"input_dim": 2, "output_dim": True}),
    ],
)
def test_that_true_is_not_one_where_keras_looks_closer(class_name, config):
    assert "expected a whole number" in message(class_name, config)


@pytest.mark.parametrize(("value", "meaning"), [(None, False), (0, False), (1, True), ("no", True)])
def test_that_anything_can_be_asked_whether_it_is_true(value, meaning):
    assert read_layer("Dense", {"units": 3, "use_bias": value}).kind.use_bias is meaning


def test_that_case_matters_only_where_it_does_in_keras():
    config = {"filters": 4, "kernel_size": 3, "padding": "SAME", "data_format": "Channels_First"}
    assert read_layer("Conv2D", config).kind.padding == "same"
    assert "expected one of 'same', 'valid'" in message("MaxPooling2D", {"padding": "SAME"})
    assert message("Activation", {"activation": "ReLU"}) == (
        "activation = 'ReLU': expected one of 32 names, perhaps 'relu'"
    )


# Activations ----------------------------------------------------------------------------------------------------------


def test_that_no_activation_is_the_linear_one():
    assert read_layer("Dense", {"units": 3, "activation": None}).kind.activation == "linear"


def test_that_a_serialized_function_is_read_by_its_name():
    function = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    read = read_layer("Dense", {"units": 3, "activation": function})
    assert (read.kind.activation, read.extras) == ("relu", {})


def test_that_an_activation_layer_as_an_option_is_kept_and_written_back():
    activation = {"module": "keras.layers", "class_name": "LeakyReLU", "config": {"negative_slope": 0.1}}
    read = read_layer("Dense", {"units": 3, "activation": activation})
    assert read.kind.activation == "leaky_relu"
    assert config_of(layer(read.kind, extras=read.extras))["activation"] == activation


@pytest.mark.parametrize(("extras", "field"), [("LeakyReLU", "relu"), ("PReLU", "relu"), ("function", "leaky_relu")])
def test_that_a_changed_activation_is_not_undone_by_the_one_that_was_read(extras, field):
    former = {"activation": {"module": "keras.layers", "class_name": extras, "config": "relu"}}
    assert config_of(layer(Dense(units=3, activation=field), extras=former))["activation"] == field


def test_that_an_extra_never_wins_over_what_the_layer_says_itself():
    extras = {"units": 5, "name": "other", "trainable": True, "kernel_initializer": "zeros"}
    config = config_of(layer(Dense(units=3), trainable=False, extras=extras))
    assert [config[name] for name in extras] == [3, "it", False, "zeros"]


def test_that_an_activation_with_weights_of_its_own_is_refused_as_an_option():
    activation = {"module": "keras.layers", "class_name": "PReLU", "config": {}}
    assert message("Dense", {"units": 3, "activation": activation}) == "activation = 'PReLU' is not known here"


# What Keras looks at closely, and what it does not -------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype",
    [
        None, "float16", "mixed_bfloat16", "uint8", "int", "int8_from_float32", "int4_from_float16",
        "int4/128_from_mixed_float16", "float8_from_bfloat16", "gptq/4/-1_from_float32", "awq/4/64_from_float32",
        {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "bfloat16"}},
        {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}},
    ],
)  # fmt: skip
def test_that_a_policy_that_keras_knows_is_kept(dtype):
    assert read_layer("Dense", {"units": 3, "dtype": dtype}).extras == {"dtype": dtype}


@pytest.mark.parametrize(
    "dtype",
    [
        "int8", "float8_e5m2", "int4", "half", "", "int8_from_float16", "int8_from_mixed_float16", "int8_from_x",
        "int4/0_from_float32", "gptq_from_float32", "gptq/5/128_from_float32", "awq/8/128_from_float32",
        "int8_from_int8_from_float32", 5, [], True, {"config": {"name": "half"}}, {"config": {"name": []}},
    ],
)  # fmt: skip
def test_that_a_policy_that_keras_refuses_is_refused(dtype):
    assert "expected a type such as" in message("Flatten", {"dtype": dtype})


def test_that_data_may_be_of_a_type_that_no_layer_computes_in():
    assert read_layer("InputLayer", {"shape": [3], "dtype": "int8"}).kind.dtype == "int8"


@pytest.mark.parametrize(
    ("class_name", "config", "option"),
    [
        ("MaxPooling1D", {}, "pool_size"),
        ("AveragePooling1D", {"pool_size": 2}, "strides"),
        ("Conv1D", {"filters": 3, "kernel_size": 3}, "strides"),
        ("SeparableConv1D", {"filters": 3, "kernel_size": 3}, "dilation_rate"),
    ],
)
def test_that_a_list_of_whole_floats_is_taken_where_keras_takes_it(class_name, config, option):
    assert getattr(read_layer(class_name, {**config, option: [2.0]}).kind, option) == (2,)
    assert "expected a whole number" in message(class_name, {**config, option: [2.5]})


@pytest.mark.parametrize(
    ("class_name", "option"), [("Conv1D", "kernel_size"), ("Conv1DTranspose", "strides"), ("Conv1D", "groups")]
)
def test_that_whole_floats_are_refused_where_keras_fails_with_them(class_name, option):
    value = 2.0 if option == "groups" else [2.0]
    assert "expected a whole number" in message(class_name, {"filters": 4, "kernel_size": 3, option: value})


def test_that_an_uneven_negative_padding_is_not_written_as_another_one():
    kind = ZeroPadding2D(padding=((0, 0), (0, -1)))
    assert config_of(layer(kind))["padding"] == ((0, 0), (0, -1))


@pytest.mark.parametrize("alpha", ["x", None, [1], {"a": 1}, 10**400])
def test_that_an_alpha_that_keras_does_not_look_at_is_written_back_until_it_is_changed(alpha):
    read = read_layer("ELU", {"alpha": alpha})
    assert (read.kind.alpha, read.extras) == (1.0, {"alpha": alpha})
    assert config_of(layer(read.kind, extras=read.extras))["alpha"] == alpha
    assert config_of(layer(read.kind.changed(alpha=2.0), extras=read.extras))["alpha"] == 2.0


# Inputs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        {"batch_shape": [8, None, 3]},
        {"shape": [None, 3], "batch_size": 8},
        {"batch_input_shape": [8, None, 3]},
        {"input_shape": [None, 3], "batch_size": 8, "batch_shape": None},
    ],
)
def test_that_an_input_can_be_stated_in_several_ways(config):
    assert read_layer("InputLayer", config).kind == Input(shape=(None, 3), batch_size=8)


def test_that_an_input_may_have_no_axis_at_all():
    kind = read_layer("InputLayer", {"batch_shape": []}).kind
    assert kind == Input(shape=(), batchless=True)
    assert config_of(layer(kind))["batch_shape"] == ()


@pytest.mark.parametrize("other", [{"shape": [3]}, {"batch_size": 8}])
def test_that_an_input_stated_twice_is_refused(other):
    assert message("InputLayer", {"batch_shape": [8, 3], **other}).endswith("or batch_shape, not both")


def test_that_a_config_of_old_keras_is_modernized():
    assert modernized({"axis": [3], "momentum": 0.9}, "BatchNormalization") == {"axis": 3, "momentum": 0.9}
    assert modernized({"batch_input_shape": [None, 5]}, "Dense") == {"input_shape": [None, 5]}
    assert modernized({"sparse": False, "batch_input_shape": [None, 5]}, "Input")["batch_shape"] == [None, 5]
