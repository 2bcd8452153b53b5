#!/usr/bin/env python3
"""Derives the polynomials and tables of runtime/math/ (needs mpmath).

    tools/minimax.py            all polynomials: coefficients as C constants, and the error that remains
    tools/minimax.py exp log    those only
    tools/minimax.py --tanh     the table of runtime/math/tanh_table.c
    tools/minimax.py --pi       the words of 2/pi in runtime/math/reduce.c

Method: Remez' exchange algorithm (E. Remez 1934; J.-M. Muller, "Elementary Functions", chapter 3) on a grid of
Chebyshev nodes, with a weight that makes the error relative to the function wanted.  Coefficients are rounded to binary64 one by
one from the lowest power on, and the rest is fitted anew after each, so that rounding costs next to nothing.
"""
import sys
from mpmath import mp, mpf, matrix, lu_solve, sqrt, sin, cos, exp, log, tanh, atan, sinh, pi, expm1

mp.prec = 240 # bits; what is printed needs 53
GRID = 1200


def remez(values, powers, rounds=12):
    """Coefficients for `powers` that minimise the largest |w * (f - p)| over values = [(x, f, w)]."""
    n = len(powers)
    rows = [[w * x**p for p in powers] for x, _, w in values]
    goal = [w * f for _, f, w in values]
    last = len(values) - 1
    points = [round((1 - cos(pi * k / n)) / 2 * last) for k in range(n + 1)]
    for _ in range(rounds):
        a, b = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, at in enumerate(points):
            for j in range(n):
                a[i, j] = rows[at][j]
            a[i, n] = (-1) ** i
            b[i] = goal[at]
        solution = lu_solve(a, b)
        c = [solution[j] for j in range(n)]
        error = [g - sum(k * v for k, v in zip(c, row)) for g, row in zip(goal, rows)]
        # the largest error of each stretch of one sign
        peaks, best = [], 0
        for i in range(1, last + 1):
            if (error[i] < 0) != (error[best] < 0):
                peaks.append(best)
                best = i
            elif abs(error[i]) > abs(error[best]):
                best = i
        peaks.append(best)
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        if len(peaks) < n + 1 or peaks == points:
            break
        points = peaks
    return c


def fit(f, low, high, powers, weight, fixed=()):
    """(coefficients as binary64, largest weighted error).  `fixed`: lowest coefficients that are given."""
    low, high = mpf(low), mpf(high)
    nodes = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * GRID)) for k in range(GRID)]
    exact = [(x, f(x), weight(x)) for x in nodes]
    done = [mpf(float(c)) for c in fixed]
    while len(done) < len(powers):
        rest = [(x, v - sum(c * x**p for c, p in zip(done, powers)), w) for x, v, w in exact]
        done.append(mpf(float(remez(rest, powers[len(done):])[0])))
    worst = max(abs(w * (v - sum(c * x**p for c, p in zip(done, powers)))) for x, v, w in exact)
    return done, worst


QUARTER = (pi / 4) * (1 + mpf(2) ** -20)   # reduction rounds the quotient to nearest, but for its own rounding error
HALF_LN2 = log(2) / 2 * (1 + mpf(2) ** -20)
S_MAX = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * (1 + mpf(2) ** -20)
T_MAX = (sqrt(2) - 1) ** 2 * (1 + mpf(2) ** -20)


def odd_rest(f, name_first=1):
    """(f(x)/x - first) / x^2 as a function of u = x^2."""
    def rest(u):
        x = sqrt(u)
        return (f(x) / x - name_first) / u
    return rest


