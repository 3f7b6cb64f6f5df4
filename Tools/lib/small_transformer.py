"""A small decoder in PyTorch whose weights come from a seed: RMSNorm, rotary positions, SwiGLU, and the
three attentions whose state a context store keeps. Deterministic: the same tokens in steps of the same
sizes give the same logits, bit for bit, in every process with the same number of threads.

  model = Transformer("mla")
  rows = MemoryRows(model.variant, 4096)         # context_rows.py
  logits = model.forward(tokens, 0, rows)        # tokens int64 [n] from position 0 on; [1, VOCABULARY]

It computes in float32 and knows no store: all it asks of `rows` is

  arrive(layer)                                  # called once a step, before the layer is computed
  write(group, layer, position, numbers)         # [n, numbers of a row], rounded to the variant's dtype
  read(group, layer, end)                        # [end, numbers of a row] as float32
  pick(group, layer, chosen)                     # chosen int64 [n, k], rising; [n, k, numbers of a row]
"""
import dataclasses
import math

import torch

VOCABULARY = 4096
WIDTH = 512
INNER = 1408
LAYERS = 8
HEADS = 8
HEAD = 64
LATENT = 128
ROPE = 32
INDEX_HEADS = 4
INDEX = 64
SEED = 20261125


@dataclasses.dataclass(frozen=True)
class Variant:
    """An attention, and the groups of its state: name -> numbers of a row (one token in one layer)."""

    name: str
    groups: dict
    dtype: torch.dtype = torch.bfloat16
    key_heads: int = HEADS
    top_k: int = 0

    @property
    def sparse_group(self):
        """The group of which only chosen rows are read, or None."""
        return "latent" if self.top_k else None

    def row_bytes(self, group):
        return self.groups[group] * torch.finfo(self.dtype).bits // 8


VARIANTS = {variant.name: variant for variant in [
    # Keys of all heads, then values of all heads.
    Variant("mha", {"kv": 2 * HEADS * HEAD}),
    Variant("gqa", {"kv": 2 * 4 * HEAD}, dtype=torch.float32, key_heads=4),
    # The latent, then the key that carries the position.
    Variant("mla", {"latent": LATENT + ROPE}),
    Variant("top-k", {"latent": LATENT + ROPE, "indexer": INDEX}, top_k=256),
]}


