"""Least squares and CUSUM in fractions: normal equations, exact, with nothing of the program's ways in it."""
import math
from fractions import Fraction as F


def solve(a, y):
    """x of a x = y by elimination; a is square and regular."""
    n = len(a)
    m = [list(row) + [v] for row, v in zip(a, y)]
    for k in range(n):
        p = next(i for i in range(k, n) if m[i][k] != 0)
        m[k], m[p] = m[p], m[k]
        for i in range(n):
            if i != k and m[i][k] != 0:
                f = m[i][k] / m[k][k]
                m[i] = [u - f * v for u, v in zip(m[i], m[k])]
    return [m[i][n] / m[i][i] for i in range(n)]


class Fit:
    """rows: (T, x1, x2 ...) of each period; energy: what was used. All are taken as exact decimals."""

    def __init__(self, rows, energy):
        self.rows = [[F(str(v)) for v in r] for r in rows]
        self.energy = [F(str(e)) for e in energy]
        n, k = len(self.rows), len(self.rows[0])
        self.normal = [[sum(r[i] * r[j] for r in self.rows) for j in range(k)] for i in range(k)]
        self.b = solve(self.normal, [sum(r[i] * e for r, e in zip(self.rows, self.energy)) for i in range(k)])
        self.residual = [e - self.expect(r) for r, e in zip(self.rows, self.energy)]
        rss, mean = sum(d * d for d in self.residual), sum(self.energy) / n
        self.s = math.sqrt(rss / (n - k))
        self.r2 = float(1 - rss / sum((e - mean) ** 2 for e in self.energy))
        self.cv = self.s / float(mean)
        self.lag = float(sum(u * v for u, v in zip(self.residual, self.residual[1:])) / rss) if rss else None

    def expect(self, row):
        return sum(b * F(str(v)) for b, v in zip(self.b, row))

    def error(self, j):
        unit = [F(int(i == j)) for i in range(len(self.b))]
        return self.s * math.sqrt(solve(self.normal, unit)[j])


def alarms(d, s):
    """(kind, begin, raised, last) by the tabular CUSUM, K = 0.5 s, H = 4.5 s."""
    out = []
    for kind, sign in (("overuse", 1), ("saving", -1)):
        total, begin, one = 0.0, 0, None
        for i, v in enumerate(d):
            if total <= 0:
                begin = i
            total = max(0.0, total + sign * float(v) - 0.5 * s)
            if total > 4.5 * s:
                one = one or [kind, begin, i, i]
                one[3] = i
            elif one:
                out.append(tuple(one))
                one = None
        if one:
            out.append(tuple(one))
    return out
