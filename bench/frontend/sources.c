/* sources.c -- the generators.  Each repeats a piece of ordinary code with other names and numbers, and calls or uses every
 * piece, so that nothing can be left out. */
#include "bench/frontend/sources.h"

/* Plain functions: locals, arithmetic, calls of the two defined before. */
static uint32_t write_functions(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 10;
    fputs("fn f0(x, y){ x + y }\nfn f1(x, y){ x * y }\n", out);
    for (uint32_t i = 2; i < count; i++)
        fprintf(out,
                "fn f%u(x, y){\n"
                "    let a = x * %u + y\n"
                "    let b = f%u(a, y) + f%u(x, a)\n"
                "    let c = if (b > %u.5) {\n"
                "        sin(b) * 0.5\n"
                "    } else {\n"
                "        cos(b) - a\n"
                "    }\n"
                "    c + b\n"
                "}\n",
                i, i, i - 1, i - 2, i);
    fprintf(out, "fn dsp(){ f%u(1, 2) }\n", count - 1);
    return (count - 2) * 10 + 3;
}

/* State: filters with self, mem and delay, each used by the next. */
static uint32_t write_state(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 7;
    fputs("fn s0(x){ self * 0.5 + x }\n", out);
    for (uint32_t i = 1; i < count; i++)
        fprintf(out,
                "fn s%u(x){\n"
                "    let wet = delay(%u, x + self * 0.1, %u)\n"
                "    let dry = mem(x) * 0.5\n"
                "    let (old, older) = (mem(dry), wet)\n"
                "    let step = s0(old)\n"
                "    wet + dry + step - older\n"
                "}\n",
                i, i % 50 + 2, i % 50 + 1);
    fputs("fn dsp(){\n    0\n", out);
    for (uint32_t i = 1; i < count; i++)
        fprintf(out, "    + s%u(%u)\n", i, i);
    fputs("}\n", out);
    return (count - 1) * 8 + 4;
}

/* Records: declared types, literals, updates, packs with defaults, width. */
static uint32_t write_records(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 10;
    fputs("type alias Voice = {freq:float, gain:float, pan:(float, float)}\n", out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out,
                "fn make%u(freq, gain = 0.5, depth = %u){\n"
                "    {freq = freq * depth, gain = gain, pan = (gain, 1 - gain), extra%u = \"text\"}\n"
                "}\n"
                "fn use%u(v:Voice){\n"
                "    let w = {v <- freq = v.freq + %u}\n"
                "    let {freq = f, pan = p} = w\n"
                "    w.gain = w.gain * 0.5\n"
                "    f * w.gain + p.0\n"
                "}\n"
                "let r%u = use%u(make%u({freq = %u, ..}))\n",
                i, i, i, i, i, i, i, i, i);
    fprintf(out, "fn dsp(){ r0 + r%u }\n", count - 1);
    return count * 10 + 2;
}

/* Sum types, recursive ones among them, and matches. */
static uint32_t write_matches(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 17;
    for (uint32_t i = 0; i < count; i++)
        fprintf(out,
                "type Ev%u = Rest%u | Note%u(float, float) | Chord%u([float])\n"
                "type rec List%u = Nil%u | Cons%u(float, List%u)\n"
                "fn amp%u(e, n){\n"
                "    match (e, n) {\n"
                "        (Rest%u, _) => 0,\n"
                "        (Note%u(p, a), 0) => a * p,\n"
                "        (Note%u(_, a), 1) => a,\n"
                "        (Chord%u(notes), _) => notes[n],\n"
                "        _ => %u\n"
                "    }\n"
                "}\n"
                "fn sum%u(l:List%u, acc:float)->float{\n"
                "    match l {\n"
                "        Nil%u => acc,\n"
                "        Cons%u(v, rest) => sum%u(rest, acc + v)\n"
                "    }\n"
                "}\n",
                i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i);
    fprintf(out, "fn dsp(){ amp0(Note0(1, 2), 0) + sum%u(Cons%u(1, Nil%u), 0) }\n", count - 1, count - 1, count - 1);
    return count * 17 + 1;
}

