/* threads.c -- two instances of one program on two threads, each with a control of its own. */
#include <jitrun.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 48000, BLOCK = 256 };

static const char script[] = "fn phasor(f){ (self + f / samplerate) % 1 }\n"
                             "fn dsp(){ phasor(Control!(\"frequency\", 1)) }\n";

struct voice {
    struct jitrun_program *program;
    double frequency;
    int periods; /* counted */
};

static void *play(void *argument)
{
    struct voice *voice = argument;
    struct jitrun_instance *instance;
    double block[BLOCK], last = 0.0;
    if (jitrun_instance_create(voice->program, NULL, &instance) || jitrun_instance_start(instance))
        return NULL;
    jitrun_set_control(instance, "frequency", voice->frequency);
    for (int f = 0; f < FRAMES; f += BLOCK) {
        int count = FRAMES - f < BLOCK ? FRAMES - f : BLOCK;
        if (jitrun_process(instance, NULL, block, (size_t)count))
            break;
        for (int i = 0; i < count; last = block[i++])
            voice->periods += block[i] < last;
    }
    jitrun_instance_destroy(instance);
    return NULL;
}

int main(void)
{
    struct jitrun_engine *engine;
    struct jitrun_program *program;
    struct voice voices[2];
    pthread_t threads[2];
    if (jitrun_engine_create(NULL, &engine) ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "voice", script, strlen(script), &program))
        return 1;
    for (int i = 0; i < 2; i++) {
        voices[i] = (struct voice){ program, 100.0 * (i + 1) + 0.5, 0 };
        if (pthread_create(&threads[i], NULL, play, &voices[i]))
            return 1;
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        printf("%g Hz: %d periods in a second\n", voices[i].frequency, voices[i].periods);
    }
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return voices[0].periods == 100 && voices[1].periods == 200 ? 0 : 1;
}
