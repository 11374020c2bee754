"""What both models share: loading and saving, the optimiser, averaged weights, the training loop."""

import json
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoConfig

from data import batches


def fast():
    """Matrix products in bf16, where the processor multiplies them faster than f32; others take five times as long with it."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())


def weights(folder):
    """A model's weights as f32; an int8 one (compressed-tensors W8A8) is multiplied out."""
    stored = load_file(Path(folder) / "model.safetensors")
    out = {}
    for name, value in stored.items():
        if not name.endswith("_scale"):
            scale = stored.get(name + "_scale")
            out[name] = value.float() if scale is None else value.float() * scale.float()
    return out


class PooledDropout(nn.Module):
    """Dropout whose masks are cut from one long random one: drawing them anew takes a tenth of a step on a CPU."""
    masks = {}

    def __init__(self, p):
        super().__init__()
        self.p = p
        if p not in self.masks:
            self.masks[p] = (torch.rand(1 << 24) >= p).to(torch.bfloat16) / (1 - p)

    def forward(self, x):
        if not self.training:
            return x
        mask = self.masks[self.p]
        if x.numel() >= len(mask):
            return nn.functional.dropout(x, self.p)
        start = int(torch.randint(len(mask) - x.numel(), ()))
        return x * mask[start:start + x.numel()].view_as(x)


def config(folder, **changes):
    """config.json of a model or a base, without what only the published form carries."""
    found = json.loads((Path(folder) / "config.json").read_text())
    for key in ("_name_or_path", "gradient_checkpointing", "quantization_config"):
        found.pop(key, None)
    return {**found, **changes}


def load(kind, folder, settings):
    """A transformers model of class `kind` with the weights of `folder` (a bare encoder will do), and the names missing there."""
    found = AutoConfig.for_model(settings["model_type"]).from_dict({**settings, "attention_probs_dropout_prob": 0.0})
    model = kind._from_config(found, attn_implementation="sdpa" if found.model_type == "bert" else "eager").float()
    for module in [*model.modules()]:
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout) and child.p:
                setattr(module, name, PooledDropout(child.p))
    state = weights(folder)
    prefix = model.base_model_prefix + "."
    if not any(name.startswith(prefix) for name in state):
        state = {prefix + name: value for name, value in state.items()}
    own = model.state_dict()
    state = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    missing = set(model.load_state_dict(state, strict=False).missing_keys)
    return model, sorted(missing)


def quantised(folder):
    return "quantization_config" in json.loads((Path(folder) / "config.json").read_text())


def round_activations(model):
    """From here on the encoder's linears read int8 activations, one scale a token, as an int8 model does."""
    def rounded(_, inputs):
        scale = inputs[0].abs().amax(-1, keepdim=True).clamp_min(1e-8) / 127
        return ((inputs[0] / scale).round() * scale,)

    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and ".encoder." in name:
            module.register_forward_pre_hook(rounded)


def save(folder, state, settings, tokenizer_from):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().float().contiguous().clone() for name, value in state.items() if "position_ids" not in name}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(settings, indent=1))
    copy_tokenizer(tokenizer_from, folder)


def copy_tokenizer(src, dst):
    """The tokenizer's files; that of the base cuts at 128 tokens and fills up to them, which a model's must not."""
    found = json.loads((Path(src) / "tokenizer.json").read_text(encoding="utf-8"))
    (Path(dst) / "tokenizer.json").write_text(json.dumps({**found, "truncation": None, "padding": None}, ensure_ascii=False), encoding="utf-8")
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        (Path(dst) / name).write_bytes((Path(src) / name).read_bytes())


def tokenizer(folder):
    found = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    return found


class Average:
    """An exponential moving average of the weights, with a warm-up so that the first steps weigh little."""

    def __init__(self, model, decay):
        self.decay, self.steps = decay, 0
        self.state = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.state[name].lerp_(value, 1 - decay)


def optimiser(model, rate, head_rate, types_rate, decay=0.01):
    """AdamW; word and position embeddings stay as they are, no decay on biases and norms."""
    groups = {}
    for name, parameter in model.named_parameters():
        if "embeddings.word" in name or "embeddings.position" in name:
            parameter.requires_grad = False
            continue
        if name.startswith("classifier"):
            key = (head_rate, decay)
        elif "token_type" in name:
            key = (types_rate, 0.0)
        else:
            key = (rate, decay if parameter.ndim > 1 else 0.0)
        groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW([dict(params=p, lr=lr, weight_decay=wd) for (lr, wd), p in groups.items()], fused=True)


def train(model, epoch_rows, loss, evaluate, *, args, rng, store, types_rate=None):
    """`epoch_rows(epoch)` gives an epoch's rows, each with its length at [0]; `loss(rows)` a batch's loss.

    After each epoch the model and its average are measured by `evaluate` and stored. The rate falls to zero in a
    straight line over all steps or over `args.minutes`, whichever is over first.
    """
    model.set_attn_implementation("eager")    # at these lengths the backward pass of "sdpa" is a third of a step on a CPU
    average = Average(model, args.average)
    steps_done, total, started = 0, None, time.time()
    optim = optimiser(model, args.rate, args.head_rate, types_rate or args.rate)
    rates = [group["lr"] for group in optim.param_groups]
    for epoch in range(args.epochs):
        rows = epoch_rows(epoch)
        order = batches([row[0] for row in rows], args.batch, rng)
        total = total or len(order) * args.epochs
        model.train()
        seen, begun = 0.0, time.time()
        for number, batch in enumerate(order, 1):
            left = 1 - max(steps_done / total, (time.time() - started) / 60 / args.minutes)
            if left <= 0:
                break
            warm = min(1.0, (steps_done + 1) / max(1, args.warmup * total))
            for group, rate in zip(optim.param_groups, rates):
                group["lr"] = rate * warm * left
            with fast():
                value = loss([rows[i] for i in batch])
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            optim.zero_grad(set_to_none=True)
            average.update(model)
            steps_done += 1
            seen += value.item()
            if number % 50 == 0:
                print(f"  epoch {epoch + 1} step {number}/{len(order)} loss {seen / number:.4f} "
                      f"{(time.time() - begun) / number:.2f} s/step", flush=True)
        print(f"epoch {epoch + 1}: {steps_done} steps so far, {time.time() - begun:.0f} s, loss {seen / number:.4f}", flush=True)
        print("  weights ", evaluate(model), flush=True)
        own = {name: value.clone() for name, value in model.state_dict().items()}
        store(f"epoch{epoch + 1}-last", own)
        model.load_state_dict(average.state)
        print("  averaged", evaluate(model), flush=True)
        store(f"epoch{epoch + 1}", average.state)
        model.load_state_dict(own)
        if left <= 0:
            break
    print(f"{time.time() - started:.0f} s in all", flush=True)
