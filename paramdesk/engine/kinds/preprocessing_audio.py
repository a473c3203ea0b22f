"""Sound made ready: spectrograms, which show how much of each frequency there is at each time. Only Keras has these.

MelSpectrogram turns (batch, samples) into (batch, mel bins, frames) and owns no weights. Keras shows
⌊(samples + 1) / stride⌋ + 1 frames, and makes one less when run where the stride divides samples + 1.

STFTSpectrogram is a convolution whose kernels begin as cosines and sines, windowed, and are trained on. Every channel
is convolved by itself with kernels of frame length × frequencies, one for the real part and one for the imaginary part,
as far as they are needed. There are ⌊FFT length / 2⌋ + 1 frequencies, twice as many values where both parts are handed
out (mode "stft"), and as many frames as places of a window of the frame length that moves by the frame step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self, TypeAlias

from msgspec.structs import replace

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.invalid import shortened
from paramdesk.engine.layer_kind import BATCH, Tensors
from paramdesk.engine.option import Integer, Natural, Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField, seen_through
from paramdesk.engine.shape import UNKNOWN, Dim, TensorSpec, is_known, padded_before, same_size, text, valid_size
from paramdesk.engine.single_input import SingleInputKind, SpatialKind
from paramdesk.engine.weight import Weight

WINDOWS = (
    "hann", "hamming", "blackman", "bartlett", "boxcar", "blackmanharris", "nuttall", "flattop", "parzen", "bohman",
    "barthann", "cosine", "triang", "tukey", "taylor", "lanczos", "exponential",
)  # fmt: skip
"""The windows of scipy.signal that need no parameters."""
ALSO_CALLED = frozenset({
    "bart", "bkh", "black", "blackharr", "blk", "bman", "bmn", "box", "brt", "brthan", "bth", "flat", "flt",
    "halfcosine", "ham", "hamm", "han", "nut", "nutl", "ones", "par", "parz", "poisson", "rect", "rectangular", "sinc",
    "taylorwin", "tri", "triangle", "tuk",
})  # fmt: skip
PAGES = "https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/"

Mode: TypeAlias = Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"]
PARTS = ("real", "imag")


class MelSpectrogram(SingleInputKind, frozen=True, kw_only=True):
    """Turns sound into a picture: how loud each pitch is at each time, with pitches spaced as people hear them."""

    elsewhere = "torchaudio's `MelSpectrogram`, done to the data"
    category = "io"
    spellings = {"keras": ("MelSpectrogram",)}
    search = ("audio", "sound", "speech", "spectrogram", "fft", "mel")
    takes_anything = frozenset({"window", "sampling_rate", "min_freq", "max_freq", "top_db", "mag_exp", "min_power",
                                "ref_power"})  # fmt: skip
    source = f"{PAGES}mel_spectrogram/"

    num_mel_bins: Annotated[Natural | None, Option("Mel bins", words="mel bins", digest="{} bins")] = 128
    fft_length: Annotated[Integer, Option("FFT length", words="FFT size", digest="FFT {}")] = 2048
    sequence_stride: Annotated[Integer, Option("Stride", words="stride", digest="stride {}")] = 512
    sequence_length: Annotated[Natural | None, Option("Window length", advanced=True)] = None
    window: Annotated[str | None, Option("Window", choices=("hann", "hamming"), advanced=True)] = "hann"
    sampling_rate: Annotated[float, Option("Sampling rate", advanced=True)] = 16000.0
    min_freq: Annotated[float, Option("Lowest frequency", advanced=True)] = 20.0
    max_freq: Annotated[float | None, Option("Highest frequency", advanced=True)] = None
    power_to_db: Annotated[bool, Option("In decibels", advanced=True)] = True
    top_db: Annotated[float, Option("Decibels below the top", advanced=True)] = 80.0
    mag_exp: Annotated[float, Option("Exponent", advanced=True)] = 2.0
    min_power: Annotated[float, Option("Least power", advanced=True)] = 1e-10
    ref_power: Annotated[float, Option("Reference power", advanced=True)] = 1.0

    def output(self, x: TensorSpec) -> TensorSpec:
        length = self.sequence_length or self.fft_length
        if self.fft_length < length:
            raise Refusal(
                f"the window of {length} samples is longer than the FFT length of {self.fft_length}",
                "sequence_length",
                ({"sequence_length": None}, {"fft_length": length}),
            )
        if not x.shape:
            raise Refusal("MelSpectrogram needs at least 1 axis (samples), but the input () has none")
        samples = x.shape[min(1, len(x.shape) - 1)]
        bins = UNKNOWN if self.num_mel_bins is None else self.num_mel_bins
        return x.reshaped((*x.shape[: min(1, len(x.shape) - 1)], bins, self._frames(samples)))

    def _frames(self, samples: Dim) -> Dim:
        stride = self.sequence_stride
        if not is_known(samples) and stride == 0:
            return UNKNOWN
        frames = (samples + 1) // stride + 1 if stride else -1
        if frames < 0:
            reason = f"a stride of {stride} makes no frames of {text((samples,))[1:-2]} samples".replace("-", "−")
            raise Refusal(reason, "sequence_stride", ({"sequence_stride": 512},))
        return frames

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if len(x.shape) > 2:
            yield f"sound has 1 axis (samples) or 2 (batch), but the input {text(x.shape)} has more: it fails when run"
        if self.fft_length < 1 or self.sequence_stride < 1 or not self.num_mel_bins:
            yield "FFT length, stride and mel bins must be at least 1: it fails when run"
            return
        samples, margin = x.shape[-1], self.fft_length // 2
        made = samples // self.sequence_stride + 1
        if is_known(made) and made != y.shape[-1]:
            yield f"Keras shows {text(y.shape)}, but gives {made} frames when run"
        if is_known(samples) and samples <= margin:
            yield f"{samples} samples cannot be mirrored by {margin} at both ends: it fails when run"
        if self.window not in (None, "hann", "hamming"):
            yield f"window {shortened(self.window)} is neither 'hann' nor 'hamming': it fails when run"

    def samples_on(self, inputs: Tensors) -> Dim:
        return super().samples_on(inputs) if len(inputs[0].shape) > 1 else 1

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        names = (BATCH, "samples")
        return names[-len(x.shape) :] if 0 < len(x.shape) <= 2 else super().axis_names(x)


class STFTSpectrogram(SpatialKind, frozen=True, kw_only=True):
    """Turns sound into a picture, by convolution with waves of each frequency, which are trained on."""

    elsewhere = "torchaudio's `Spectrogram`, done to the data"
    category = "io"
    rank = 1
    spellings = {"keras": ("STFTSpectrogram",)}
    search = ("audio", "sound", "speech", "spectrogram", "fft", "stft", "fourier")
    takes_anything = frozenset({"window"})
    source = f"{PAGES}stft_spectrogram/"

    mode: Annotated[Mode, Option("Hands out", digest="{}")] = "log"
    frame_length: Annotated[Positive, Option("Frame length", words="frame size", digest="frames of {}")] = 256
    frame_step: Annotated[Positive | None, Option("Frame step", words="frame step", digest="step {}")] = None
    fft_length: Annotated[Positive | None, Option("FFT length", words="FFT size", digest="FFT {}")] = None
    padding: Annotated[Literal["valid", "same"], Option("Padding", digest="{}")] = "valid"
    expand_dims: Annotated[bool, Option("Frequencies on an axis of their own", digest="expanded", advanced=True)] = (
        False
    )
    window: Annotated[str | None, Option("Window", choices=WINDOWS, advanced=True)] = "hann"
    periodic: Annotated[bool, Option("Periodic window", advanced=True)] = False
    scaling: Annotated[Literal["density", "spectrum"] | None, Option("Scaling", advanced=True)] = "density"

    @property
    def step(self) -> int:
        """By how much the window moves."""
        return self.frame_length // 2 if self.frame_step is None else self.frame_step

    @property
    def length(self) -> int:
        """How many samples the frequencies are worked out for: unless it is said, the next power of two."""
        return 1 << (self.frame_length - 1).bit_length() if self.fft_length is None else self.fft_length

    @property
    def frequencies(self) -> int:
        """How many frequencies there are."""
        return self.length // 2 + 1

    @property
    def kernels(self) -> tuple[str, ...]:
        """The names of its weights: for the real part and the imaginary part, as far as they are needed."""
        return tuple([f"{part}_kernel" for part in PARTS if self.mode == part or self.mode not in PARTS])

    def output(self, x: TensorSpec) -> TensorSpec:
        self._refuse_misfit()
        batch, (samples,), channels = self.split(x)
        if not is_known(channels):
            raise Refusal(f"the number of channels must be known, but the input is {text(x.shape)}")
        frames = same_size(samples, self.step)
        if self.padding == "valid":
            frames = valid_size(samples, self.frame_length, self.step)
            if frames < 1:
                raise Refusal(
                    f"a frame of {self.frame_length} samples does not fit into {text((samples,))[1:-2]}",
                    "frame_length",
                    ({"padding": "same"},),
                )
        values = self.frequencies * len(PARTS) if self.mode == "stft" else self.frequencies
        if not self.expand_dims:
            return x.reshaped(self.joined(x, (frames,), values * channels))
        picture = (channels, frames, values) if self.channels_first(x) else (frames, values, channels)
        return x.reshaped((*batch, *picture))

    def _refuse_misfit(self) -> None:
        """Refuses lengths that do not suit each other, and a window that there is not."""
        length = self.frame_length
        if self.step > length or self.step < 1:
            raise Refusal(f"frame step {self.step}: expected 1 to {length}", "frame_step", ({"frame_step": 1},))
        if self.fft_length is not None and self.fft_length < length:
            reason = f"an FFT length of {self.fft_length} is less than the frame length of {length}"
            raise Refusal(reason, "fft_length", ({"fft_length": None}, {"frame_length": self.fft_length}))
        if self.window is not None:
            name = self.window.removesuffix("_periodic").removesuffix("_symmetric")
            if name not in ALSO_CALLED and name not in WINDOWS:
                reason = f"window {shortened(self.window)} is none that needs no parameters"
                raise Refusal(reason, "window", ({"window": "hann"},))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        return tuple([Weight(name, (self.frame_length, 1, self.frequencies)) for name in self.kernels])

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        _batch, (samples,), channels = self.split(x)
        size = same_size(samples, self.step)
        if self.padding == "valid":
            size = valid_size(samples, self.frame_length, self.step)
        each = product((named("frames", size), channels, self.frame_length, self.frequencies))
        return each if len(self.kernels) == 1 else each * len(self.kernels)

    def quantified(self) -> Self:
        return super(STFTSpectrogram, replace(self, frame_step=self.step, fft_length=self.length)).quantified()

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        before: Dim = 0
        if self.padding == "same":
            before = padded_before(self.split(x)[1][0], self.frame_length, self.step)
        return None if self.expand_dims else seen_through(field, (self.frame_length,), (self.step,), (before,))

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        window, length = options.get("window", "hann"), options.get("frame_length", 256)
        is_list = isinstance(window, list | tuple) and len(window) == length
        if window is not None and not isinstance(window, str) and not is_list:
            reason = f"expected a name, or as many numbers as a frame is long ({shortened(length)})"
            raise InvalidOptions(f"window = {shortened(window)}: {reason}", "window")
        if isinstance(window, str) and not isinstance(options.get("periodic", False), bool):
            raise InvalidOptions(f"periodic = {shortened(options['periodic'])}: expected true or false", "periodic")
        return options
