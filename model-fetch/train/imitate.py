"""A small model learns from larger ones: their chances of each class, and what their layers make of each piece of the text.

All see the same sentences, most of them made anew by varied.py or with names swapped in, so that little can be learnt by
heart. A student's layers are compared with those of the first teacher that lie as high, piece by piece, wherever the same
pieces stand in both texts.
"""

import torch
import torch.nn.functional as F
from torch import nn

import loop

LAYERS = 3  # that are compared


def of(there, places):
    """What `there`, (rows, pieces, …) of the teacher's, has for each of the student's pieces: `places` (rows, pieces) says
    which piece of the same row it is; -1 is none, and gets what the first has."""
    places = places.clamp(min=0).long()
    return there[torch.arange(len(there), device=there.device)[:, None], places]


def mean(values, known):
    """The mean of those that are known."""
    return (values * known).sum() / known.sum().clamp(min=1)


class Imitation(nn.Module):
    """How far the student's layers are from the teacher's, after a linear map into the teacher's width, which is trained
    along and not kept."""

    def __init__(self, student, teacher):
        super().__init__()
        own, its = student.config.num_hidden_layers, teacher.config.num_hidden_layers
        self.layers = [(i * own // LAYERS, i * its // LAYERS) for i in range(1, LAYERS + 1)]
        self.maps = nn.ModuleList(nn.Linear(student.config.hidden_size, teacher.config.hidden_size) for _ in self.layers)

    def forward(self, own, there, places, left):
        """`own` and `there` are all hidden states; `places` as in `of`. It counts for less as the training goes on: by
        `left`, which falls from 1 to 0, down to a tenth."""
        total = 0.0
        for (low, high), to_width in zip(self.layers, self.maps):
            right = of(there[high], places).float()
            apart = (to_width(own[low]).float() - F.layer_norm(right, right.shape[-1:])).square().mean(-1)
            total = total + mean(apart, places >= 0)
        return (0.1 + 0.9 * left) * total / len(self.layers)


class Teachers:
    """Models whose mean opinion is asked, on a GPU in bf16; the first one's layers are shown."""

    def __init__(self, models):
        self.kind = torch.bfloat16 if loop.DEVICE.type == "cuda" else torch.float32
        self.models = [model.eval().requires_grad_(False).to(self.kind) for model in models]

    @torch.no_grad()
    def __call__(self, mask, **inputs):
        """The mean of their logits, and the hidden states of the first; `mask` (rows, pieces) is 1 where a row has pieces."""
        inputs["attention_mask"] = loop.attention(mask).to(self.kind)
        answers = [model(**inputs, output_hidden_states=i == 0) for i, model in enumerate(self.models)]
        return sum(a.logits.float() for a in answers) / len(answers), answers[0].hidden_states


def distance(own, there, temperature):
    """The Kullback-Leibler distance of each row's chances, at a temperature."""
    right, found = F.softmax(there / temperature, -1), F.log_softmax(own / temperature, -1)
    return F.kl_div(found, right, reduction="none").sum(-1) * temperature ** 2
