"""What Tools/peers/context_peers.py measures: stores of values of 2 MiB, each in a process of its own."""
