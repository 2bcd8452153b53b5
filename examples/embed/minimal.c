/* minimal.c -- renders a tenth of a second of a script and prints its loudest sample: minimal SCRIPT [off] */
#include <jitrun.h>
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct jitrun_config config = { .size = sizeof config, .jit = argc > 2 ? JITRUN_JIT_OFF : JITRUN_JIT_AUTO };
    struct jitrun_engine *engine = NULL;
    struct jitrun_program *program = NULL;
    struct jitrun_instance *instance = NULL;
    double out[4800 * 8] = { 0 }, peak = 0.0; /* up to eight channels */
    if (argc < 2 || jitrun_engine_create(&config, &engine) || jitrun_compile_file(engine, argv[1], &program) ||
        jitrun_instance_create(program, NULL, &instance) || jitrun_instance_start(instance) ||
        jitrun_process(instance, NULL, out, 4800))
        return fprintf(stderr, "%s %s\n", jitrun_engine_message(engine), jitrun_instance_message(instance)), 1;
    for (int i = 0; i < 4800 * 8; i++)
        peak = fmax(peak, fabs(out[i]));
    printf("%.17g\n", peak);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return 0;
}
