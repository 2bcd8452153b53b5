/* swap.c -- an edit while it sounds: the phase of the oscillator goes on, the echo that is new begins empty. */
#include <jitrun.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char before[] = "fn phasor(f){ (self + f / samplerate) % 1 }\n"
                             "fn dsp(){ sin(phasor(440) * 6.283185307179586) }\n";
static const char after[] = "fn phasor(f){ (self + f / samplerate) % 1 }\n"
                            "fn echo(x){ x + delay(4800, x, 2400) * 0.5 }\n"
                            "fn dsp(){ echo(sin(phasor(440) * 6.283185307179586)) }\n";

static enum jitrun_status to_stdout(void *user, const char *text, size_t length)
{
    (void)user;
    return fwrite(text, 1, length, stdout) == length ? JITRUN_OK : JITRUN_ERR_IO;
}

int main(void)
{
    struct jitrun_engine *engine = NULL;
    struct jitrun_program *old = NULL, *edited = NULL;
    struct jitrun_instance *instance = NULL;
    struct jitrun_swap *swap = NULL;
    double first[1000], second[1000];
    if (jitrun_engine_create(NULL, &engine) ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "song.mmm", before, strlen(before), &old) ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "song.mmm", after, strlen(after), &edited) ||
        jitrun_instance_create(old, NULL, &instance) || jitrun_instance_start(instance) ||
        jitrun_process(instance, NULL, first, 1000))
        return fprintf(stderr, "%s\n", jitrun_engine_message(engine)), 1;

    if (jitrun_swap_prepare(instance, edited, &swap)) /* on another thread, in a program that plays */
        return fprintf(stderr, "%s\n", jitrun_engine_message(engine)), 1;
    if (jitrun_swap_commit(swap)) /* on the thread that plays, between two blocks */
        return 1;
    jitrun_swap_describe(swap, false, to_stdout, NULL);
    jitrun_swap_collect(swap); /* on the other thread again */

    if (jitrun_process(instance, NULL, second, 1000))
        return 1;
    printf("\nstep at the seam: %.4f, largest step before: %.4f\n", fabs(second[0] - first[999]),
           2.0 * sin(3.141592653589793 * 440.0 / 48000.0));
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(old);
    jitrun_program_destroy(edited);
    jitrun_engine_destroy(engine);
    return fabs(second[0] - first[999]) < 0.06 ? 0 : 1;
}
