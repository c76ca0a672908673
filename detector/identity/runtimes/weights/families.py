"""Networks that people publish as weights alone, with what the weights do not say: the order of the layers, strides,
activations and what is added to what. Written after the sources that define them.

A program is a line of steps. A name is the module of that name; `a|b` runs both on the same and joins what they give.
Behind a name:

- `?`: it may be absent, and is passed over then; `!`: without padding; `=kind`: made of that kind, which else is told
  by the names of what it holds;
- `/2`: a stride, `/s` what the program was called with, stride and padding; in a row of blocks the first has it, in
  another row the last convolution over more than one place;
- `@0,5`: a row of blocks of which these have a stride of 2; `@*`: the first, and those with a shortcut that is learned.

The other steps: `relu`, `relu6`, `sigmoid`, `mfm` (the larger of two halves), `flat`, `gap` (the mean of all places),
`max3/2`, `both2/2` (the largest and the mean, added), `x0.1` (times that), `~` (what is added later begins here), `*`
(times what the program was called with), `+` (adds that) and `+name` (gone through that module, where there is one),
`+?` (adds it where the shapes are the same), `+>` (adds the means of its places by four, and zeros where one of the two
has nothing), `centred` (colours as dlib's recogniser has them), `turned` (columns before rows, channels last), and
`-name` (a head that is not run). Behind a pool `!` means without padding, and `^` that as well, with what is left over
at an edge.
"""

from typing import Final, NamedTuple


class Family(NamedTuple):
    """One way to build a network.

    Attributes:
        name: what it is called in evidence.
        anchor: a tensor that such a network has: its name, and its shape as far as that is told, 0 for any. What stands
            before the name in a file stands before all of the network's.
        program: of the whole network.
        kinds: programs of modules. Of those that are not asked for by name the first that fits is taken.
        exact: whether the weights leave nothing open, so that what it does not do counts as well.
        epsilon: of its batch normalisations.
        renamed: patterns in the names of tensors, and what stands for each in the programs; one after the other.
        sides: of the square pictures that it takes, pixels, where they are none of the usual ones.
    """

    name: str
    anchor: tuple[str, tuple[int, ...]]
    program: str
    kinds: dict[str, str]
    exact: bool = True
    epsilon: float = 1e-5
    renamed: tuple[tuple[str, str], ...] = ()
    sides: tuple[int, ...] = ()


