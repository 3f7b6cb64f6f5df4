"""A store in a process of its own: takes a word a line on standard input ("round" or "flip"), and
answers with a line of JSON. What a store's own code prints goes to standard error.

usage: context_worker STORE FOLDER COUNT VALUES_DESCRIPTOR [LIBRARY]
"""
import importlib
import json
import os
import sys

from context import values


def serve(name, folder, count, descriptor, library):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**members):
        print(json.dumps(members), file=answers, flush=True)

    try:
        module = importlib.import_module(f"context.{name}")
        store = module.Store(folder, values.shared(descriptor, count), library)
        answer(ready=store.title)
        for line in sys.stdin:
            if line.strip() == "flip":
                answer(flips=store.flips())
            else:
                figures, wrong = store.round()
                answer(figures=figures, wrong=wrong)
        store.close()
    except Exception as error:  # one clear line for whatever a store of others says
        answer(error=f"{type(error).__name__}: {error}".splitlines()[0][:160])
        raise
