"""What a refusal offers: changes that mend the layer, said as a user reads them, the best first."""

import pytest

from paramdesk import check_keras_layer, check_torch_layer
from paramdesk.engine.repairs import repairs

IN_KERAS = [
    ("Permute", {"dims": [1, 3]}, (None, 4, 5), ["order of axes 2 × 1"]),
    ("Permute", {"dims": [2, 1]}, (None, 4, 5, 6), ["order of axes 3 × 2 × 1"]),
    ("MaxPooling2D", {"pool_size": 5}, (None, 3, 9, 2), ["pool size 3 × 5", "padding='same'"]),
    ("GroupNormalization", {"groups": 5}, (None, 12), ["groups 4", "groups 6"]),
    ("GroupNormalization", {"groups": 9}, (None, 4), ["groups 4", "groups 2"]),
    ("RandomGaussianBlur", {"kernel_size": 4}, (None, 8, 8, 3), ["kernel size 5"]),
    ("RandomGaussianBlur", {"kernel_size": [3, 4]}, (None, 8, 8, 3), ["kernel size 3 × 5"]),
    ("Embedding", {"input_dim": 0, "output_dim": 4}, (None, 3), ["vocabulary 1"]),
    (
        "Conv2D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
        (None, 9, 9, 3),
        ["dilation 1 × 1", "strides 1 × 1"],
    ),
    ("Concatenate", {"axis": -1}, [(None, 4, 5), (None, 3, 5)], ["axis 1"]),
    ("Reshape", {"target_shape": [3, -1]}, (None, 4, 5), ["target shape −1"]),
    ("HashedCrossing", {"num_bins": -1, "output_mode": "one_hot"}, [(None, 1)] * 2, ["bins 1"]),
    ("BatchNormalization", {"momentum": None}, (None, 3), ["momentum 0.99"]),
]
IN_PYTORCH = [
    ("AvgPool3d", {"kernel_size": 4}, (2, 4, 5, 3, 6), ["pool size 4 × 3 × 4"]),
    ("MaxPool2d", {"kernel_size": 5}, (1, 2, 3, 9), ["pool size 3 × 5"]),
    ("Hardtanh", {"min_val": 2.0, "max_val": 1.0}, (2, 3), ["largest value 3.0"]),
    ("GLU", {"dim": 2}, (2, 4, 5), ["axis 1"]),
    ("GLU", {"dim": 1}, (2, 5, 6, 4), ["axis 2", "axis 3"]),
    ("PixelShuffle", {"upscale_factor": 2}, (1, 6, 2, 2), ["factor 1"]),
    ("PixelUnshuffle", {"downscale_factor": 2}, (1, 6, 3, 2), ["factor 1"]),
    ("ChannelShuffle", {"groups": 4}, (1, 6, 2, 2), ["groups 1"]),
    ("Flatten", {"start_dim": 5}, (2, 3), ["first axis 0"]),
    ("Flatten", {"end_dim": 5}, (2, 3), ["last axis -1"]),
    ("Embedding", {"num_embeddings": 0, "embedding_dim": 4}, (3,), ["vocabulary 1"]),
    (
        "EmbeddingBag",
        {"num_embeddings": 7, "embedding_dim": 4, "mode": "max", "sparse": True},
        (2, 3),
        ["sparse gradients False", "mode='mean'"],
    ),
    ("LSTM", {"input_size": 4, "hidden_size": 3, "proj_size": 3}, (5, 3, 4), ["projection 0"]),
    ("LayerNorm", {"normalized_shape": [4]}, (2, 5), ["made for 5"]),
    ("BatchNorm1d", {"num_features": 6, "track_running_stats": False}, (1, 6), ["gather statistics True"]),
    ("GroupNorm", {"num_groups": 6, "num_channels": 6}, (1, 6), ["groups 1"]),
    ("Bilinear", {"in1_features": 4, "in2_features": 6, "out_features": 3}, [(2, 5), (2, 6)], ["made for 5 × 6"]),
    ("Upsample", {"scale_factor": 2, "mode": "bilinear"}, (1, 2, 3), ["mode='nearest'", "mode='linear'"]),
    ("MaxUnpool3d", {"kernel_size": 2, "stride": 0}, [(1, 2, 2, 2, 2)] * 2, ["strides None"]),
]


@pytest.mark.parametrize(
    ("check", "name", "arguments", "shape", "offered"),
    [(check_keras_layer, *case) for case in IN_KERAS] + [(check_torch_layer, *case) for case in IN_PYTORCH],
)
def test_that_a_refusal_offers_what_mends_it(check, name, arguments, shape, offered):
    assert [repair.text for repair in repairs(check(name, arguments, shape))] == offered
