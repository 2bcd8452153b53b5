/* compare.c -- see compare.h. */
#include "tests/differential/compare.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/session.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

/* Generous for generated programs, whose work is bounded; what goes beyond is not compared.  Memory as well as fuel, since copying a
 * large array costs no more fuel than a small one. */
static const uint64_t fuel_limit = 10000000, memory_limit = 256u << 10;

enum { CHANNELS_MAX = 8, BLOCKS = 5 };

/* What one engine made of the program. */
struct outcome {
    enum jr_status status;
    size_t frames, channels;
    double *values; /* frames x channels */
    struct jr_sb printed, problems;
    uint64_t live_objects, fuel_used;
    bool invalid, limited;
    char refusal[256];
};

static const char *const engine_names[] = { "off",   "specialised", "eager", "auto with promotion",
                                            "quick", "stressed" };
_Static_assert(COMPARE_ENGINE_COUNT - COMPARE_EAGER == 4, "two bits choose among the compiled engines");

static const char *const verdict_names[] = { "same", "same error", "limit",  "invalid", "different",
                                             "leak", "refused",    "failed", "crashed", "hung" };

const char *compare_engine_name(enum compare_engine engine)
{
    return engine_names[engine];
}
const char *compare_verdict_name(enum compare_verdict verdict)
{
    return verdict_names[verdict];
}

static void take_print(void *user, const char *text, size_t length)
{
    jr_sb_bytes(&((struct outcome *)user)->printed, text, length);
}

static void take_line(void *user, const char *line)
{
    (void)user;
    (void)line; /* notices of the compiler do not belong to the program's output */
}

static void configure(const struct compare_config *config, enum compare_engine engine,
                      struct outcome *outcome, struct jr_session_config *session)
{
    memset(session, 0, sizeof *session);
    session->fuel = fuel_limit;
    session->memory_limit = memory_limit;
    session->print = take_print;
    session->line = take_line;
    session->user = outcome;
    /* Options that every engine has to treat alike take turns. */
    session->self_init_zero = config->variation % 4 == 1;
    session->sample_rate = config->variation % 5 == 2 ? 44100 : 48000;
    session->stress_heap = engine == COMPARE_OFF && config->variation % 8 == 5;
    switch (engine) {
    case COMPARE_OFF:
        session->jit.mode = JR_JIT_OFF;
        session->no_specialise = true;
        break;
    case COMPARE_SPECIALISED:
        session->jit.mode = JR_JIT_OFF;
        session->specialised_frames = config->variation % 3 == 1 ? 1 + config->variation / 3 % 20 : 0;
        break;
    case COMPARE_EAGER:
        session->jit.mode = JR_JIT_EAGER;
        session->no_specialise = config->variation % 2 == 1;
        break;
    case COMPARE_PROMOTED:
        session->jit.mode = JR_JIT_AUTO;
        session->jit.synchronous = true;
        session->no_specialise = config->variation / 2 % 2 == 1;
        session->jit.quick_calls = 2 + (uint32_t)(config->variation % 7);
        session->jit.optimised_calls = session->jit.quick_calls + 5 + (uint32_t)(config->variation / 7 % 11);
        session->jit.loop_count = 3 + (uint32_t)(config->variation / 77 % 9);
        break;
    case COMPARE_QUICK:
        session->jit.mode = JR_JIT_AUTO;
        session->jit.synchronous = true;
        session->no_specialise = true;
        session->jit.quick_calls = 1;
        session->jit.optimised_calls = UINT32_MAX;
        session->jit.loop_count = UINT32_MAX;
        break;
    case COMPARE_STRESSED:
        session->jit.mode = JR_JIT_EAGER;
        session->jit.stress = true;
        session->no_specialise = config->variation % 2 == 0;
        break;
    case COMPARE_ENGINE_COUNT:
        break;
    }
}

/* How many frames the next block has: the cuts differ from engine to engine, the frames must not. */
static size_t block_frames(const struct compare_config *config, enum compare_engine engine, size_t done)
{
    static const size_t blocks[BLOCKS] = { 1, 7, 16, 2, 29 };
    size_t left = config->frames - done, block;
    if (engine == COMPARE_OFF)
        return left;
    block = blocks[(config->variation + done + (size_t)engine) % BLOCKS];
    return block < left ? block : left;
}

