"""What all trainings share: arguments, loading and saving, streams of batches, the optimiser, averaged weights, the loop."""

import argparse
import functools
import json
import random
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from transformers import AutoConfig

from data import batches

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@functools.cache
def bf16_is_faster():
    """Whether the device multiplies bf16 faster than f32: of processors that can, some take twice as long."""
    if DEVICE.type == "cuda":
        return True

    def seconds(kind):
        left, right = torch.randn(1024, 768, dtype=kind), torch.randn(768, 768, dtype=kind)
        times = []
        for _ in range(9):
            begun = time.perf_counter()
            left @ right
            times.append(time.perf_counter() - begun)
        return min(times)

    return seconds(torch.bfloat16) < seconds(torch.float32)


def fast():
    """Matrix products in bf16, where that is faster."""
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=bf16_is_faster())


def parser(doc, **defaults):
    """A parser of what every training takes, and of what is added to it."""
    args = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--mentions", type=Path, help="what mentions.py made of NewsMTSC's sentences; only to train")
    args.add_argument("--base", type=Path, required=True)
    args.add_argument("--out", type=Path)
    args.add_argument("--epochs", type=int)
    args.add_argument("--steps", type=int, help="of an epoch")
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--rate", type=float)
    args.add_argument("--head-rate", type=float)
    args.add_argument("--types-rate", type=float, help="of the token types' embeddings; --rate where it isn't given")
    args.add_argument("--words-rate", type=float, default=0.0, help="of the words' embeddings, which stay as they are without it")
    args.add_argument("--dropout", type=float, help="where it is another than the base's")
    args.add_argument("--warmup", type=float, default=0.05, help="share of the training in which the rate rises")
    args.add_argument("--average", type=float, help="how much of the mean of weights stays at a step")
    args.add_argument("--minutes", type=float, default=1e9, help="the training ends after them, whatever the epoch")
    args.add_argument("--workers", type=int, default=0, help="processes that make the rows")
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=1)
    args.set_defaults(**defaults)
    return args


def parsed(parser):
    """The arguments; to train, `--out` must be given."""
    args = parser.parse_args()
    if args.epochs and not (args.out and args.mentions):
        parser.error("to train, --out and --mentions are needed; --epochs 0 only measures a model")
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    return args


def on_device(batch):
    """A batch's tensors on the device that trains."""
    return {name: torch.as_tensor(value).to(DEVICE) for name, value in batch.items()}


def attention(mask):
    """What is added to the attention, for `mask` (rows, pieces) of 1 and 0; transformers, given that, would ask on the way
    whether anything is masked at all, which can't be recorded."""
    return ((1 - mask) * -1e4)[:, None, None, :]


@torch.no_grad()
def answers(logits, rows, collate, whole=False):
    """The class that `logits`, which takes a batch that `collate` made of rows, gives each row, or what it says of all classes;
    a row has its length at [0]."""
    found = [None] * len(rows)
    for batch in batches([row[0] for row in rows], 32):
        said = logits(on_device(collate([rows[i] for i in batch])))
        for i, own in zip(batch, (said if whole else said.argmax(-1)).tolist()):
            found[i] = own
    return found


class Stream(IterableDataset):
    """Batches without end: of the rows that `rows(rng)` yields without end, each with its length at [0], those of about
    equal length together. Each worker draws its own."""

    def __init__(self, rows, collate, size, seed):
        self.rows, self.collate, self.size, self.seed = rows, collate, size, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(1000 * self.seed + (worker.id if worker else 0))
        rows = self.rows(rng)
        while True:
            some = [next(rows) for _ in range(16 * self.size)]
            for batch in batches([row[0] for row in some], self.size, rng):
                # As arrays: tensors would go from process to process as open files, a slower way for so small ones.
                yield {name: value.numpy() for name, value in self.collate([some[i] for i in batch]).items()}


def stream(rows, collate, *, args):
    """An iterator over a Stream, its rows made by `args.workers` other processes; by this one, if none."""
    found = Stream(rows, collate, args.batch, args.seed)
    more = dict(num_workers=args.workers, prefetch_factor=4, multiprocessing_context="fork") if args.workers else {}
    return iter(DataLoader(found, batch_size=None, collate_fn=lambda batch: batch, **more))


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
    """For a CPU: dropout whose masks are cut from one long random one; drawing them anew takes a tenth of a step there."""
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


def load(kind, folder, settings, dropout=None):
    """A transformers model of class `kind` with the weights of `folder` (a bare encoder will do), and the names missing there.
    New weights are the same whenever they are made, so that models of several runs can be averaged."""
    changed = {"attention_probs_dropout_prob": 0.0} | ({} if dropout is None else {"hidden_dropout_prob": dropout})
    found = AutoConfig.for_model(settings["model_type"]).from_dict({**settings, **changed})
    # On a CPU the backward pass of "sdpa" takes a third of a step at these lengths.
    attention = "sdpa" if found.model_type == "bert" and DEVICE.type != "cpu" else "eager"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = kind._from_config(found, attn_implementation=attention).float()
    if DEVICE.type == "cpu":
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
    return model.to(DEVICE).eval(), sorted(missing)


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
    state = {name: value.detach().float().cpu().contiguous().clone() for name, value in state.items() if "position_ids" not in name}
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
    """An exponential moving average of the weights that are trained, with a warm-up so that the first steps weigh little."""

    def __init__(self, model, decay):
        self.decay, self.steps = decay, 0
        self.own = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self.mean = {name: value.detach().clone() for name, value in self.own.items()}

    @torch.no_grad()
    def update(self):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_([*self.mean.values()], [*self.own.values()], 1 - decay)


