"""Imports MosaicML streaming and Megatron-LM's indexed dataset as they were published, without the
many gigabytes that their packages ask for beside them. What is put in the place of a missing
package are only the names that are imported; nothing that reads or writes samples is replaced.

Both need PyTorch; Debian's python3-torch does (.cache/peers/bin/python, made by Tools/setup).
"""
import importlib
import importlib.machinery
import importlib.metadata
import sys
import types


def stand_in(name, **members):
    """Makes module `name` importable, and the packages above it."""
    module = sys.modules.get(name)
    if module is None:
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        sys.modules[name] = module
        above, _, last = name.rpartition(".")
        if above:
            setattr(stand_in(above), last, module)
    for member, value in members.items():
        setattr(module, member, value)
    return module


def streaming():
    """The package `streaming` (mosaicml-streaming), without transformers and torchvision: their
    batches and pictures are not used here."""
    stand_in("transformers.feature_extraction_utils", BatchFeature=type("BatchFeature", (), {}))
    stand_in("transformers.tokenization_utils_base", BatchEncoding=type("BatchEncoding", (), {}))
    stand_in("transformers.models.auto.tokenization_auto", AutoTokenizer=None)
    stand_in("torchvision.datasets", VisionDataset=type("VisionDataset", (), {}))
    stand_in("torchvision.transforms.functional", to_tensor=None)
    return importlib.import_module("streaming")


def megatron_indexed_dataset():
    """The module `megatron.core.datasets.indexed_dataset` of megatron-core. The packages above it
    import all of Megatron, which needs a newer PyTorch and a GPU's libraries; they are passed by."""
    root = importlib.metadata.distribution("megatron-core").locate_file("megatron")
    for name, folder in (("megatron", "."), ("megatron.core", "core"),
                         ("megatron.core.datasets", "core/datasets")):
        stand_in(name).__path__ = [str(root / folder)]
    stand_in("megatron.core.utils", log_single_rank=lambda logger, *words, **_: logger.log(*words))
    return importlib.import_module("megatron.core.datasets.indexed_dataset")
