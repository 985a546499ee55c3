"""A network that misbehaves on request: TCP links between two of our processes, one listening port each, all served by
one thread of their own. A link passes bytes on until told otherwise; what it is told holds for both ways and
for connections old and new until it is told to pass again."""
import asyncio
import random
import socket
import struct
import threading

PASS = "pass"
FAULTS = ("latency", "half_open", "reset", "corrupt", "bandwidth", "stall")
CHUNK = 65536
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: the close becomes a reset


def damage(rng, data, skip=0):
    """data with one byte behind `skip` changed."""
    at = rng.randrange(skip, len(data))
    return data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1:]


class Link:
    """One listening port and the server behind it. What is only read by the loop's thread is set from it too."""

    def __init__(self, net, name, target, seed, http=False):
        self.net, self.name, self.target, self.http = net, name, target, http
        self.rng = random.Random(f"{seed}/{name}")
        self.mode, self.amount = PASS, 0.0
        self.changed = asyncio.Event()
        self.writers = set()
        self.connections = self.passed = self.swallowed = self.damaged = self.resets = 0
        self.server = self.port = None
        self.spent = False  # this spell has had its damage

    # --- told from outside ------------------------------------------------------------------------

    def tell(self, mode, amount=0.0):
        """latency: seconds; bandwidth: bytes a second; the others need no amount."""
        self.net.call(self._tell, mode, amount)

    def pass_on(self):
        self.tell(PASS)

    # --- in the loop ------------------------------------------------------------------------------

    def _tell(self, mode, amount):
        was, self.mode, self.amount, self.spent = self.mode, mode, amount, False
        self.changed.set()
        self.changed = asyncio.Event()
        # Bytes that were swallowed or damaged are a hole in the stream: it cannot go on behind it.
        if mode == "reset" or was in ("half_open", "corrupt"):
            self._reset_all()

    def _reset_all(self):
        for writer in list(self.writers):
            self._reset(writer)

    def _reset(self, writer):
        self.resets += 1
        sock = writer.get_extra_info("socket")
        if sock is not None:
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            except OSError:
                pass
        writer.transport.abort()

    async def accept(self, reader, writer):
        self.connections += 1
        self.writers.add(writer)
        try:
            if self.mode == "reset":
                self._reset(writer)
            elif self.mode == "half_open":
                await self._swallow(reader)
            else:
                await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the other side is away, or the test is over
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def _swallow(self, reader):
        while data := await reader.read(CHUNK):
            self.swallowed += len(data)

    async def _join(self, reader, writer):
        there, back = await asyncio.open_connection(*self.target)
        self.writers.add(back)
        try:
            ways = [asyncio.ensure_future(self._pump(reader, back, True)),
                    asyncio.ensure_future(self._pump(there, writer, False))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self.writers.discard(back)
            back.transport.abort()

    async def _pump(self, reader, writer, forth):
        while True:
            while self.mode == "stall":  # not read: the sender's window fills
                await self.changed.wait()
            data = await reader.read(CHUNK)
            if not data:
                return
            if self.mode == "half_open":
                self.swallowed += len(data)
                continue
            if self.mode == "latency":
                await self._hold(self.amount)
            elif self.mode == "bandwidth":
                await self._hold(len(data) / self.amount)
            elif self.mode == "corrupt":
                data = self._damage(data, forth)
            self.passed += len(data)
            writer.write(data)
            await writer.drain()

    async def _hold(self, seconds):
        """Not beyond the spell: a write that comes seconds after the next one of the same rows undoes that one in a
        database without conditions, whatever the writer does (README, Limits)."""
        try:
            await asyncio.wait_for(self.changed.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    def _damage(self, data, forth):
        """Of HTTP one body of a request a spell: nothing guards a request line or a status but TLS, and a row whose
        every request is damaged cannot be told from a bad one."""
        skip = 0
        if self.http:
            head = data.find(b"\r\n\r\n")
            skip = head + 4 if head >= 0 else 0
            if not forth or self.spent or skip >= len(data):
                return data
            self.spent = True
        self.damaged += 1
        return damage(self.rng, data, skip)


class Net:
    """All links of a rig."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.links = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def call(self, what, *args):
        """Runs what in the loop's thread and waits for it."""
        done = threading.Event()

        def run():
            what(*args)
            done.set()
        self.loop.call_soon_threadsafe(run)
        done.wait()

    def link(self, name, port, seed, http=False):
        """A new port in front of 127.0.0.1:port."""
        made = asyncio.run_coroutine_threadsafe(self._open(name, port, seed, http), self.loop).result()
        self.links.append(made)
        return made

    async def _open(self, name, port, seed, http):
        link = Link(self, name, ("127.0.0.1", port), seed, http)
        link.server = await asyncio.start_server(link.accept, "127.0.0.1", 0, limit=CHUNK)
        link.port = link.server.sockets[0].getsockname()[1]
        return link

    def pass_on(self):
        for link in self.links:
            link.pass_on()

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _end(self):
        for link in self.links:
            link.server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
