/* main.c -- jitrun-bench: measures the kernels in every engine and checks their answers.
 *
 * Rounds are interleaved: each round runs every kernel in every engine once, so that a slow minute of the machine hits
 * all alike.  A time never makes the run fail; a wrong answer, a live object at the end, an engine that cannot run or
 * an eager run that compiled nothing does.  What is not installed gives a column of dashes and a line that says which package brings it.
 * Exit status: 0, 1 when something failed, 2 usage, 3 when the programs to measure are missing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/harness/measure.h"
#include "bench/harness/report.h"

static const struct kernel all_kernels[] = {
#define KERNEL(name, checked_frames, has_lua) { #name, checked_frames, has_lua },
#include "bench/harness/kernels.def"
};
enum { KERNEL_COUNT = sizeof all_kernels / sizeof all_kernels[0] };

struct options {
    int json, quick, best, check, rounds, write_answers, no_compiler;
    int engines[ENGINE_COUNT]; /* chosen ones */
    size_t chosen_count;
    struct kernel chosen[KERNEL_COUNT];
};

static void usage(FILE *out)
{
    fputs("usage: jitrun-bench [OPTIONS]\n"
          "\n"
          "  --only KERNEL     measure this kernel only (may be repeated)\n"
          "  --engines LIST    measure these engines only, their names with commas between (--list names them)\n"
          "  --quick           3 short rounds instead of 7\n"
          "  --rounds N        number of rounds, 1 to 64\n"
          "  --check           only compare the answers, measure nothing\n"
          "  --no-compiler     leave out compiled code (for a jitrun that was built without LLVM)\n"
          "  --best            take the best round, not the median (for a machine with other work)\n"
          "  --json            print JSON instead of a table\n"
          "  --jitrun PATH     the executable to measure (default: the one beside this program)\n"
          "  --list            print the names of the kernels and of the engines\n"
          "  --write-answers   compute the stored answers anew from the C twins\n",
          out);
}

static int choose(struct options *options, const char *name)
{
    for (size_t i = 0; i < KERNEL_COUNT; i++) {
        if (strcmp(all_kernels[i].name, name) == 0) {
            if (options->chosen_count < KERNEL_COUNT)
                options->chosen[options->chosen_count++] = all_kernels[i];
            return 0;
        }
    }
    fprintf(stderr, "jitrun-bench: no kernel named '%s'; --list names them\n", name);
    return -1;
}

/* "off,eager,gcc" */
static int choose_engines(struct options *options, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, ",");
        int e = 0;
        while (e < ENGINE_COUNT && (strlen(engine_infos[e].name) != length || strncmp(engine_infos[e].name, list, length) != 0))
            e++;
        if (e == ENGINE_COUNT) {
            fprintf(stderr, "jitrun-bench: no engine named '%.*s'; --list names them\n", (int)length, list);
            return -1;
        }
        options->engines[e] = 1;
        list += length + (list[length] == ',');
    }
    return 0;
}

static void list_all(void)
{
    printf("kernels:");
    for (size_t k = 0; k < KERNEL_COUNT; k++)
        printf(" %s", all_kernels[k].name);
    printf("\nengines:");
    for (int e = 0; e < ENGINE_COUNT; e++)
        printf(" %s", engine_infos[e].name);
    putchar('\n');
}

/* Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options, struct places *places)
{
    int any_engine = 0;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--json") == 0) {
            options->json = 1;
        } else if (strcmp(argv[i], "--quick") == 0) {
            options->quick = 1;
        } else if (strcmp(argv[i], "--best") == 0) {
            options->best = 1;
        } else if (strcmp(argv[i], "--check") == 0) {
            options->check = 1;
        } else if (strcmp(argv[i], "--no-compiler") == 0) {
            options->no_compiler = 1;
        } else if (strcmp(argv[i], "--write-answers") == 0) {
            options->write_answers = 1;
        } else if (strcmp(argv[i], "--list") == 0) {
            list_all();
            return 0;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            usage(stdout);
            return 0;
        } else if (strcmp(argv[i], "--only") == 0 && value) {
            if (choose(options, value) != 0)
                return 2;
            i++;
        } else if (strcmp(argv[i], "--engines") == 0 && value) {
            if (choose_engines(options, value) != 0)
                return 2;
            any_engine = 1;
            i++;
        } else if (strcmp(argv[i], "--rounds") == 0 && value) {
            options->rounds = atoi(value);
            if (options->rounds < 1 || options->rounds > SAMPLE_MAX) {
                fprintf(stderr, "jitrun-bench: --rounds takes 1 to %d\n", (int)SAMPLE_MAX);
                return 2;
            }
            i++;
        } else if (strcmp(argv[i], "--jitrun") == 0 && value) {
            snprintf(places->jitrun, sizeof places->jitrun, "%s", value);
            i++;
        } else {
            fprintf(stderr, "jitrun-bench: what is '%s'?\n", argv[i]);
            usage(stderr);
            return 2;
        }
    }
    if (options->rounds == 0)
        options->rounds = options->quick ? 3 : 7;
    for (int e = 0; !any_engine && e < ENGINE_COUNT; e++)
        options->engines[e] = 1;
    if (options->chosen_count == 0) {
        for (size_t k = 0; k < KERNEL_COUNT; k++)
            options->chosen[options->chosen_count++] = all_kernels[k];
    }
    return -1;
}

/* The folder of this executable, with its last slash. */
static void own_folder(char *out, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", out, size - 1);
    char *slash;
    out[length > 0 ? length : 0] = '\0';
    slash = strrchr(out, '/');
    if (slash) {
        slash[1] = '\0';
    } else {
        snprintf(out, size, "./");
    }
}

static int in_path(const char *program)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        char candidate[4096];
        size_t length = strcspn(path, ":");
        snprintf(candidate, sizeof candidate, "%.*s/%s", (int)length, path, program);
        if (access(candidate, X_OK) == 0)
            return 1;
        path += length + (path[length] == ':');
    }
    return 0;
}

static void processor_name(char *out, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(out, size, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon) {
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(out, size, "%s", colon + 2);
            break;
        }
    }
    if (file)
        fclose(file);
}

static void progress(const char *what, const struct kernel *kernel, int engine)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s: %s, %s", what, kernel->name, engine_infos[engine].name);
}

/* Whether the twin of a kernel has been compiled. */
static int has_twin(const struct places *places, const struct kernel *kernel, int engine)
{
    char path[8192];
    snprintf(path, sizeof path, "%s/%s/%s", places->twins, engine_infos[engine].argument, kernel->name);
    return access(path, X_OK) == 0;
}

/* Chooses the engines that can be measured; of the others it says why not, once each. */
static void find_engines(const struct options *options, const struct places *places, int usable[ENGINE_COUNT],
                         struct conditions *conditions)
{
    const char *told = "";
    for (int e = 0; e < ENGINE_COUNT; e++) {
        const struct engine_info *info = &engine_infos[e];
        int missing = 0;
        usable[e] = conditions->shown[e] = options->engines[e];
        if (!usable[e])
            continue;
        switch (info->kind) {
        case KIND_JITRUN:
        case KIND_START:
            usable[e] = e == ENGINE_OFF || !options->no_compiler;
            if (e == ENGINE_FAST) /* no column either before there is such an option */
                usable[e] = conditions->shown[e] = usable[e] && measure_has_option(places, "--fast-math");
            break;
        case KIND_TWIN: /* every kernel of the audio kind has one, or none */
            missing = !has_twin(places, &all_kernels[0], e);
            break;
        case KIND_LUA:
            missing = !in_path(info->argument);
            break;
        }
        if (!missing)
            continue;
        usable[e] = 0;
        if (strcmp(info->packages, told) != 0) /* neighbours come from the same packages */
            fprintf(stderr, "jitrun-bench: %s stays empty; to have it: apt-get install %s, then ./dev bench\n", info->heading,
                    info->packages);
        told = info->packages;
    }
}

static int takes_part(const struct places *places, const struct kernel *kernel, int engine)
{
    if (engine_infos[engine].kind == KIND_TWIN)
        return has_twin(places, kernel, engine);
    return engine_infos[engine].kind != KIND_LUA || kernel->has_lua;
}

