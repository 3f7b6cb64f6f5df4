"""What a power cut leaves of a folder, worked out from a log of the shim (see shim.py).

The rules are those of POSIX and of what file systems do:

- an fsync of a file makes its data and its size last, not its name;
- a name that is made, changed or removed lasts once its folder is flushed;
- until then a journal may have it or not, in the order in which the changes were made ("ordered"),
  or, of a file system without such an order, each folder is as it was last flushed ("strict");
- what was written and not flushed is there by whole sectors of 512 bytes, each of them or not; a
  file that grew has zeros where its data are missing;
- a flush that failed has lost what it should have flushed, and a later one does not bring it back.
"""
import os
import stat

from torture.shim import Violation

SECTOR = 512


class File:
    """What is in a file, what lasts of it, and the changes between."""

    def __init__(self, content=b"", lasts=False):
        self.content = bytearray(content)
        self.flushed = bytearray(content) if lasts else bytearray()
        self.pending = []
        self.is_mapped = False

    def change(self, change):
        self.pending.append(change)
        apply(self.content, change)

    def flush(self):
        for change in self.pending:
            apply(self.flushed, change)
        self.pending.clear()

    def lose(self):
        """A flush that failed."""
        self.pending.clear()

    def torn(self, choose):
        """What lasts, and of the rest any sectors."""
        bytes_left = bytearray(self.flushed)
        share = choose.choice((0.1, 0.5, 0.9))
        for change in self.pending:
            kind, offset, data = change
            if kind != "written":
                if choose.random() < share:
                    apply(bytes_left, change)
                continue
            place = offset
            while place < offset + len(data):
                end = min(offset + len(data), (place // SECTOR + 1) * SECTOR)
                if choose.random() < share:
                    apply(bytes_left, ("written", place, data[place - offset:end - offset]))
                place = end
        if len(bytes_left) < len(self.content) and choose.random() < 0.5:
            bytes_left.extend(bytes(len(self.content) - len(bytes_left)))
        return bytes_left


def apply(content, change):
    """One write, new size or allocation."""
    kind, offset, data = change
    if kind == "truncated":
        if offset < len(content):
            del content[offset:]
        else:
            content.extend(bytes(offset - len(content)))
    elif kind == "allocated":
        if offset + data > len(content):
            content.extend(bytes(offset + data - len(content)))
    else:
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data


class Folder:
    """The names in a folder now, and those that last."""

    def __init__(self):
        self.names = {}
        self.flushed = {}

    def flush(self):
        self.flushed = dict(self.names)


class Disk:
    """A folder as it was at first, all of which lasts, and what a log did to it since."""

    def __init__(self, path):
        self.path = path
        self.files = {}  # by inode
        self.undo = []  # (folder, name, what it named before), since the journal was written last
        self.printed = []
        self.root = self.take(path)

    def take(self, path):
        folder = Folder()
        for name in os.listdir(path):
            each = os.path.join(path, name)
            status = os.lstat(each)
            if stat.S_ISDIR(status.st_mode):
                folder.names[name] = self.take(each)
            elif status.st_ino in self.files:
                folder.names[name] = self.files[status.st_ino]
            else:
                with open(each, "rb") as file:
                    folder.names[name] = self.files[status.st_ino] = File(file.read(), lasts=True)
        folder.flush()
        return folder

    # Names

    def parts(self, path):
        """The names of a path below this folder, None of one that is elsewhere."""
        if path == self.path:
            return []
        if not path.startswith(self.path + "/"):
            return None
        return [part for part in path[len(self.path) + 1:].split("/") if part not in ("", ".")]

    def find(self, path):
        node = self.root
        for part in self.parts(path):
            node = node.names[part]
        return node

    def set(self, path, node):
        """Gives a name to what it is to name, or to nothing."""
        *above, name = self.parts(path)
        folder = self.root
        for part in above:
            folder = folder.names[part]
        self.undo.append((folder, name, folder.names.get(name)))
        if node is None:
            folder.names.pop(name, None)
        else:
            folder.names[name] = node

    # A log

    def play(self, change):
        """Carries a change of the log out."""
        kind, path = change.kind, change.path
        try:
            if kind == "created":
                self.files[change.inode] = File()
                self.set(path, self.files[change.inode])
            elif kind in ("truncated", "allocated", "written"):
                extent = {"truncated": b"", "allocated": change.length, "written": change.data}
                self.files[change.inode].change((kind, change.offset, extent[kind]))
            elif kind == "flushed":
                self.files[change.inode].flush()
                self.undo.clear()
            elif kind == "flush failed":
                if change.inode in self.files:
                    self.files[change.inode].lose()
            elif kind == "flushed folder":
                self.find(path).flush()
                self.undo.clear()
            elif kind == "flushed all":
                self.flush_all(self.root)
                self.undo.clear()
            elif kind in ("renamed", "exchanged", "linked"):
                self.rename(change)
            elif kind in ("unlinked", "removed folder"):
                self.set(path, None)
            elif kind == "made folder":
                self.set(path, Folder())
            elif kind == "mapped":
                self.files[change.inode].is_mapped = True
            elif kind == "printed":
                self.printed.append(change.data)
            else:
                raise Violation(f"a log says {change}, and nobody knows what that leaves")
        except KeyError as error:
            raise Violation(f"a log says {change}, and {error} is not known: something changed the "
                            "disk past the shim") from None

    def rename(self, change):
        source, target = self.parts(change.path), self.parts(change.other)
        if source is None or target is None:
            raise Violation(f"a log says {change}: across the folder that is watched")
        node, other = self.find(change.path), None
        if change.kind == "exchanged":
            other = self.find(change.other)
        self.set(change.other, node)
        if change.kind != "linked":
            self.set(change.path, other)

    def flush_all(self, folder):
        folder.flush()
        for node in folder.names.values():
            if isinstance(node, Folder):
                self.flush_all(node)
            else:
                node.flush()

    # What is left

    def lay_out(self, path, mode, choose=None):
        """Makes what a power cut may leave in a new folder.

        - mode: "all" (the cut took nothing), "data" (names as they are, files as flushed), "strict"
          (names, too, as they were flushed), "torn" (drawn by `choose`).
        """
        overlay = {}
        if mode == "torn":
            names = choose.choice(("now", "ordered", "ordered", "strict"))
            if names == "ordered" and self.undo:
                for folder, name, node in self.undo[choose.randrange(len(self.undo) + 1):][::-1]:
                    overlay.setdefault(id(folder), {})[name] = node
            is_strict = names == "strict"
        else:
            is_strict = mode == "strict"
        contents = {}

        def content(file):
            if id(file) not in contents:
                contents[id(file)] = (
                    file.content if mode == "all" else file.torn(choose) if mode == "torn"
                    else file.flushed)
            return contents[id(file)]

        def lay(folder, place):
            os.mkdir(place)
            names = dict(folder.flushed if is_strict else folder.names)
            names.update(overlay.get(id(folder), {}))
            for name, node in sorted(names.items()):
                each = os.path.join(place, name)
                if isinstance(node, Folder):
                    lay(node, each)
                elif node is not None:
                    with open(each, "wb") as file:
                        file.write(content(node))
        lay(self.root, path)

    def differences(self):
        """What is on the disk in earnest and was not worked out from the log, or otherwise."""
        found = []

        def compare(folder, place):
            names = set(os.listdir(place))
            found.extend(f"{place}/{name}" for name in names ^ set(folder.names))
            for name in names & set(folder.names):
                node, each = folder.names[name], os.path.join(place, name)
                if isinstance(node, Folder):
                    compare(node, each)
                elif not node.is_mapped:
                    with open(each, "rb") as file:
                        if file.read() != node.content:
                            found.append(each)
        compare(self.root, self.path)
        return found
