#!/usr/bin/env python3
"""One store of Tools/peers/context_peers.py, in a process of its own; see context/worker.py."""
import sys

from context.worker import serve

if __name__ == "__main__":
    store, folder, count, descriptor, *library = sys.argv[1:]
    serve(store, folder, int(count), int(descriptor), library[0] if library else None)
