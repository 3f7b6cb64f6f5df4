"""PyTorch: rows and fusion as modules, datasets for DataLoader.

    from engramstore.torch import EngramEmbedding, EngramLayer, ShardedDataset

Runs with PyTorch 1.13 and later. Nothing here is imported by `import engramstore`.
"""
from ._embedding import EngramEmbedding, EngramRows
from ._fusion import EngramFusion
from ._layer import EngramLayer, LayerState
from ._loader import ShardedLoader
from ._packing import Packed, Packing
from ._sharding import MixtureDataset, ShardedDataset

__all__ = [
    "EngramEmbedding", "EngramFusion", "EngramLayer", "EngramRows", "LayerState", "MixtureDataset",
    "Packed", "Packing", "ShardedDataset", "ShardedLoader",
]
