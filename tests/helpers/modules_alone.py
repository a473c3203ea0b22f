"""One module of torch.nn alone, for tests of kinds."""

from paramdesk import check_torch_layer


def made(class_name, shape, *, call=None, **arguments):
    """Return the report of a module that must be computed."""
    report = check_torch_layer(class_name, arguments, shape, call)
    assert report.is_computed, report.problem
    return report


def shapes(class_name, shape, **arguments):
    """Return all output shapes."""
    return made(class_name, shape, **arguments).output_shapes


def shape(class_name, given, **arguments):
    """Return the only output shape."""
    (found,) = shapes(class_name, given, **arguments)
    return found


def weights(class_name, given, **arguments):
    """Return the shapes of the parameters by name."""
    return {weight.name: weight.shape for weight in made(class_name, given, **arguments).weights}


def buffers(class_name, given, **arguments):
    """Return the shapes of the buffers by name."""
    return {buffer.name: buffer.shape for buffer in made(class_name, given, **arguments).buffers}


def refused(class_name, given, *, call=None, **arguments):
    """Return what a module that must be refused is refused with."""
    problem = check_torch_layer(class_name, arguments, given, call).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message
