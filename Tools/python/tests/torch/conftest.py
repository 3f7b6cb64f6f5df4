"""These need PyTorch."""
import pytest

pytest.importorskip("torch")
