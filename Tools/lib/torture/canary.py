"""Files that nobody may open, and the kernel's word (inotify) on whether anybody did."""
import ctypes
import os
import struct

IN_ACCESS, IN_MODIFY, IN_OPEN = 0x1, 0x2, 0x20
IN_MOVED, IN_CREATE, IN_DELETE = 0xC0, 0x100, 0x200
ALL = IN_ACCESS | IN_MODIFY | IN_OPEN | IN_MOVED | IN_CREATE | IN_DELETE
NAMES = {IN_ACCESS: "read", IN_MODIFY: "written", IN_OPEN: "opened", IN_CREATE: "made",
         IN_DELETE: "removed"}


class Canary:
    """Watches every folder below `folder`. Whoever opens, reads, writes or makes a file there is seen,
    whatever process it is: hands off while it watches."""

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.folders = {}
        for above, _, _ in os.walk(folder):
            watch = libc.inotify_add_watch(self.descriptor, os.fsencode(above), ALL)
            if watch < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", above)
            self.folders[watch] = above
        self.touched()
        # It must be able to see: a look of our own is one.
        os.listdir(folder)
        if not self.touched():
            raise OSError("inotify does not tell of a folder that is opened")

    def touched(self):
        """What was done since the last call: "PATH opened", ..."""
        found = []
        while True:
            try:
                data = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                return found
            place = 0
            while place < len(data):
                watch, mask, _, length = struct.unpack_from("iIII", data, place)
                name = data[place + 16:place + 16 + length].rstrip(b"\0").decode(errors="replace")
                done = [word for bit, word in NAMES.items() if mask & bit] or [hex(mask)]
                found.append(f"{os.path.join(self.folders.get(watch, '?'), name)} {done[0]}")
                place += 16 + length

    def close(self):
        os.close(self.descriptor)