static int write_answers(const struct options *options, const struct places *places)
{
    int status = 0;
    for (size_t k = 0; k < options->chosen_count; k++) {
        if (measure_write_answer(places, &options->chosen[k]) != 0)
            status = 1;
    }
    return status;
}

/* Checks every kernel in every engine, then runs the rounds. */
static void measure_all(const struct options *options, const struct places *places, const int usable[ENGINE_COUNT],
                        double target_seconds, struct outcome (*outcomes)[ENGINE_COUNT])
{
    for (size_t k = 0; k < options->chosen_count; k++) {
        const struct kernel *kernel = &options->chosen[k];
        struct answer answer;
        char path[5000], *frames = NULL;
        int known;
        snprintf(path, sizeof path, "%s/answers/%s.csv", places->sources, kernel->name);
        known = answer_load(path, &answer) == 0;
        for (int e = 0; e < ENGINE_COUNT; e++) {
            struct outcome *outcome = &outcomes[k][e];
            outcome->used = usable[e] && takes_part(places, kernel, e);
            if (!outcome->used)
                continue;
            if (!known) {
                outcome->failed = 1;
                snprintf(outcome->message, sizeof outcome->message, "%.400s: %s", path, strerror(errno));
                continue;
            }
            progress("checking", kernel, e);
            measure_check(places, kernel, (enum engine)e, &answer, target_seconds, &frames, outcome);
        }
        free(frames);
    }
    for (int round = 0; !options->check && round < options->rounds; round++) {
        for (size_t k = 0; k < options->chosen_count; k++) {
            for (int e = 0; e < ENGINE_COUNT; e++) {
                char what[32];
                if (!outcomes[k][e].used)
                    continue;
                snprintf(what, sizeof what, "round %d of %d", round + 1, options->rounds);
                progress(what, &options->chosen[k], e);
                measure_round(places, &options->chosen[k], (enum engine)e, &outcomes[k][e]);
            }
        }
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

int main(int argc, char **argv)
{
    static struct outcome outcomes[KERNEL_COUNT][ENGINE_COUNT];
    struct options options = { 0 };
    struct places places = { 0 };
    struct conditions conditions = { 0 };
    char processor[256], folder[2048];
    int usable[ENGINE_COUNT], failures = 0, status;

    own_folder(folder, sizeof folder);
    snprintf(places.jitrun, sizeof places.jitrun, "%sjitrun", folder);
    snprintf(places.twins, sizeof places.twins, "%s", JR_BENCH_TWINS);
    snprintf(places.sources, sizeof places.sources, "%s", JR_BENCH_SOURCES);
    status = read_options(argc, argv, &options, &places);
    if (status >= 0)
        return status;
    if (options.write_answers)
        return write_answers(&options, &places);
    if (access(places.jitrun, X_OK) != 0) {
        fprintf(stderr, "jitrun-bench: %s: %s\n", places.jitrun, strerror(errno));
        return 3;
    }
    processor_name(processor, sizeof processor);
    conditions.processor = processor;
    conditions.twin_flags = JR_BENCH_TWIN_FLAGS;
    conditions.faust_flags = JR_BENCH_FAUST_FLAGS;
    conditions.rounds = options.rounds;
    conditions.best = options.best;
    conditions.target_seconds = options.quick ? 0.05 : 0.25;
    find_engines(&options, &places, usable, &conditions);
    measure_all(&options, &places, usable, conditions.target_seconds, outcomes);

    if (!options.check)
        (options.json ? report_json : report_table)(stdout, &conditions, options.chosen, options.chosen_count,
                                                    outcomes);
    for (size_t k = 0; k < options.chosen_count; k++) {
        for (int e = 0; e < ENGINE_COUNT; e++) {
            if (!outcomes[k][e].failed)
                continue;
            failures++;
            fprintf(stderr, "jitrun-bench: %s, %s: %s\n", options.chosen[k].name, engine_infos[e].name,
                    outcomes[k][e].message);
        }
    }
    if (options.check && failures == 0)
        printf("%zu kernels give their stored answers\n", options.chosen_count);
    return failures ? 1 : 0;
}