_CONVOLUTION: Final = (0, 0, 0, 0)
_GATE: Final = {"squeezed": "gap fc1 relu fc2 sigmoid *", "gate": "gap fc sigmoid *", "ends": "0 relu 2"}
_UNIT: Final = {"unit": "conv/s bn prelu?"}
_STAGES: Final = "layer1 layer2/2 layer3/2 layer4/2"
_SHORTCUT: Final = "se? se_module? +downsample relu"
_HEAD: Final = "gap bottleneck? fc? classifier?"
_RESNET: Final = f"conv1/2 bn1 relu max3/2 {_STAGES} {_HEAD}"
_BASIC: Final = {"block": f"conv1/s bn1 relu conv2 bn2 {_SHORTCUT}", **_GATE}
_LATE: Final = {"block": f"conv1 bn1 relu conv2/s bn2 relu conv3 bn3 {_SHORTCUT}", **_GATE}
_EARLY: Final = {"block": f"conv1/s bn1 relu conv2 bn2 relu conv3 bn3 {_SHORTCUT}", **_GATE}  # as Caffe has it
_BN_FIRST: Final = {"block": "bn0 conv1 bn1 prelu conv2/s bn2 se? +downsample prelu", **_GATE}
_INVERTED: Final = {"block": "conv/s +?", "unit": "0/s 1 relu6"}
_DEPTHWISE: Final = {**_UNIT, "block": "conv conv_dw/s project se_module? +?", "row": "model", **_GATE}
_DEPTHWISE_STEM: Final = "conv1/2 conv2_dw conv_23/2 conv_3 conv_34/2 conv_4 conv_45/2 conv_5 conv_6_sep"
_FACENET: Final = {
    "unit": "conv/s bn relu",
    "block35": "branch0|branch1|branch2 conv2d x0.17 + relu",
    "block17": "branch0|branch1 conv2d x0.1 + relu",
    "block8": "branch0|branch1 conv2d x0.2 + relu",
    "last": "branch0|branch1 conv2d +",
    "mixed6": "branch0/2!|branch1/2!|max3/2!",
    "mixed7": "branch0/2!|branch1/2!|branch2/2!|max3/2!",
}
_FACENET_STEM: Final = "conv2d_1a/2! conv2d_2a! conv2d_2b max3/2! conv2d_3b conv2d_4a! conv2d_4b/2!"
_FACENET_BODY: Final = "repeat_1 mixed_6a repeat_2 mixed_7a repeat_3=block8 block8=last"
_FACENET_WHOLE: Final = f"{_FACENET_STEM} {_FACENET_BODY} gap last_linear last_bn -logits"
# As Keras names its layers; of two rows of blocks the second branch has the number of the block.
_FACENET_OF_KERAS: Final = (
    (r"_BatchNorm\.", ".bn."), (r"^(\w+_Branch_\w+|Conv2d_\w+)\.weight$", r"\1.conv.weight"),
    (r"^(Block\d+_\d+)_Conv2d_1x1\.", r"\1.conv2d."), (r"^Conv2d_(\w\w)_\dx\d\.", r"conv2d_\1."),
    (r"_Conv2d_0a_\dx\d\.", ".0."), (r"_Conv2d_0b_\dx\d\.", ".1."), (r"_Conv2d_0c_\dx\d\.", ".2."),
    (r"_Conv2d_1a_\dx\d\.", ".9."), (r"_Conv2d_1x1\.", "."),
    (r"^(Block(?:17|8)_\d+)_Branch_[1-9]\d*", r"\1.branch1"), (r"_Branch_(\d)", r".branch\1"),
    (r"^Block35_", "repeat_1."), (r"^Block17_", "repeat_2."), (r"^Block8_6", "block8"), (r"^Block8_", "repeat_3."),
    (r"^Mixed_", "mixed_"), (r"^Bottleneck\.bn\.", "last_bn."), (r"^Bottleneck\.", "last_linear."),
)  # fmt: skip
_FACENET_OF_DEEPFACE: Final = (
    (r"^conv2d_(\w\w)_\dx\d\.", r"conv2d_\1."), (r"\.branch_", ".branch"), (r"\.up\.", ".conv2d."),
    (r"^block35\.", "repeat_1."), (r"^block17\.", "repeat_2."),
    (r"^block8\.5\.", "block8."), (r"^block8\.", "repeat_3."),
    (r"^bottleneck_bn\.", "last_bn."), (r"^bottleneck\.", "last_linear."),
)  # fmt: skip
_DEEPFACE: Final = "conv1_conv conv1_bn conv1_prelu conv2/2 conv3/2 conv4/2 conv5/2 bn dense embedding"
_DEEPFACE_BLOCK: Final = {"block": "bn_1 conv_1 bn_2 prelu_1 conv_2/s bn_3 +short", "unit": "conv/s bn"}
_MFM: Final = {"unit": "filter/s mfm", "block": "conv1 conv2 +", "group": "conv_a conv"}
_LIGHT: Final = "conv1 {0} block1 group1 {0} block2 group2 {0} block3 group3 block4 group4 {0} fc -fc2"


def _sphere(stage: int, blocks: int) -> str:
    """A stage of SphereFace's network: a convolution, and blocks of two with what comes in added."""
    pairs = (f"conv{stage}_{at} relu{stage}_{at}" for at in range(2, 2 * blocks + 2))
    added = " ".join(f"~ {first} {second} +" for first, second in zip(pairs, pairs, strict=True))
    return f"conv{stage}_1/2 relu{stage}_1 {added}"


def _stages_of_vgg() -> str:
    """Five stages of two or three convolutions, each as wide and high as the last by half."""
    stages = enumerate((2, 2, 3, 3, 3), 1)
    return " ".join("".join(f"conv{stage}_{at + 1} relu " for at in range(count)) + "max2/2" for stage, count in stages)