static void collect_problems(const struct jr_session *session, struct outcome *outcome)
{
    struct jr_session_problem problem;
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        jr_session_get_problem(session, i, &problem);
        jr_sb_format(&outcome->problems, "%u:%u: %s: %s\n", problem.line, problem.column, problem.code,
                     problem.message);
    }
}

static void process(const struct compare_config *config, enum compare_engine engine,
                    struct jr_session *session, struct outcome *outcome)
{
    struct jr_session_shape shape = jr_session_get_shape(session);
    outcome->channels = shape.output_channels;
    outcome->values =
        calloc(config->frames * (shape.output_channels ? shape.output_channels : 1), sizeof(double));
    if (!outcome->values) {
        outcome->status = JR_ERR_NO_MEMORY;
        return;
    }
    outcome->status = jr_session_start(session);
    while (outcome->status == JR_OK && outcome->frames < config->frames) {
        size_t done = 0;
        outcome->status = jr_session_process(session, outcome->values + outcome->frames * outcome->channels,
                                             block_frames(config, engine, outcome->frames), &done);
        outcome->frames += done;
    }
}

static void run(const struct compare_config *config, enum compare_engine engine, const char *source,
                size_t length, struct outcome *outcome)
{
    struct jr_session_config session_config;
    struct jr_session *session = NULL;
    struct jr_session_stats stats;
    const char *refused, *function = NULL;
    memset(outcome, 0, sizeof *outcome);
    jr_sb_init(&outcome->printed, jr_alloc_default());
    jr_sb_init(&outcome->problems, jr_alloc_default());
    configure(config, engine, outcome, &session_config);
    outcome->status = jr_session_create(&session_config, &session);
    if (outcome->status != JR_OK)
        return;
    outcome->status = jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "generated.mmm", source, length);
    if (outcome->status == JR_OK) {
        process(config, engine, session, outcome);
        jr_session_get_stats(session, &stats);
        outcome->limited = stats.fuel_used >= fuel_limit || stats.heap_peak_bytes >= memory_limit / 2;
        refused = session_config.jit.mode == JR_JIT_OFF ? NULL : jr_session_refusal(session, &function);
        if (refused)
            snprintf(outcome->refusal, sizeof outcome->refusal, "%s: %s", function ? function : "?", refused);
        jr_session_finish(session);
        jr_session_get_stats(session, &stats);
        outcome->fuel_used = stats.fuel_used;
        outcome->live_objects = stats.heap_live_objects;
    } else {
        outcome->invalid = outcome->status == JR_ERR_DIAGNOSED;
    }
    collect_problems(session, outcome);
    if (outcome->status != JR_OK && outcome->status != JR_ERR_DIAGNOSED) {
        jr_sb_format(&outcome->problems, "%s\n", jr_session_failure(session));
    }
    jr_session_destroy(session);
}

static void outcome_fini(struct outcome *outcome)
{
    free(outcome->values);
    jr_sb_fini(&outcome->printed);
    jr_sb_fini(&outcome->problems);
}

