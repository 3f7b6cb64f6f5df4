"""One life of a process that writes a context store, until somebody kills it; or reads beside it.

Run by Tools/context-kill-test with a file of JSON that says what to do. Everything that must hold
later is said on standard output, one JSON line each, only after the store has acknowledged it.
"""
import itertools
import json
import os
import random
import select
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from context_blocks import GROUPS, Comparison, Group, Space, Violation, package  # noqa: E402

import numpy as np  # noqa: E402

SIBLINGS = 4
#: Of the same names as the others.
LARGE = (Group("latent", 16, 2048), Group("indexer", 1, 132), Group("window", 1, 96, 4))
GROUPS_OF = {"large": LARGE, "large reader": LARGE}


def say(**line):
    # One write, so that a line is whole or not there.
    os.write(1, json.dumps(line).encode() + b"\n")


class Prompts:
    """Prompts by number: four that follow one another begin alike, unless they are to be apart."""

    def __init__(self, space, is_apart=False):
        self.space = space
        self.is_apart = is_apart

    def length(self, number):
        return 2 + number * 2654435761 % 4294967296 % 15

    def shared(self, number):
        """Blocks at the beginning that the siblings have too."""
        return 0 if self.is_apart else min(self.length(number) - 1, number // SIBLINGS % 6)

    def tokens(self, number):
        trunk = self.space.text(f"trunk {number // SIBLINGS}", 6)
        own = self.space.text(f"prompt {number}", self.length(number))
        shared = self.shared(number) * self.space.block_tokens
        return np.concatenate([trunk[:shared], own[shared:]])


class Life:
    def __init__(self, orders):
        self.orders = orders
        self.es = package()
        self.random = random.Random(repr((orders["seed"], orders["life"])))
        self.space = Space(orders["seed"], groups=GROUPS_OF.get(orders["kind"], GROUPS))
        self.prompts = Prompts(self.space, orders["kind"] == "power")
        self.numbers = itertools.count(orders["life"] * 10_000)
        self.done = []  # numbers of prompts of this life that were put whole
        self.pins = orders.get("pins", 0)
        self.spent = 0

    def open(self):
        options = {name: self.orders[name] for name in ("capacity_bytes", "segment_bytes")
                   if self.orders.get(name)}
        started, cpu = time.monotonic(), time.process_time()
        self.store = self.es.ContextStore(self.orders["folder"], **options)
        say(opened=time.monotonic() - started, cpu=time.process_time() - cpu)
        self.opened = self.space.open(self.es, self.store)

    # What must be there

    def check(self):
        """Compares all prompts that were ever put, and says what is not there that must be."""
        comparison = Comparison(self.space)
        lost, holes, back, missing, asked = [], [], [], 0, 0
        for number, entry in sorted(self.orders["expected"].items(), key=lambda item: int(item[0])):
            number = int(number)
            there = comparison.prefix(self.opened, self.prompts.tokens(number), self.random,
                                      f"prompt {number}")
            for name, flags in there.items():
                must = entry["must"].get(name, [])
                asked += len(must)
                lost += [f"prompt {number}, block {block}, {name}" for block in must
                         if not flags[block]]
                acknowledged = entry["put"].get(name, [])
                missing += sum(not flags[block] for block in acknowledged)
                # Of a put that was under way there may be the first blocks, never others.
                if self.orders["kind"] != "tight" and entry["gone"] is None:
                    until = flags.index(False) if False in flags else len(flags)
                    if any(flags[until:]):
                        holes.append(f"prompt {number}, {name}: block {until} is not there, "
                                     "one behind it is")
                if entry["gone"] is not None and any(flags[entry["gone"]:]):
                    back.append(f"prompt {number}, {name}, from block {entry['gone']} on")
        say(checked=comparison.blocks, bytes=comparison.bytes, rows=comparison.rows, asked=asked,
            missing=missing, lost=len(lost), holes=len(holes), back=len(back),
            which=(lost[:5] + holes[:5] + back[:5]))

    def check_order(self):
        """After a power failure: of puts in order there is all up to one, and nothing behind it."""
        comparison = Comparison(self.space)
        there = []
        flags_of = {}
        for number, first, count in self.orders["sequence"]:
            if number not in flags_of:
                flags_of[number] = comparison.prefix(
                    self.opened, self.prompts.tokens(number), self.random, f"prompt {number}")
            for block in range(first, first + count):
                there.append((all(flags[block] for flags in flags_of[number].values()),
                              f"prompt {number}, block {block}"))
        flags = [is_there for is_there, _ in there]
        kept = flags.index(False) if False in flags else len(flags)
        must = sum(count for _, _, count in self.orders["sequence"][:self.orders["flushed"]])
        holes = [f"{there[kept][1]} is not there, one put after it is"] if any(flags[kept:]) else []
        lost = [f"{there[kept][1]} was flushed"] if kept < must else []
        say(checked=comparison.blocks, bytes=comparison.bytes, rows=comparison.rows, asked=must,
            missing=len(flags) - sum(flags), lost=len(lost), holes=len(holes), back=0,
            which=lost + holes, cut=len(flags) - kept)

    # What is done until the end comes

    def put(self, number, tokens, first, count, names, is_durable):
        keys = self.space.keys(tokens)[first:first + count]
        parts = self.space.parts(keys, names)
        call = self.opened.put_durable if is_durable else self.opened.put_relaxed
        result = call(tokens, parts, first_block=first, blocks=count)
        total = result.stored + result.present + result.refused
        if total != count:
            raise Violation(f"a put of {count} blocks answers {result}")
        say(put=number, first=first, count=count, names=list(names), durable=is_durable,
            refused=result.refused, stored=result.stored)
        self.spent += sum(part.nbytes for part in parts.values())

    def put_prompt(self, number, choose):
        tokens = self.prompts.tokens(number)
        length, first = self.prompts.length(number), 0
        names = list(self.space.groups)
        durable = {"power": 0.0, "large": 0.05}.get(self.orders["kind"], choose.choice([0.0, 0.5, 1.0]))
        while first < length:
            if self.spent > self.orders["budget"]:
                return
            count = min(length - first, choose.randrange(1, 7))
            given = tokens if choose.random() < 0.5 else \
                tokens[:(first + count) * self.space.block_tokens]
            is_durable = choose.random() < durable
            if self.orders["kind"] != "power" and choose.random() < 0.2:
                # In two parts: a block's groups may come one by one.
                self.put(number, given, first, count, names[:1], is_durable)
                self.put(number, given, first, count, names[1:], is_durable)
            else:
                self.put(number, given, first, count, names, is_durable)
            first += count
        self.done.append(number)

    def something_else(self, choose, comparison):
        chance = choose.random()
        try:
            number = choose.choice(self.done)
        except IndexError:
            return  # another thread has cleared the last one
        tokens = self.prompts.tokens(number)
        if chance < 0.1 and self.orders["kind"] == "tight" and self.pins < 3:
            self.pins += 1
            short = tokens[:4 * self.space.block_tokens]
            there = comparison.prefix(self.opened, short, None, f"prompt {number}")
            pinned = self.opened.pin(short, 3600)
            # Blocks may have been evicted between the two; what is pinned is looked up again.
            there = comparison.prefix(self.opened, short, None, f"prompt {number}")
            if pinned:
                say(pin=number, there={name: [block for block, is_there in enumerate(flags)
                                              if is_there and block < pinned]
                                       for name, flags in there.items()})
        elif chance < 0.2 and self.orders["kind"] in ("roomy", "large"):
            try:
                self.done.remove(number)
            except ValueError:
                return
            keep = max(self.prompts.shared(number), choose.randrange(self.prompts.length(number)))
            say(clearing=number, keep=keep)
            self.opened.clear(tokens[:(keep + 1) * self.space.block_tokens])
            say(cleared=number, keep=keep)
        elif chance < 0.3:
            self.store.stats()
        else:
            comparison.prefix(self.opened, tokens, choose, f"prompt {number} of this life")

    def work(self, thread):
        choose = random.Random(repr((self.orders["seed"], self.orders["life"], thread)))
        comparison = Comparison(self.space)
        try:
            while True:
                if self.spent < self.orders["budget"]:
                    self.put_prompt(next(self.numbers), choose)
                else:
                    time.sleep(0.002)
                if self.orders["kind"] == "power":
                    if choose.random() < 0.2:
                        self.store.flush()
                        say(flushed=True, end=log_end(self.orders["folder"]))
                elif self.done and choose.random() < 0.4:
                    self.something_else(choose, comparison)
        except BaseException as error:
            say(violation=f"{type(error).__name__}: {error}")
            os._exit(3)

    def live(self):
        self.open()
        if self.orders["kind"] == "power" and "sequence" in self.orders:
            self.check_order()
        else:
            self.check()
        if self.orders["last"]:
            # Once more after a close that nobody disturbed.
            self.store.close()
            self.open()
            if self.orders["kind"] != "power":
                self.check()
            self.store.close()
            return
        say(begins=True)
        threads = [threading.Thread(target=self.work, args=(number,), daemon=True)
                   for number in range(self.orders["threads"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # Beside a writer

    def read(self):
        """Looks prompts up that may be there, until standard input ends."""
        comparison = Comparison(self.space)
        prompts = 0
        store = self.es.ContextStore(self.orders["folder"], mode="reading")
        opened = self.space.open(self.es, store)
        while not select.select([0], [], [], 0)[0]:
            store.refresh()
            for _ in range(5):
                life = self.random.randrange(self.orders["life"] + 1)
                number = life * 10_000 + self.random.randrange(40)
                there = comparison.prefix(opened, self.prompts.tokens(number), self.random,
                                          f"prompt {number}, read beside the writer")
                prompts += any(map(any, there.values()))
        say(read=prompts, bytes=comparison.bytes)
        store.close()


def log_end(folder):
    """The last segment's name and where its last written page ends."""
    folder = os.path.join(folder, "segments")
    name = max(name for name in os.listdir(folder) if name.endswith(".data"))
    with open(os.path.join(folder, name), "rb") as file:
        data = np.frombuffer(file.read(), np.uint8)
    used = np.nonzero(data)[0]
    return [name, (int(used[-1]) // 4096 + 1) * 4096 if len(used) else 0]


def main():
    with open(sys.argv[1]) as file:
        orders = json.load(file)
    try:
        life = Life(orders)
        life.read() if "reader" in orders["kind"] else life.live()
    except Violation as violation:
        say(violation=str(violation))
        sys.exit(3)


if __name__ == "__main__":
    main()