# name: (what, function, low, high, powers, weight)
POLYNOMIALS = {
    "sin": ("sin x = x + x^3 p(x^2), |x| <= pi/4", odd_rest(sin), mpf(10) ** -9, QUARTER**2, range(6),
            lambda u: u * sqrt(u) / sin(sqrt(u))),
    "cos": ("cos x = 1 - x^2/2 + x^4 p(x^2), |x| <= pi/4", lambda u: (cos(sqrt(u)) - 1 + u / 2) / u**2, mpf(10) ** -9,
            QUARTER**2, range(6), lambda u: u**2 / cos(sqrt(u))),
    "exp": ("e^x = 1 + x + x^2 p(x), |x| <= ln(2)/2", lambda x: (expm1(x) - x) / x**2 if x else mpf(1) / 2, -HALF_LN2,
            HALF_LN2, range(11), lambda x: x**2 / exp(x)),
    "log": ("log((1+s)/(1-s)) = 2s + s^3 p(s^2), |s| <= 3 - 2 sqrt(2)",
            odd_rest(lambda s: log((1 + s) / (1 - s)), 2), mpf(10) ** -9, S_MAX, range(7), lambda u: u / 2),
    "pow": ("log((1+s)/(1-s)) = 2s + 2/3 s^3 + s^5 p(s^2), |s| <= 3 - 2 sqrt(2)",
            lambda u: (log((1 + sqrt(u)) / (1 - sqrt(u))) / sqrt(u) - 2 - 2 * u / 3) / u**2, mpf(10) ** -7, S_MAX, range(8),
            lambda u: u**2 / 2),
    "atan": ("atan t = t + t^3 p(t^2), |t| <= sqrt(2) - 1", odd_rest(atan), mpf(10) ** -9, T_MAX, range(11),
             lambda u: u * sqrt(u) / atan(sqrt(u))),
    "sinh": ("sinh x = x + x^3 p(x^2), |x| <= 1", odd_rest(sinh), mpf(10) ** -9, mpf(1), range(7),
             lambda u: u * sqrt(u) / sinh(sqrt(u))),
}


def interpolate(f, centre, radius, degree):
    """Coefficients in h of the polynomial that meets f(centre + h) at the Chebyshev nodes of |h| <= radius."""
    nodes = [radius * cos(pi * (2 * k + 1) / (2 * degree + 2)) for k in range(degree + 1)]
    a, b = matrix(degree + 1, degree + 1), matrix(degree + 1, 1)
    for i, h in enumerate(nodes):
        for j in range(degree + 1):
            a[i, j] = h**j
        b[i] = f(centre + h)
    return list(lu_solve(a, b))


def tanh_rows():
    """Below 2^-5 tanh h = h + h^2 p(h); from there to 20 sixteen intervals to a power of two."""
    low = mpf(2) ** -5
    c, _ = fit(lambda h: (tanh(h) - h) / h**2, mpf(10) ** -9, low, list(range(7)), lambda h: h)
    yield [0.0, 0.0, 0.0] + [float(v) for v in c]
    for exponent in range(-5, 5):
        for i in range(16 if exponent < 4 else 4):
            width = mpf(2) ** exponent / 16
            c = interpolate(tanh, (i + mpf(33) / 2) * width, width / 2, 8)
            yield [float(c[0]), float(c[0] - mpf(float(c[0])))] + [float(v) for v in c[1:]]


def print_tanh():
    for row in tanh_rows():
        numbers = [v.hex() for v in row]
        print("    { " + ",\n      ".join(", ".join(numbers[i:i + 5]) for i in (0, 5)) + " },")


def print_two_over_pi():
    bits = int(mp.floor(2 / pi * mpf(2) ** 1216))
    print("    0x0000000000000000,")
    for i in range(19):
        print(f"    0x{bits >> (64 * (18 - i)) & (2**64 - 1):016x},")


def main():
    if sys.argv[1:] == ["--tanh"]:
        print_tanh()
        return
    if sys.argv[1:] == ["--pi"]:
        mp.prec = 1400
        print_two_over_pi()
        return
    names = sys.argv[1:] or list(POLYNOMIALS)
    for name in names:
        what, f, low, high, powers, weight = POLYNOMIALS[name]
        coefficients, worst = fit(f, low, high, list(powers), weight)
        print(f"{name}: {what}; relative error 2^{float(log(worst, 2)):.2f}")
        for c in coefficients:
            print(f"    {float(c).hex()}")


if __name__ == "__main__":
    main()
