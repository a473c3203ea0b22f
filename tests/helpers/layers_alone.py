"""One layer alone, for tests of kinds."""

from paramdesk import check_keras_layer


def computed(class_name, shape, **config):
    """Return the report of a layer that must be computed."""
    report = check_keras_layer(class_name, config, shape)
    assert report.is_computed, report.problem
    return report


def output(class_name, shape, **config):
    """Return the only output shape."""
    (found,) = computed(class_name, shape, **config).output_shapes
    return found


def weights(class_name, shape, **config):
    """Return the shapes of the weights by name."""
    return {weight.name: weight.shape for weight in computed(class_name, shape, **config).weights}


def refusal(class_name, shape, **config):
    """Return what a layer that must be refused is refused with."""
    problem = check_keras_layer(class_name, config, shape).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message


def warning(class_name, shape, **config):
    """Return what is to be said of a layer that is computed with a catch."""
    problem = computed(class_name, shape, **config).problem
    assert problem is not None
    return problem.message
