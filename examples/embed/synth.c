/* synth.c -- a melody: the script is the instrument, this program plays it: synth OUT.wav */
#include <jitrun.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 48000, NOTE_FRAMES = RATE / 4, BLOCK = 240 };

static const char instrument[] =
    "fn phasor(f){ (self + f / samplerate) % 1 }\n"
    "fn smooth(x){ self * 0.999 + x * 0.001 }\n"
    "fn voice(f){ sin(phasor(f) * 6.283185307179586) + sin(phasor(f * 2.001) * 6.283185307179586) * 0.3 }\n"
    "fn dsp(){ voice(Control!(\"frequency\", 220)) * smooth(Control!(\"gate\", 0)) * 0.3 }\n";
static const int melody[] = { 0, 3, 7, 12, 10, 7, 5, 3, 0, -2, 0, 3 };

static void put(FILE *file, unsigned value, int bytes) /* little-endian */
{
    for (; bytes > 0; bytes--, value >>= 8)
        fputc((int)(value & 0xff), file);
}

static void put_header(FILE *file, unsigned frames)
{
    fputs("RIFF", file), put(file, 36 + frames * 2, 4), fputs("WAVEfmt ", file);
    put(file, 16, 4), put(file, 1, 2), put(file, 1, 2), put(file, RATE, 4), put(file, RATE * 2, 4), put(file, 2, 2);
    put(file, 16, 2), fputs("data", file), put(file, frames * 2, 4);
}

int main(int argc, char **argv)
{
    struct jitrun_engine *engine = NULL;
    struct jitrun_program *program = NULL;
    struct jitrun_instance *instance = NULL;
    unsigned notes = sizeof melody / sizeof melody[0];
    double block[BLOCK];
    FILE *file = argc > 1 ? fopen(argv[1], "wb") : NULL;
    if (!file || jitrun_engine_create(NULL, &engine) ||
        jitrun_compile_text(engine, JITRUN_MIMIUM, "instrument", instrument, strlen(instrument), &program) ||
        jitrun_instance_create(program, NULL, &instance) || jitrun_instance_start(instance))
        return fprintf(stderr, "synth OUT.wav: %s\n", jitrun_engine_message(engine)), EXIT_FAILURE;
    put_header(file, notes * NOTE_FRAMES);
    for (unsigned n = 0; n < notes; n++)
        for (int f = 0; f < NOTE_FRAMES; f += BLOCK) {
            jitrun_set_control(instance, "frequency", 220.0 * pow(2.0, melody[n] / 12.0));
            jitrun_set_control(instance, "gate", f < NOTE_FRAMES * 3 / 4 ? 1.0 : 0.0);
            if (jitrun_process(instance, NULL, block, BLOCK))
                return fprintf(stderr, "%s\n", jitrun_instance_message(instance)), EXIT_FAILURE;
            for (int i = 0; i < BLOCK; i++)
                put(file, (unsigned)(int)lrint(fmax(-1.0, fmin(1.0, block[i])) * 32767.0) & 0xffff, 2);
        }
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