def normed(x):
    """RMSNorm without a gain, over the last dimension."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


class Transformer:
    def __init__(self, variant, positions):
        """The model of one of VARIANTS, for prompts of up to `positions` tokens."""
        self.variant = VARIANTS[variant]
        self.generator = torch.Generator().manual_seed(SEED)
        self.embedding = torch.randn(VOCABULARY, WIDTH, generator=self.generator)
        self.layers = [self.layer() for _ in range(LAYERS)]
        self.head = self.weight(WIDTH, VOCABULARY)
        self.turns = {size: turns(positions, size) for size in (HEAD, ROPE, INDEX)}
        # Rows that the last step's last token chose, a layer: [top_k].
        self.chosen = [None] * LAYERS

    def weight(self, *shape):
        """[..., inputs, outputs]"""
        return torch.randn(*shape, generator=self.generator) / math.sqrt(shape[-2])

    def layer(self):
        weights = {"out": self.weight(HEADS * HEAD, WIDTH), "gate": self.weight(WIDTH, INNER),
                   "up": self.weight(WIDTH, INNER), "down": self.weight(INNER, WIDTH)}
        if "kv" in self.variant.groups:
            weights["query"] = self.weight(WIDTH, HEADS * HEAD)
            weights["row"] = self.weight(WIDTH, self.variant.groups["kv"])
            return weights
        weights["query"] = self.weight(WIDTH, HEADS * (HEAD + ROPE))
        weights["row"] = self.weight(WIDTH, LATENT + ROPE)
        # Absorbed: a query is taken to the latent, and what attention finds there back.
        weights["to latent"] = self.weight(HEADS, HEAD, LATENT)
        weights["from latent"] = self.weight(HEADS, LATENT, HEAD)
        if self.variant.top_k:
            weights["index query"] = self.weight(WIDTH, INDEX_HEADS * INDEX)
            weights["index key"] = self.weight(WIDTH, INDEX)
            weights["index heads"] = self.weight(WIDTH, INDEX_HEADS)
        return weights

    def forward(self, tokens, position, rows):
        """Logits [1, VOCABULARY] of the last of `tokens`, which stand at `position` and behind; `rows`
        has the state of all before them and takes theirs."""
        attention = self.latent_attention if "latent" in self.variant.groups else self.head_attention
        x = self.embedding[tokens]
        for number, weights in enumerate(self.layers):
            rows.arrive(number)
            x = x + attention(number, weights, normed(x), position, rows) @ weights["out"]
            y = normed(x)
            gate = torch.nn.functional.silu(y @ weights["gate"])
            x = x + (gate * (y @ weights["up"])) @ weights["down"]
        return normed(x[-1:]) @ self.head

    def head_attention(self, number, weights, x, position, rows):
        """Keys and values a head; fewer of them than queries where heads share."""
        count, end, heads = len(x), position + len(x), self.variant.key_heads
        query = self.turned((x @ weights["query"]).view(count, HEADS, HEAD), position)
        key, value = (x @ weights["row"]).view(count, 2, heads, HEAD).unbind(1)
        key = self.turned(key, position)
        rows.write("kv", number, position, torch.cat([key, value], 1).flatten(1))
        keys, values = rows.read("kv", number, end).view(end, 2, heads, HEAD).unbind(1)
        query = query.view(count, heads, HEADS // heads, HEAD).permute(1, 2, 0, 3).flatten(1, 2)
        scores = query @ keys.permute(1, 2, 0) / math.sqrt(HEAD)
        scores = scores.view(heads, HEADS // heads, count, end) + hidden(count, end)
        found = torch.softmax(scores, -1).flatten(1, 2) @ values.transpose(0, 1)
        return found.view(HEADS, count, HEAD).transpose(0, 1).flatten(1)

    def latent_attention(self, number, weights, x, position, rows):
        """One compressed row a token for all heads; of all tokens before, or of the chosen."""
        count, end = len(x), position + len(x)
        query = (x @ weights["query"]).view(count, HEADS, HEAD + ROPE)
        query = torch.cat([(query[..., :HEAD].transpose(0, 1) @ weights["to latent"]).transpose(0, 1),
                           self.turned(query[..., HEAD:], position)], -1)
        latent, key = (x @ weights["row"]).split([LATENT, ROPE], -1)
        key = self.turned(key[:, None], position)[:, 0]
        rows.write("latent", number, position, torch.cat([normed(latent), key], -1))
        scale = 1 / math.sqrt(HEAD + ROPE)
        if self.variant.top_k:
            chosen = self.choose(number, weights, x, position, rows)
            picked = rows.pick("latent", number, chosen)
            # Early tokens choose among fewer than top_k; what is left over lies behind them.
            behind = (chosen > torch.arange(position, end)[:, None])[:, None]
            scores = (query @ picked.transpose(1, 2) * scale).masked_fill(behind, -math.inf)
            found = (torch.softmax(scores, -1) @ picked[..., :LATENT]).transpose(0, 1)
        else:
            seen = rows.read("latent", number, end)
            scores = query.transpose(0, 1) @ seen.T * scale + hidden(count, end)
            found = torch.softmax(scores, -1) @ seen[:, :LATENT]
        return (found @ weights["from latent"]).transpose(0, 1).flatten(1)

    def choose(self, number, weights, x, position, rows):
        """The rows with the highest scores of the indexer, rising: [tokens, top_k], or all there are."""
        count, end = len(x), position + len(x)
        key = self.turned((x @ weights["index key"])[:, None], position)[:, 0]
        rows.write("indexer", number, position, key)
        query = self.turned((x @ weights["index query"]).view(count, INDEX_HEADS, INDEX), position)
        alike = torch.relu(query.transpose(0, 1) @ rows.read("indexer", number, end).T)
        heads = torch.softmax(x @ weights["index heads"], -1).T[..., None]
        scores = (alike * heads).sum(0) + hidden(count, end)
        chosen = torch.topk(scores, min(self.variant.top_k, end)).indices.sort(-1).values
        self.chosen[number] = chosen[-1]
        return chosen

    def turned(self, x, position):
        """Rotary positions of x, [tokens, heads, size]."""
        cosine, sine = self.turns[x.shape[-1]]
        cosine, sine = (part[position:position + len(x), None] for part in (cosine, sine))
        a, b = x.chunk(2, -1)
        return torch.cat([a * cosine - b * sine, a * sine + b * cosine], -1)


def turns(positions, size):
    """Cosines and sines, [positions, size / 2] each."""
    speeds = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.arange(positions, dtype=torch.float64)[:, None] * speeds
    return angles.cos().float(), angles.sin().float()


def hidden(count, end):
    """What is added to scores, [count, end]: the last `count` tokens do not see what is behind them."""
    return torch.full((count, end), -math.inf).triu(end - count + 1)
