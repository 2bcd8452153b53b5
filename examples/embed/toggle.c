/* toggle.c -- the same frames interpreted and compiled, in one instance whose compiler is switched on and off. */
#include <jitrun.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FRAMES = 96000 };

static const char script[] =
    "fn phasor(f){ (self + f / samplerate) % 1 }\n"
    "fn partial(n){ sin(phasor(110 * n) * 6.283185307179586) / n }\n"
    "fn dsp(){ partial(1) + partial(2) + partial(3) + partial(4) + partial(5) + partial(6) + partial(7) + partial(8) }\n";

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(void)
{
    static double out[3][FRAMES];
    static const enum jitrun_jit modes[3] = { JITRUN_JIT_OFF, JITRUN_JIT_EAGER, JITRUN_JIT_OFF };
    struct jitrun_config config = { .size = sizeof config, .jit = JITRUN_JIT_OFF };
    struct jitrun_engine *engine;
    struct jitrun_program *program;
    struct jitrun_instance *instance;
    if (jitrun_engine_create(&config, &engine) ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "bank", script, strlen(script), &program) ||
        jitrun_instance_create(program, NULL, &instance) || jitrun_instance_start(instance))
        return fprintf(stderr, "%s\n", jitrun_engine_message(engine)), 1;
    for (int i = 0; i < 3; i++) {
        struct jitrun_statistics statistics = { .size = sizeof statistics };
        if (jitrun_instance_reset(instance) || jitrun_instance_set_jit(instance, modes[i]))
            return 1;
        double began = seconds();
        if (jitrun_process(instance, NULL, out[i], FRAMES))
            return 1;
        double took = seconds() - began;
        jitrun_instance_get_statistics(instance, &statistics);
        printf("%s: %.1f ns a frame\n", statistics.dsp_compiled ? "compiled" : "interpreted", took / FRAMES * 1e9);
    }
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return memcmp(out[0], out[1], sizeof out[0]) || memcmp(out[0], out[2], sizeof out[0]);
}