def optimiser(model, args, helpers, decay=0.01):
    """AdamW; position embeddings stay as they are, no decay on embeddings and the encoder's biases (those by distance, too) and norms."""
    groups = {(args.head_rate, 0.0): [p for helper in helpers for p in helper.parameters()]}
    for name, parameter in model.named_parameters():
        if "embeddings.position" in name or ("embeddings.word" in name and not args.words_rate):
            parameter.requires_grad = False
            continue
        if name.startswith("classifier"):
            key = (args.head_rate, decay)
        elif "token_type" in name:
            key = (args.types_rate or args.rate, 0.0)
        elif "embeddings.word" in name:
            key = (args.words_rate, 0.0)
        else:
            key = (args.rate, decay if parameter.ndim > 1 and "attention_bias" not in name else 0.0)
        groups.setdefault(key, []).append(parameter)
    groups = [dict(params=own, lr=torch.tensor(rate, device=DEVICE), weight_decay=weight) for (rate, weight), own in groups.items() if own]
    return torch.optim.AdamW(groups, fused=True, capturable=DEVICE.type == "cuda")


class Recorded:
    """A step of training, `step(batch)`. On a GPU it is recorded once for each shape that a batch has, and replayed: starting
    its thousands of small kernels one by one takes several times as long as they run."""

    def __init__(self, step):
        self.step, self.recorded, self.pool = step, {}, None
        self.plain = 3  # The first steps make what must be there before one can be recorded: the optimiser's state.

    def __call__(self, batch):
        if DEVICE.type != "cuda":
            return self.step(on_device(batch))
        if self.plain:
            self.plain -= 1
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                self.step(on_device(batch))
            return torch.cuda.current_stream().wait_stream(aside)
        shapes = tuple(value.shape for value in batch.values())
        if shapes not in self.recorded:
            self.recorded[shapes] = self.record(on_device(batch))
        graph, own = self.recorded[shapes]
        for name, value in batch.items():
            own[name].copy_(torch.from_numpy(value))
        graph.replay()

    def record(self, batch):
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool, capture_error_mode="thread_local"):
            self.step(batch)
        self.pool = self.pool or graph.pool()
        return graph, batch


def train(model, source, loss, evaluate, *, args, store, helpers=()):
    """`source` gives batches without end; `loss(batch, left)` a batch's loss, `left` falling from 1 to 0 over the training.

    After each of `args.epochs` times `args.steps` steps the average of its weights is measured by `evaluate` and stored.
    The rate rises for a share of the training, and falls with `left`, in straight lines over all steps or over `args.minutes`,
    whichever is over first.
    `helpers` are modules that are trained along and not kept.
    """
    optim = optimiser(model, args, helpers)
    average = Average(model, args.average)
    done, total, started = 0, args.epochs * args.steps, time.time()
    rates = [group["lr"].item() for group in optim.param_groups]
    parameters = [p for group in optim.param_groups for p in group["params"]]
    now, seen = torch.ones((), device=DEVICE), torch.zeros((), device=DEVICE)

    def left():
        return 1 - max(done / total, (time.time() - started) / 60 / args.minutes)

    def step(batch):
        optim.zero_grad(set_to_none=True)
        with fast():
            value = loss(batch, now)
        value.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optim.step()
        seen.add_(value.detach())

    step = Recorded(step)

    for epoch in range(args.epochs):
        if left() <= 0:
            break
        model.train()
        begun = time.time()
        seen.zero_()
        for number in range(1, args.steps + 1):
            share = left()
            if share <= 0:
                break
            now.fill_(share)
            warm = min(1.0, ((1 - share) * total + 1) / max(1, args.warmup * total))
            for group, rate in zip(optim.param_groups, rates):
                group["lr"].fill_(rate * warm * share)
            step(next(source))
            average.update()
            done += 1
            if number % 100 == 0:
                print(f"  epoch {epoch + 1} step {number}/{args.steps} loss {seen.item() / 100:.4f} "
                      f"{(time.time() - begun) / number:.4f} s/step", flush=True)
                seen.zero_()
        print(f"epoch {epoch + 1}: {done} steps so far, {time.time() - started:.0f} s", flush=True)
        model.eval()
        own = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(average.mean, strict=False)
        print("  averaged", evaluate(), flush=True)
        store(f"epoch{epoch + 1}", model.state_dict())
        model.load_state_dict(own)
    print(f"{time.time() - started:.0f} s in all", flush=True)
