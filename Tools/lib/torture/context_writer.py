"""Writes blocks of prompts into a context store, as an inference engine would, and says what was
acknowledged: a line of JSON {"acknowledged": "context:NAME"} after each put.

  context_writer.py FOLDER '{"seed":.., "durable":.., "prompts":{NAME: BLOCKS}, "capacity_bytes":..,
                             "segment_bytes":.., "pin":[NAME], "flush":..}'

Whatever the store refuses is one line on standard error and exit code 1.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from context_blocks import package  # noqa: E402
from torture.reader import prompt_tokens, space_of  # noqa: E402


def main():
    es = package()
    orders = json.loads(sys.argv[2])
    space = space_of(orders["seed"])
    sizes = {name: orders[name] for name in ("capacity_bytes", "segment_bytes") if orders.get(name)}
    try:
        with es.ContextStore(sys.argv[1], **sizes) as store:
            opened = space.open(es, store)
            put = opened.put_durable if orders["durable"] else opened.put_relaxed
            for name, blocks in orders["prompts"].items():
                tokens = prompt_tokens(space, name, blocks)
                result = put(tokens, space.parts(space.keys(tokens)))
                if result.refused:
                    raise es.EngramError(f"{result.refused} blocks of {name} are refused")
                # One write, so that a line is whole or not there.
                os.write(1, json.dumps({"acknowledged": f"context:{name}"}).encode() + b"\n")
            for name in orders.get("pin", ()):
                opened.pin(prompt_tokens(space, name, orders["prompts"][name]), 30 * 86_400)
            if orders.get("flush"):
                store.flush()
    except (es.EngramError, OSError) as error:
        sys.exit(f"context_writer: {error}")


if __name__ == "__main__":
    main()
