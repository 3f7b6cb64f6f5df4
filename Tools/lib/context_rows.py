"""Where the state of small_transformer.py stands: all of it in memory, or read from a context store,
layer by layer as it arrives, or only the rows that attention chooses."""
import numpy
import torch


class MemoryRows:
    """Every row in memory: of each group [layers, positions, numbers of a row]."""

    def __init__(self, variant, layers, positions, first=None):
        """`first`: group -> position of the first row that stands here; 0 where it does not say."""
        self.variant = variant
        self.first = {group: (first or {}).get(group, 0) for group in variant.groups}
        self.state = {group: torch.zeros(layers, positions - self.first[group], numbers,
                                         dtype=variant.dtype)
                      for group, numbers in variant.groups.items()}

    def arrive(self, layer):
        pass

    def write(self, group, layer, position, numbers):
        place = position - self.first[group]
        self.state[group][layer, place:place + len(numbers)] = numbers

    def read(self, group, layer, end):
        assert self.first[group] == 0, f"{group} does not stand in memory whole"
        return self.state[group][layer, :end].float()

    def pick(self, group, layer, chosen):
        rows = self.state[group][layer].index_select(0, chosen.flatten() - self.first[group])
        return rows.float().view(*chosen.shape, -1)

    def numbers(self, group, array):
        """Rows as bytes, [n, row_bytes], as rows of numbers."""
        return torch.from_numpy(numpy.ascontiguousarray(array)).view(self.variant.dtype)


class StoredRows(MemoryRows):
    """The first rows come from a prefix that a look-up found; those of new tokens are in memory.

    A group is read whole during the first step: layer L is taken when the model is about to compute it,
    while the store fetches the next ones. Of the groups in `chosen_only` no layer is ever read whole: rows
    are read when attention picks them. `bytes_read` counts what the store delivered.
    """

    def __init__(self, variant, layers, positions, prefix, chosen_only=()):
        super().__init__(variant, layers, positions, {group: prefix.tokens for group in chosen_only})
        self.prefix = prefix
        self.arriving = [(group, prefix.layers(group)) for group in variant.groups
                         if group not in chosen_only]
        self.layers = layers
        self.bytes_read = 0

    def arrive(self, layer):
        for group, layers in self.arriving:
            number, array = next(layers)
            if (number, len(array)) != (layer, self.prefix.tokens):
                raise RuntimeError(f"{group}: {len(array)} rows of layer {number} came out of the store, "
                                   f"expected {self.prefix.tokens} of layer {layer}")
            self.bytes_read += array.nbytes
            self.state[group][layer, :len(array)] = self.numbers(group, array)
        if layer == self.layers - 1:
            self.arriving = []

    def pick(self, group, layer, chosen):
        stored = self.first[group]
        if stored == 0:
            return super().pick(group, layer, chosen)
        wanted = chosen.flatten()
        old, new = wanted[wanted < stored], wanted[wanted >= stored]
        if not torch.equal(torch.cat([old, new]), wanted):
            raise RuntimeError("rows are picked for one token at a time, rising")
        array = self.prefix.gather(group, layer, old.numpy())
        self.bytes_read += array.nbytes
        picked = torch.cat([self.numbers(group, array), self.state[group][layer, new - stored]])
        return picked.float().view(*chosen.shape, -1)