/* Bits, but every NaN is like every other. */
static bool same_value(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The first difference, as text; false if there is none. */
static bool differ(const struct outcome *a, const struct outcome *b, const char *name, char *message,
                   size_t size)
{
    size_t frames = a->frames < b->frames ? a->frames : b->frames;
    for (size_t i = 0; i < frames * a->channels; i++) {
        if (same_value(a->values[i], b->values[i]))
            continue;
        snprintf(message, size,
                 "frame %zu, channel %zu: off %.17g (%016" PRIx64 "), %s %.17g (%016" PRIx64 ")",
                 i / a->channels, i % a->channels, a->values[i], bits_of(a->values[i]), name, b->values[i],
                 bits_of(b->values[i]));
        return true;
    }
    if (a->status != b->status || a->frames != b->frames ||
        strcmp(jr_sb_view(&a->problems), jr_sb_view(&b->problems)) != 0) {
        snprintf(message, size, "off: %s after %zu frames\n%s%s: %s after %zu frames\n%s",
                 jr_status_name(a->status), a->frames, jr_sb_view(&a->problems), name,
                 jr_status_name(b->status), b->frames, jr_sb_view(&b->problems));
        return true;
    }
    if (a->fuel_used != b->fuel_used) {
        snprintf(message, size, "the fuel used differs: off %" PRIu64 ", %s %" PRIu64, a->fuel_used, name,
                 b->fuel_used);
        return true;
    }
    if (strcmp(jr_sb_view(&a->printed), jr_sb_view(&b->printed)) != 0) {
        snprintf(message, size, "the printed text differs\noff:\n%.600s\n%s:\n%.600s",
                 jr_sb_view(&a->printed), name, jr_sb_view(&b->printed));
        return true;
    }
    return false;
}

/* What is wrong with one engine's outcome by itself. */
static enum compare_verdict judge(const struct outcome *outcome, const char *name, char *message, size_t size)
{
    if (outcome->invalid) {
        snprintf(message, size, "%s", jr_sb_view(&outcome->problems));
        return COMPARE_INVALID;
    }
    if (outcome->limited)
        return COMPARE_LIMIT;
    if (outcome->status != JR_OK && outcome->status != JR_ERR_DIAGNOSED) {
        snprintf(message, size, "%s: %s: %s", name, jr_status_name(outcome->status),
                 jr_sb_view(&outcome->problems));
        return COMPARE_FAILED;
    }
    if (outcome->live_objects > 0) {
        snprintf(message, size, "%s: %" PRIu64 " objects are alive at the end", name, outcome->live_objects);
        return COMPARE_LEAK;
    }
    if (outcome->refusal[0]) {
        snprintf(message, size, "%s: not compiled: %s", name, outcome->refusal);
        return COMPARE_REFUSED;
    }
    return outcome->status == JR_OK ? COMPARE_SAME : COMPARE_SAME_ERROR;
}

/* Nearly all of the time goes into compiling. */
static bool has_turn(const struct compare_config *config, enum compare_engine engine)
{
    if (engine < COMPARE_EAGER)
        return true;
    if (config->in_turn)
        return config->variation * 0x9e3779b97f4a7c15u >> 62 == (uint64_t)engine - COMPARE_EAGER;
    return (engine != COMPARE_STRESSED || config->variation % 3 == 0) &&
           (engine != COMPARE_QUICK || config->variation % 3 == 1);
}

/* The same program without macros: places and fuel may be others. */
static enum compare_verdict compare_plain(const struct compare_config *config, const struct outcome *staged,
                                          const char *plain, char *message, size_t size)
{
    struct outcome outcome;
    enum compare_verdict verdict;
    run(config, COMPARE_OFF, plain, strlen(plain), &outcome);
    verdict = judge(&outcome, "without macros", message, size);
    outcome.fuel_used = staged->fuel_used;
    jr_sb_clear(&outcome.problems);
    jr_sb_text(&outcome.problems, jr_sb_view(&staged->problems));
    if (verdict <= COMPARE_SAME_ERROR && differ(staged, &outcome, "without macros", message, size))
        verdict = COMPARE_DIFFERENT;
    outcome_fini(&outcome);
    return verdict;
}

enum compare_verdict compare_program(const struct compare_config *config, const char *source, size_t length,
                                     const char *plain, char *message, size_t message_size)
{
    struct outcome reference, other;
    enum compare_verdict verdict;
    message[0] = '\0';
    run(config, COMPARE_OFF, source, length, &reference);
    verdict = judge(&reference, engine_names[COMPARE_OFF], message, message_size);
    if (plain && verdict <= COMPARE_SAME_ERROR)
        verdict = compare_plain(config, &reference, plain, message, message_size);
    for (unsigned engine = 1; engine < config->engine_count && verdict <= COMPARE_SAME_ERROR; engine++) {
        const char *name = engine_names[engine];
        if (!has_turn(config, (enum compare_engine)engine))
            continue;
        run(config, (enum compare_engine)engine, source, length, &other);
        if (other.limited) {
            verdict = COMPARE_LIMIT;
        } else if (differ(&reference, &other, name, message, message_size)) {
            verdict = COMPARE_DIFFERENT;
        } else {
            verdict = judge(&other, name, message, message_size);
        }
        outcome_fini(&other);
    }
    outcome_fini(&reference);
    return verdict;
}
