/* test_plan.c -- programs rendered by their plan give the bits of the interpreter, frame by frame and in the end their state.
 *
 *   test_plan                   every program of the folders in JR_TEST_FOLDERS
 *   test_plan --report FILE ... what becomes of each file, and why there is no plan */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "evaluate.h"
#include "host/session.h"
#include "ir/base/alloc.h"
#include "ir/module.h"
#include "runtime/vm.h"

enum { FRAMES = 200, MOST_CHANNELS = 64, MOST_INPUTS = 16 };

static struct {
    uint32_t programs, planned, refused, failed;
    bool report;
} counts;

static double input[MOST_INPUTS * FRAMES];

static void ignore_text(void *user, const char *text, size_t length)
{
    (void)user, (void)text, (void)length;
}

static void ignore_line(void *user, const char *line)
{
    (void)user, (void)line;
}

/* Memory of which the allocation with the number `fail_at`, counted from 0, fails. */
static struct {
    size_t count, fail_at, live;
} memory;

static void *failing_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    (void)user;
    if (new_size > old_size && memory.count++ == memory.fail_at)
        return NULL;
    void *result = alloc->realloc(alloc->user, ptr, old_size, new_size);
    if (new_size == 0 || result != NULL)
        memory.live += new_size - old_size;
    return result;
}

/* Each allocation fails once; nothing is left behind. */
static void check_memory(const char *path, const struct jr_residual *residual)
{
    static const struct jr_alloc failing = { .realloc = failing_realloc };
    enum jr_status status = JR_ERR_NO_MEMORY;
    memory.live = 0;
    for (memory.fail_at = 0; status == JR_ERR_NO_MEMORY; memory.fail_at++) {
        struct jr_plan *plan;
        char reason[JR_PLAN_REASON_BYTES];
        memory.count = 0;
        status = jr_plan_make(residual, &failing, &plan, reason);
        jr_plan_destroy(plan);
        if (memory.live != 0 || (status == JR_OK && memory.count > memory.fail_at)) {
            printf("%s: %zu bytes are left after allocation %zu failed\n", path, memory.live, memory.fail_at);
            counts.failed++;
            return;
        }
    }
}

struct outcome {
    enum jr_status status;
    uint64_t frames, fuel_used;
    double *out;
    char reason[JR_PLAN_REASON_BYTES];
    bool planned;
    uint64_t chunks;
    uint32_t nodes, stages;
    double milliseconds; /* of making the plan, CPU time */
};

/* Renders in pieces of `piece` frames.  `planned`: by the plan, but for every fifth piece, which is interpreted, and the last ones, which the
 * original renders. */
static bool render(const char *path, bool planned, size_t piece, uint64_t fuel, struct outcome *outcome)
{
    struct jr_session_config config = { .no_specialise = !planned, .fuel = fuel, .print = ignore_text, .line = ignore_line,
                                        .memory_limit = 64u << 20 };
    struct jr_session *session;
    struct jr_plan *plan = NULL;
    uint64_t done = 0;
    memset(outcome->out, 0, sizeof(double) * MOST_CHANNELS * FRAMES);
    outcome->planned = false;
    if (jr_session_create(&config, &session) != JR_OK)
        abort();
    bool usable = jr_session_compile_file(session, path) == JR_OK && jr_session_get_shape(session).has_dsp &&
                  jr_session_get_shape(session).output_channels <= MOST_CHANNELS &&
                  jr_session_get_shape(session).input_channels <= MOST_INPUTS && jr_session_start(session) == JR_OK;
    if (!usable) {
        jr_session_destroy(session);
        return false;
    }
    struct jr_vm *vm = jr_session_vm(session);
    uint32_t inputs = jr_session_get_shape(session).input_channels, outputs = jr_session_get_shape(session).output_channels;
    const struct jr_residual *residual = planned ? jr_vm_residual(vm) : NULL;
    snprintf(outcome->reason, sizeof outcome->reason, "not specialised");
    clock_t started = clock();
    if (residual != NULL && jr_plan_make(residual, jr_alloc_default(), &plan, outcome->reason) == JR_OK) {
        outcome->planned = true;
        outcome->milliseconds = (double)(clock() - started) * 1e3 / CLOCKS_PER_SEC;
        outcome->nodes = plan->graph.node_count;
        outcome->stages = plan->stage_count;
        evaluate_begin(plan);
        if (piece == FRAMES && strstr(path, "/kernels/") != NULL)
            check_memory(path, residual);
    }
    outcome->status = JR_OK;
    for (size_t round = 0; done < FRAMES && outcome->status == JR_OK; round++) {
        size_t count = piece < FRAMES - done ? piece : FRAMES - (size_t)done;
        if (plan != NULL)
            jr_vm_set_block_entry(vm, round % 5 == 3 ? NULL : evaluate_block);
        if (plan != NULL && done >= FRAMES - 20)
            jr_vm_uninstall(vm);
        outcome->status = jr_vm_process(vm, input + done * inputs, outcome->out + done * outputs, count);
        done = jr_vm_frame(vm);
    }
    struct jr_vm_stats stats;
    jr_vm_get_stats(vm, &stats);
    outcome->frames = done;
    outcome->fuel_used = stats.fuel_used;
    if (outcome->planned) {
        outcome->chunks = evaluate_chunks();
        evaluate_end();
    }
    jr_vm_uninstall(vm);
    jr_plan_destroy(plan);
    jr_session_destroy(session);
    return true;
}

