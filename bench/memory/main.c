/* main.c -- jitrun-bench-memory: compiles and runs a program again and again in one process, and looks at what stays.
 *
 * Each round makes a session, compiles everything before it runs (eager), renders a block and ends it: front end, specialisation, compile thread,
 * LLVM, linking, freeing of code.  Resident memory after the last round is compared with that after round 100 (or a quarter of the rounds, if they are
 * fewer): more than 2 % and 1 MiB above it is a leak.
 * Exit status: 0, 1 for a leak or a session that failed, 2 usage. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/session.h"

enum { FRAMES = 64, ROUNDS = 10000, REFERENCE_ROUND = 100 };

static const char program[] = "fn phasor(freq){ (self + freq / samplerate) % 1.0 }\n"
                              "fn osc(freq){ sin(phasor(freq) * 6.283185307179586) }\n"
                              "fn voice(f){ let table = [f, 2.0 * f]\n | | osc(table[phasor(0.5) * 2.0]) }\n"
                              "let all = voice(440.0)\n"
                              "fn dsp(){ all() + delay(100.0, all(), 7.0) }\n";

struct use {
    long resident_bytes, heap_bytes, mappings;
};

static struct use use_now(void)
{
    struct use use = { 0 };
    char line[512];
    FILE *file = fopen("/proc/self/status", "r");
    malloc_trim(0); /* what the allocator keeps for later is no leak */
    while (file != NULL && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            use.resident_bytes = 1024 * strtol(line + 6, NULL, 10);
    if (file != NULL)
        fclose(file);
    file = fopen("/proc/self/maps", "r");
    for (int c; file != NULL && (c = getc(file)) != EOF;)
        use.mappings += c == '\n';
    if (file != NULL)
        fclose(file);
    use.heap_bytes = (long)mallinfo2().uordblks;
    return use;
}

static bool run_round(void)
{
    double out[FRAMES];
    size_t done = 0;
    struct jr_session_config config = { .sample_rate = 48000, .jit = { .mode = JR_JIT_EAGER } };
    struct jr_session *session;
    if (jr_session_create(&config, &session) != JR_OK)
        return false;
    bool good = jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "memory.mmm", program, sizeof program - 1) == JR_OK &&
                jr_session_start(session) == JR_OK && jr_session_process(session, out, FRAMES, &done) == JR_OK && done == FRAMES;
    jr_session_destroy(session);
    return good;
}

static void report(long round, const struct use *use)
{
    printf("%8ld %14.1f %14.1f %10ld\n", round, (double)use->resident_bytes / 1024.0, (double)use->heap_bytes / 1024.0,
           use->mappings);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    long rounds = ROUNDS, reference, next = 1;
    struct use before = { 0 }, use = { 0 };
    if (argc == 3 && strcmp(argv[1], "--rounds") == 0)
        rounds = strtol(argv[2], NULL, 10);
    else if (argc != 1)
        rounds = 0;
    if (rounds < 8) {
        fputs("usage: jitrun-bench-memory [--rounds N]   at least 8; default 10000\n", stderr);
        return 2;
    }
    reference = rounds > REFERENCE_ROUND ? REFERENCE_ROUND : rounds / 4;
    printf("%8s %14s %14s %10s\n", "round", "resident KiB", "heap KiB", "mappings");
    for (long round = 1; round <= rounds; round++) {
        if (!run_round()) {
            fprintf(stderr, "jitrun-bench-memory: round %ld failed\n", round);
            return 1;
        }
        if (round != next && round != reference && round != rounds)
            continue;
        use = use_now();
        report(round, &use);
        if (round == reference)
            before = use;
        if (round == next)
            next *= 10;
    }
    long more = use.resident_bytes - before.resident_bytes;
    printf("%+.2f %% from round %ld to round %ld\n", 100.0 * (double)more / (double)before.resident_bytes, reference, rounds);
    return more > before.resident_bytes / 50 && more > 1 << 20 ? 1 : 0;
}