/* Closures: lambdas that capture, shared variables, functions as arguments. */
static uint32_t write_closures(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 10;
    fputs("fn apply(f, x){ f(x) }\n", out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out,
                "fn counter%u(start){\n"
                "    let n = start\n"
                "    let up = |by| { n = n + by n }\n"
                "    let scale = %u\n"
                "    let look = | | n * scale\n"
                "    letrec fall = |k| if (k > 0) fall(k - 1) + scale else look()\n"
                "    (up, look, |x| apply(|y| y * n + x, fall(2)))\n"
                "}\n"
                "let (up%u, look%u, more%u) = counter%u(%u)\n"
                "let v%u = up%u(1) + look%u() + more%u(3)\n",
                i, i, i, i, i, i, i, i, i, i, i);
    fprintf(out, "fn dsp(){ v0 + v%u }\n", count - 1);
    return count * 10 + 2;
}

/* Generic functions, each used at several types. */
static uint32_t write_generics(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 8;
    for (uint32_t i = 0; i < count; i++)
        fprintf(out,
                "fn pair%u(x, y){ (y, x) }\n"
                "fn pick%u(c, x:a, y:a)->a{ if (c) x else y }\n"
                "fn both%u(x, f){\n"
                "    let (p, q) = pair%u(f(x), x)\n"
                "    pick%u(1, (p, q), pair%u(q, p))\n"
                "}\n"
                "let (a%u, b%u) = both%u(%u, |x| x + 1)\n"
                "let (c%u, d%u) = both%u((1, \"x\"), |x| x)\n",
                i, i, i, i, i, i, i, i, i, i, i, i, i);
    fprintf(out, "fn dsp(){ a0 + b%u }\n", count - 1);
    return count * 8 + 1;
}

/* One function with everything in it: a long body, a long literal, a long chain of calls. */
static uint32_t write_long_body(FILE *out, uint32_t lines)
{
    uint32_t count = lines / 3;
    fputs("fn f(x, y){ x * y }\nlet table = [\n", out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "    %u.25,\n", i);
    fputs("]\nfn dsp(){\n    let v0 = 1\n", out);
    for (uint32_t i = 1; i < count; i++)
        fprintf(out, "    let v%u = f(v%u, table[%u])\n", i, i - 1, i);
    for (uint32_t i = 0; i < count; i++) /* a chain may not be of any length */
        fprintf(out, i % 1000 == 0 ? "    let sum = v0 + v%u\n" : "        + v%u\n", i);
    fputs("    sum\n}\n", out);
    return count * 3 + 6;
}

/* Macros: cascades of 500 voices, five lines each when written out, which is what counts. */
static uint32_t write_macros(FILE *out, uint32_t lines)
{
    uint32_t voices = lines < 2500 ? lines / 5 : 500, count = lines < 2500 ? 1 : lines / 2500;
    fputs("#stage(main)\n"
          "fn phasor(freq){ (self + freq / samplerate) % 1 }\n"
          "#stage(macro)\n"
          "fn voice(i, x){\n"
          "    let gain = 1 / i\n"
          "    `{\n"
          "        let phase = phasor($x * $(lift(i)))\n"
          "        let late = mem(phase)\n"
          "        sin(phase) * $(lift(gain)) + late\n"
          "    }\n"
          "}\n"
          "fn cascade(n, x){ if (n > 0) `($(voice(n, x)) + $(cascade(n - 1, x))) else `0 }\n"
          "#stage(main)\n",
          out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "fn bank%u(){ cascade!(%u, `%u) }\n", i, voices, i + 110);
    fprintf(out, "fn dsp(){ bank0() + bank%u() }\n", count - 1);
    return count * voices * 5;
}

const struct bench_source bench_sources[] = {
    { "functions", write_functions }, { "state", write_state },       { "records", write_records },
    { "matches", write_matches },     { "closures", write_closures }, { "generics", write_generics },
    { "long-body", write_long_body }, { "macros", write_macros },     { NULL, NULL },
};