static void compare(const char *path, const struct outcome *want, const struct outcome *got, size_t piece, uint64_t fuel)
{
    for (size_t i = 0; i < (size_t)MOST_CHANNELS * FRAMES; i++)
        if (memcmp(&want->out[i], &got->out[i], sizeof(double)) != 0) {
            printf("%s: sample %zu is %a, not %a (pieces of %zu, fuel %" PRIu64 ")\n", path, i, got->out[i], want->out[i], piece,
                   fuel);
            counts.failed++;
            return;
        }
    if (want->frames != got->frames || want->status != got->status || want->fuel_used != got->fuel_used) {
        printf("%s: %" PRIu64 " frames, %s, fuel %" PRIu64 ", not %" PRIu64 ", %s, %" PRIu64 " (pieces of %zu, fuel %" PRIu64
               ")\n",
               path, got->frames, jr_status_name(got->status), got->fuel_used, want->frames, jr_status_name(want->status),
               want->fuel_used, piece, fuel);
        counts.failed++;
    }
}

static void check(const char *path)
{
    static const size_t pieces[] = { FRAMES, 7, 1, 64 };
    static double wanted[MOST_CHANNELS * FRAMES], got[MOST_CHANNELS * FRAMES];
    struct outcome want = { .out = wanted }, plan = { .out = got };
    uint64_t fuel = 0;
    if (!render(path, false, 1000, 0, &want))
        return;
    counts.programs++;
    size_t rounds = strstr(path, "tests/mimium/") != NULL ? 2 : sizeof pieces / sizeof pieces[0]; /* there are many of these, small ones */
    for (size_t i = 0; i < rounds; i++) {
        render(path, true, pieces[i], 0, &plan);
        if (!plan.planned) {
            counts.refused++;
            if (counts.report)
                printf("%s: %s\n", path, plan.reason);
            return;
        }
        if (counts.report && i == 0)
            printf("%s: %u nodes, %u stages, planned in %.2f ms\n", path, plan.nodes, plan.stages, plan.milliseconds);
        compare(path, &want, &plan, pieces[i], 0);
        if (plan.chunks == 0 && want.status == JR_OK) {
            printf("%s: the plan was not used\n", path);
            counts.failed++;
        }
    }
    counts.planned++;
    fuel = want.fuel_used - want.fuel_used / 5;
    if (fuel == 0 || !render(path, false, 1000, fuel, &want) || !render(path, true, 64, fuel, &plan))
        return;
    compare(path, &want, &plan, 64, fuel);
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static void check_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char path[4096];
        size_t length = strlen(entries[i]->d_name);
        struct stat what;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &what) == 0 && S_ISDIR(what.st_mode))
            check_folder(path);
        else if (length > 4 && strcmp(entries[i]->d_name + length - 4, ".mmm") == 0)
            check(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    static const char *const folders[] = { JR_TEST_FOLDERS };
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof input / sizeof input[0]; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        input[i] = (double)(int64_t)random * 0x1p-63;
    }
    counts.report = argc > 1 && strcmp(argv[1], "--report") == 0;
    for (int i = 2; i < argc && counts.report; i++)
        check(argv[i]);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && argc <= 2; i++)
        check_folder(folders[i]);
    printf("%u programs, %u with a plan, %u without, %u differences\n", counts.programs, counts.planned, counts.refused,
           counts.failed);
    return counts.failed != 0 || counts.planned == 0;
}
