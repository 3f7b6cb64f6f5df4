"""Top-k rows out of a prompt of a million tokens in Engram's context store: 2,048 random rows of 656
bytes of a layer, as sparse attention asks for them."""
import shutil

import numpy as np

from context import values
from context.engram_store import TOKENS, Context

COUNT, LAYERS, TAKEN, CALLS = 1_000_000 // TOKENS * TOKENS, 4, 2048, 5
LAYOUT = {"name": "latent", "layers": LAYERS, "row_bytes": 656, "dtype": "fp8_ds_mla",
          "tokens_per_row": 1}
WHAT = f"{TAKEN} random rows of 656 bytes of a million, "


class Repeated:
    """A million tokens' blocks out of fewer: any 64 that begin at a multiple of 64 lie together."""

    def __init__(self, sources):
        size = LAYERS * TOKENS * 656
        count = sources.nbytes // size // 64 * 64
        self.blocks = sources.reshape(-1)[:count * size].reshape(count, size)

    def __len__(self):
        return COUNT // TOKENS

    def __getitem__(self, number):
        return self.blocks[number % len(self.blocks)]


class Rows:
    """The stored prompt; its rows are cut out of `sources`, so that they are known."""

    def __init__(self, library, folder, sources):
        self.library, self.folder, self.put = library, folder, Repeated(sources)
        shutil.rmtree(folder, ignore_errors=True)
        context = self.open("writing")
        context.put("relaxed", self.put, 64)
        context.close()
        self.random = np.random.default_rng(5)

    def open(self, mode):
        return Context(self.library, self.folder, self.put, LAYOUT, mode)

    def expected(self, layer, rows):
        """The rows as they were put: 64 blocks a call, the last call the rest."""
        call, inside = rows // (64 * TOKENS), rows % (64 * TOKENS)
        held = np.minimum(64, COUNT // TOKENS - call * 64) * TOKENS
        places = call * 64 * TOKENS * LAYERS + layer * held + inside
        known = self.put.blocks.reshape(-1, 656)
        return known[places % len(known)]

    def round(self):
        values.drop(self.folder)
        context = self.open("reading")
        context.lookup()
        rates, wrong = {}, 0
        out = np.empty((TAKEN, 656), np.uint8)
        for state, calls in (("cold", CALLS), ("warm", 60)):
            choices = self.random.integers(0, COUNT, (LAYERS if state == "cold" else 1, calls, TAKEN))
            if state == "warm":
                for start in range(0, COUNT, TAKEN):
                    rows = np.arange(start, min(COUNT, start + TAKEN))
                    context.gather(0, rows, out[:len(rows)])

            def gather():
                for layer, of_layer in enumerate(choices):
                    for rows in of_layer:
                        context.gather(layer, rows, out)

            rates[f"{WHAT}{state}#rows/s"] = choices.size / values.seconds(gather)
            wrong += int((out != self.expected(len(choices) - 1, choices[-1][-1])).any(1).sum())
        context.end()
        context.close()
        return rates, wrong
