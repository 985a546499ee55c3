"""Machines whose readings are written to a file while the test runs, faster than time: a row each two seconds of
a day long ago. What they did is known from the number of rows alone, without any journal."""
import json

START_S = 1760000400  # 2025-10-09T09:00:00Z, a full hour
STEP_S = 2
PIECE = 10**6
WH = 10**6  # in uWh

CSV = """
tape:
  csv:
    file: {file}
    follow: true
    time_columns: [t]
    format: epoch_s
    columns:
      - {{column: state, point: state, type: state, poll: 2 s}}
      - {{column: good, point: good, type: counter, unit: pieces, width_bits: 16, poll: 2 s}}
      - {{column: scrap, point: scrap, type: counter, unit: pieces, poll: 2 s}}
      - {{column: energy, point: energy, type: register, unit: Wh, poll: 2 s}}
"""
LINES = """
tape:
  lines:
    from: file
    path: {file}
    follow: true
    heartbeat: 10 s
    points:
      - {{name: state, type: state}}
      - {{name: good, type: counter, unit: pieces, decimals: 0, width_bits: 16}}
      - {{name: scrap, type: counter, unit: pieces, decimals: 0}}
      - {{name: energy, type: register, unit: Wh, decimals: 0}}
"""


class Tape:
    """One machine: a good piece and 3 Wh a row, scrap each twentieth row, 50 minutes of an hour in production and
    then 10 with a fault. Its counter of good pieces wraps at 16 bits, first at row
    3,536."""

    def __init__(self, path, kind):
        self.path, self.kind, self.rows = path, kind, 0
        self.file = open(path, "w", encoding="utf-8", buffering=1 << 16)
        if kind == "csv":
            self.file.write("t,state,good,scrap,energy\n")

    def row(self, i):
        t = START_S + i * STEP_S
        return t, 6 if t % 3600 < 3000 else 9, (i + 62000) % 65536, i // 20, i * 3 + 5000

    def text(self, i):
        t, state, good, scrap, energy = self.row(i)
        if self.kind == "csv":
            return f"{t},{state},{good},{scrap},{energy}\n"
        return json.dumps({"t": t * 1000, "values": {"state": state, "good": good, "scrap": scrap,
                                                     "energy": energy}}) + "\n"

    def add(self, n):
        """n more rows; the file's last line may be torn in the reader's eyes, as with any writer."""
        self.file.write("".join(self.text(i) for i in range(self.rows, self.rows + n)))
        self.rows += n
        self.file.flush()

    def add_to_hour(self):
        """Rows to the next full hour and the one that ends it."""
        self.add(-(self.rows - 1) % (3600 // STEP_S))

    def close(self):
        self.file.close()

    # --- what it did, by hand ---------------------------------------------------------------------

    def spans(self):
        return self.rows - 1

    def want(self):
        """From the first row to the last: sums as the store names them."""
        good, scrap = self.spans(), self.spans() // 20
        production = sum(STEP_S for i in range(self.spans()) if self.row(i)[1] == 6) * 1000
        return {"gq": good * PIECE, "sq": scrap * PIECE, "energy": self.spans() * 3 * WH,
                "time_production": production, "time_delay": self.spans() * STEP_S * 1000 - production}
