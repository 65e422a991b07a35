"""torchvision's vision transformer and Hugging Face's CLIP."""

import torch

try:
    import torchvision_cpu  # noqa: F401  where torchvision was built for another torch than is installed
except ImportError:
    pass
from torchvision.models import VisionTransformer
from transformers import CLIPConfig, CLIPModel
from transformers.models.clip.modeling_clip import image_text_contrastive_loss

from parity import Case

EXACT = {"attn_implementation": "sdpa"}  # the eager softmax is computed in f32


def vit(image, patch, layers, heads, channels, hidden, classes, representation=None):
    return VisionTransformer(
        image, patch, layers, heads, channels, hidden, num_classes=classes, representation_size=representation
    )


def vit_case(name, batch, **config):
    return Case(name, vit(**config), {"images": torch.randn(batch, 3, config["image"], config["image"])}, config)


def clip(config):
    text, vision = config["text"], config["vision"]

    def tower(c):
        return {
            "hidden_size": c["channels"],
            "num_hidden_layers": c["layers"],
            "num_attention_heads": c["heads"],
            "intermediate_size": c["hidden"],
            "hidden_act": "quick_gelu" if config["activation"] == "quickGelu" else "gelu",
        }

    return CLIPModel._from_config(
        CLIPConfig(
            text_config={
                **tower(text),
                "vocab_size": text["vocab"],
                "max_position_embeddings": text["positions"],
                "eos_token_id": text["endOfText"],
            },
            vision_config={**tower(vision), "image_size": vision["image"], "patch_size": vision["patch"]},
            projection_dim=config["projection"],
        ),
        **EXACT,
    )


TEXT = {"vocab": 11, "positions": 7, "channels": 8, "layers": 2, "heads": 2, "hidden": 12, "endOfText": 10}
VISION = {"image": 8, "patch": 4, "channels": 12, "layers": 2, "heads": 3, "hidden": 16}


def clip_case(name, size, activation, interpolate, loss=True):
    config = {"text": TEXT, "vision": VISION, "projection": 6, "activation": activation, "interpolate": interpolate}
    tokens = torch.randint(1, 10, (3, 6))
    # An end in the middle, at the last place, and twice, of which the first one counts.
    tokens[0, 3] = tokens[1, 5] = tokens[2, 2] = tokens[2, 4] = 10

    def call(module, inputs):
        result = module(
            pixel_values=inputs["images"], input_ids=inputs["tokens"], interpolate_pos_encoding=interpolate
        )
        outputs = (result.logits_per_image, result.logits_per_text, result.image_embeds, result.text_embeds)
        return (*outputs, image_text_contrastive_loss(result.logits_per_text)) if loss else outputs

    images = torch.randn(3 if loss else 2, 3, *size)
    return Case(name, clip(config), {"images": images, "tokens": tokens}, config, call)


CASES = [
    vit_case("vit", 2, image=12, patch=4, layers=2, heads=2, channels=8, hidden=12, classes=5),
    vit_case("vitPreLogits", 1, image=8, patch=4, layers=1, heads=3, channels=12, hidden=8, classes=3, representation=6),
    clip_case("clip", (8, 8), "quickGelu", False),
    clip_case("clipGelu", (8, 8), "gelu", False, loss=False),
    clip_case("clipInterpolated", (13, 16), "quickGelu", True),
]
