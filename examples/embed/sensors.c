/* sensors.c -- a host with functions of its own: what scripts can ask it, and what it asks them. */
#include <jitrun.h>
#include <stdio.h>
#include <string.h>

struct room {
    double temperatures[3];
    int asked;
};

/* temperature(n): the n-th sensor, or an error in the script at the place of the call. */
static enum jitrun_status temperature(struct jitrun_call *call, void *user, uint64_t *words)
{
    struct room *room = user;
    double number = jitrun_number(words[0]);
    if (!(number >= 0.0 && number < 3.0))
        return jitrun_call_fail(call, "there are three sensors, 0 to 2");
    room->asked++;
    words[0] = jitrun_word(room->temperatures[(int)number]);
    return JITRUN_OK;
}

/* average(f): the mean of f(temperature) of all sensors; f is a function of the script. */
static enum jitrun_status average(struct jitrun_call *call, void *user, uint64_t *words)
{
    const struct room *room = user;
    double sum = 0.0, value;
    for (int i = 0; i < 3; i++) {
        enum jitrun_status status = jitrun_call_function(call, words[0], room->temperatures[i], &value);
        if (status != JITRUN_OK)
            return status;
        sum += value;
    }
    words[0] = jitrun_word(sum / 3.0);
    return JITRUN_OK;
}

/* say(text) */
static enum jitrun_status say(struct jitrun_call *call, void *user, uint64_t *words)
{
    (void)user;
    printf("frame %llu: %s\n", (unsigned long long)jitrun_call_frame(call), jitrun_string(words[0], NULL));
    return JITRUN_OK;
}

static const char script[] = "say(\"watching\")\n"
                             "fn fahrenheit(c){ c * 1.8 + 32 }\n"
                             "fn dsp(){ (temperature(now % 3), average(fahrenheit)) }\n";
static const char wrong[] = "fn dsp(){\n  temperature(7)\n}\n";

static enum jitrun_status to_stdout(void *user, const char *text, size_t length)
{
    (void)user;
    return fwrite(text, 1, length, stdout) == length ? JITRUN_OK : JITRUN_ERR_IO;
}

static int run(struct jitrun_engine *engine, const char *text, double out[6])
{
    struct jitrun_program *program;
    struct jitrun_instance *instance = NULL;
    enum jitrun_status status = jitrun_compile_text(engine, JITRUN_MIMIUM, "room.mmm", text, strlen(text), &program);
    if (status == JITRUN_OK)
        status = jitrun_instance_create(program, NULL, &instance);
    if (status == JITRUN_OK)
        status = jitrun_instance_start(instance);
    if (status == JITRUN_OK)
        status = jitrun_process(instance, NULL, out, 3);
    jitrun_diagnostics_render(jitrun_instance_diagnostics(instance), JITRUN_TEXT, to_stdout, NULL);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    return status;
}

int main(void)
{
    struct room room = { { 19.5, 21.0, 22.5 }, 0 };
    const struct jitrun_host_function functions[] = { { "temperature", "n", "n", temperature, &room },
                                                      { "average", "f", "n", average, &room },
                                                      { "say", "s", "", say, NULL } };
    struct jitrun_engine *engine;
    double out[6];
    if (jitrun_engine_create(NULL, &engine) != JITRUN_OK)
        return 1;
    for (int i = 0; i < 3; i++)
        if (jitrun_engine_add_function(engine, &functions[i]) != JITRUN_OK)
            return fprintf(stderr, "%s\n", jitrun_engine_message(engine)), 1;
    if (run(engine, script, out) != JITRUN_OK)
        return 1;
    for (int f = 0; f < 3; f++)
        printf("%g degrees, average %g F\n", out[2 * f], out[2 * f + 1]);
    printf("asked %d times\n", room.asked);
    if (run(engine, wrong, out) != JITRUN_ERR_HOST)
        return 1;
    jitrun_engine_destroy(engine);
    return 0;
}
