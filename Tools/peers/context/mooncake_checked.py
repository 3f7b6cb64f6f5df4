"""Mooncake with its checksums, which are off by default and which a process turns on from its start."""
from context import mooncake_store

ENVIRONMENT = {"MOONCAKE_STORE_CHECKSUM": "1"}


class Store(mooncake_store.Store):
    KIND = "checksums on"
    MOST = 64  # it is ten times slower and more: fewer values give the same rate in time