FAMILIES: Final = (
    Family(
        "ArcFace's iresnet (insightface, MagFace, ElasticFace)", ("layer1.0.bn3.running_mean", (0,)),
        "conv1 bn1 prelu layer1/2 layer2/2 layer3/2 layer4/2 bn2 fc features?",
        {"block": "bn1 conv1 bn2 prelu conv2/s bn3 se? +downsample", **_GATE},
    ),
    Family(
        "IR or IR-SE (InsightFace_Pytorch, face.evoLVe, AdaFace)", ("body.0.res_layer.1.weight", _CONVOLUTION),
        "input_layer body@* output_layer",
        {"block": "res_layer/s +shortcut_layer", "narrow": "0 1 2 3 4 5 6 7/s 8 9?", **_GATE},
    ),
    Family(
        "MobileFaceNet (InsightFace_Pytorch)", ("conv_6_dw.conv.weight", _CONVOLUTION),
        f"{_DEPTHWISE_STEM} conv_6_dw! linear bn prob?", _DEPTHWISE,
    ),
    Family(
        "MobileFaceNet (face.evoLVe)", ("output_layer.conv_6_dw.conv.weight", _CONVOLUTION),
        f"{_DEPTHWISE_STEM} output_layer", {**_DEPTHWISE, "end": "conv_6_dw! linear bn"},
    ),
    Family(
        "MobileFaceNet (arcface_torch)", ("conv_sep.layers.0.weight", _CONVOLUTION),
        "layers@0,2,4,6 conv_sep features", {"end": "d0! layers", "block": "d0 d1/s d2 +?", "only": "layers/s"},
        renamed=((r"(?<=\.)layers\.([012])\.layers\.(?=\d\.\w+$)", r"d\1."),),
    ),
    Family(
        "MobileFaceNet (foamliu)", ("gdconv.depthwise.weight", _CONVOLUTION),
        "conv1/2 dw_conv features@0,5,12 conv2 gdconv conv3 flat bn",
        {**_INVERTED, "dw": "depthwise bn1 relu pointwise bn2 relu", "gd": "depthwise! bn"},
    ),
    Family(
        "FaceNet's Inception-ResNet (facenet-pytorch)", ("repeat_1.0.branch0.conv.weight", _CONVOLUTION),
        _FACENET_WHOLE, _FACENET, epsilon=1e-3,
    ),
    Family(
        "FaceNet's Inception-ResNet (Keras)", ("Block35_1_Branch_0_Conv2d_1x1.weight", _CONVOLUTION),
        _FACENET_WHOLE, _FACENET, epsilon=1e-3, renamed=_FACENET_OF_KERAS,
    ),
    Family(
        "FaceNet's Inception-ResNet (DeepFace)", ("block35.0.branch_0.conv.weight", _CONVOLUTION),
        _FACENET_WHOLE, _FACENET, epsilon=1e-3, renamed=_FACENET_OF_DEEPFACE,
    ),
    Family(
        "ArcFace's ResNet (DeepFace)", ("backbone.conv2.0.conv_0.weight", _CONVOLUTION), _DEEPFACE, _DEEPFACE_BLOCK,
        epsilon=2e-5, renamed=((r"^backbone\.", ""), (r"\.(conv|bn)_0\.", r".short.\1.")),
    ),
    Family(
        "ArcFace's ResNet (DeepFace, Keras)", ("conv2_block1_0_conv.weight", _CONVOLUTION), _DEEPFACE, _DEEPFACE_BLOCK,
        epsilon=2e-5,
        renamed=(
            (r"^conv(\d)_block(\d+)_0_(conv|bn)\.", r"conv\1.\2.short.\3."),
            (r"^conv(\d)_block(\d+)_(\d)_(conv|bn|prelu)\.", r"conv\1.\2.\4_\3."),
            (r"^batch_normalization(_\d+)?\.", "bn."), (r"^dense(_\d+)?\.", "dense."),
        ),
    ),
    Family(
        "VGG of 16 layers (VGG-Face)", ("conv5_3.weight", (0, 0, 3, 3)),
        f"{_stages_of_vgg()} fc6! relu fc7! relu fc8?!", {},
    ),
    Family(
        "ResNet of arcface-pytorch", ("layer1.0.bn0.running_mean", (0,)),
        f"conv1 bn1 prelu max2/2 {_STAGES} bn4 fc5 bn5", _BN_FIRST,
    ),
    Family(
        "ResNet of InsightFace-v2", ("layer1.0.bn0.running_mean", (0,)),
        f"conv1 bn1 prelu max2/2 {_STAGES} bn2 fc bn3", _BN_FIRST,
    ),
    Family(
        "SphereFace's network", ("relu1_3.weight", (0,)),
        f"{_sphere(1, 1)} {_sphere(2, 2)} {_sphere(3, 4)} {_sphere(4, 1)} fc5 -fc6", {},
    ),
    Family(
        "LightCNN of 9 layers", ("features.2.conv_a.filter.weight", _CONVOLUTION), "features=pooled fc1 -fc2",
        {**_MFM, "pooled": "0 max2/2 2 max2/2 4 max2/2 6 7 max2/2"},
    ),
    Family("LightCNN of 29 layers", ("fc.filter.weight", (0, 0)), _LIGHT.format("max2/2"), _MFM),
    Family("LightCNN-v2 of 29 layers", ("block1.0.conv1.filter.weight", _CONVOLUTION), _LIGHT.format("both2/2"), _MFM),
    Family(
        "dlib's ResNet (face-api.js)", ("conv32_down.conv.weight", _CONVOLUTION),
        "centred conv32_down/2! relu max3/2! conv32_1 conv32_2 conv32_3 conv64_down=down conv64_1 conv64_2 conv64_3 "
        "conv128_down=down conv128_1 conv128_2 conv256_down=down conv256_1 conv256_2 conv256_down_out=down gap fc",
        {"unit": "conv/s scale", "block": "conv1 relu conv2 + relu", "down": "conv1/2! relu conv2 +> relu"},
        epsilon=0.0,
    ),
    # MTCNN's three (Zhang et al., 2016), as facenet-pytorch has them: they find faces.
    Family(
        "MTCNN's P-Net", ("conv4_2.weight", (4, 0, 1, 1)),
        "conv1! prelu1 max2/2^ conv2! prelu2 conv3! prelu3 conv4_1|conv4_2", {},
    ),
    Family(
        "MTCNN's R-Net", ("dense5_2.weight", (4, 0)),
        "conv1! prelu1 max3/2^ conv2! prelu2 max3/2^ conv3! prelu3 turned dense4 prelu4 dense5_1|dense5_2", {},
        sides=(24,),
    ),
    Family(
        "MTCNN's O-Net", ("dense6_3.weight", (10, 0)),
        "conv1! prelu1 max3/2^ conv2! prelu2 max3/2^ conv3! prelu3 max2/2^ conv4! prelu4 turned dense5 prelu5 "
        "dense6_1|dense6_2|dense6_3", {}, sides=(48,),
    ),
    Family("ResNet", ("conv1.weight", (0, 0, 7, 7)), _RESNET, _BASIC),
    Family("ResNet of bottlenecks", ("conv1.weight", (0, 0, 7, 7)), _RESNET, _LATE),
    Family("ResNet of bottlenecks, as Caffe has it", ("conv1.weight", (0, 0, 7, 7)), _RESNET, _EARLY),
    Family(
        "ResNet for small pictures", ("conv1.weight", (0, 0, 3, 3)), f"conv1 bn1 relu {_STAGES} {_HEAD}", _BASIC,
        exact=False,
    ),
    Family(
        "MobileNetV2, its layers in rows", ("features.1.conv.0.weight", (0, 1, 3, 3)),
        "features@0,2,4,7,14 gap classifier?",
        {"block": "conv/s +?", "narrow": "0/s 1 relu6 3 4", "wide": "0 1 relu6 3/s 4 relu6 6 7", "unit": "0/s 1 relu6"},
    ),
    Family(
        "MobileNetV2", ("features.1.conv.0.0.weight", _CONVOLUTION), "features@0,2,4,7,14 gap classifier", _INVERTED
    ),
)  # fmt: skip
