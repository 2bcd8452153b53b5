/* test_library.c -- how many words of state one use of a name of the standard library takes: as the language says, and as
 * its documentation says. */
#include "tests/cli/program.h"

#include <stdio.h>

struct stateful {
    const char *module; /* what is imported */
    const char *name;   /* what is documented */
    const char *use;
    unsigned words;
};

static const struct stateful names[] = {
    { "osc", "phasor", "phasor(1, 0)", 1 },
    { "osc", "saw", "saw(1, 0)", 1 },
    { "osc", "lfsaw", "lfsaw(1, 0)", 1 },
    { "osc", "tri", "tri(1, 0)", 1 },
    { "osc", "lftri", "lftri(1, 0)", 1 },
    { "osc", "rect", "rect(1, 0, 0.5)", 1 },
    { "osc", "lfrect", "lfrect(1, 0, 0.5)", 1 },
    { "osc", "sinwave", "sinwave(1, 0)", 1 },
    { "osc", "lfsinwave", "lfsinwave(1, 0)", 1 },
    { "noise", "noise", "noise()", 1 },
    { "noise", "unoise", "unoise!()", 1 },
    { "noise", "white", "white!()", 1 },
    { "noise", NULL, "perlin!(1, 3)", 4 },
    { "noise", NULL, "perlin!(3, 3)", 12 },
    { "env", "hold", "hold(3, 1)", 1 },
    { "env", "hold_sec", "hold_sec(3, 1)", 1 },
    { "env", "adsr", "adsr(1, 1, 1, 1, 1)", 2 },
    { "filter", "onepole", "onepole(1, 0.5)", 1 },
    { "filter", "smooth", "smooth(1)", 1 },
    { "filter", "lop_tau", "lop_tau(1, 1)", 1 },
    { "filter", "biquad", "biquad(1, (1, 1, 1, 1, 1))", 3 },
    { "filter", "lowpass", "lowpass(1, 1, 1)", 3 },
    { "filter", "highpass", "highpass(1, 1, 1)", 3 },
    { "filter", "bandpass", "bandpass(1, 1, 1)", 3 },
    { "filter", "allpass", "allpass(1, 1, 1)", 3 },
    { "filter", "peakeq", "peakeq(1, 1, 1, 1)", 3 },
    { "delay", NULL, "fdelay!(8)(1, 1)", 11 },
    { "delay", "fbdelay", "fbdelay(1, 1, 1)", 48004 },
    { "delay", "stereo_delay", "stereo_delay((1, 1), 1, 1, 1)", 96008 },
    { "delay", "pingpong_delay", "pingpong_delay((1, 1), 1, 1, 1, 1)", 96008 },
    { "drive", "sah", "sah(1, 1)", 2 },
    { "drive", "sah_auto", "sah_auto(1, 1)", 3 },
    { "drive", "degrade", "degrade(1, 1, 1)", 3 },
    { "dynamics", "avg", "avg(1, 1)", 1 },
    { "dynamics", "compressor", "compressor(1, 1, 1, 1)", 1 },
    { "modulation", "vibrato", "vibrato(1, 1, 1)", 40004 },
    { "modulation", "vibrato_st", "vibrato_st((1, 1), 1, 1)", 80008 },
    { "modulation", "chorus", "chorus(1, 1, 1, 1)", 40004 },
    { "modulation", "chorus_st", "chorus_st((1, 1), 1, 1, 1)", 80008 },
    { "modulation", "comb", "comb(1, 1, 1, 1)", 40005 },
    { "modulation", "comb_st", "comb_st((1, 1), 1, 1, 1)", 80010 },
    { "modulation", "flanger", "flanger(1, 1, 1, 1, 1)", 40005 },
    { "modulation", "flanger_st", "flanger_st((1, 1), 1, 1, 1, 1)", 80010 },
    { "space", "autopan2", "autopan2(1, 1)", 1 },
    { "sequencer", "changed", "changed(1)", 1 },
    { "sequencer", "step_seq", "step_seq(1, [1], [1], [1], 1).note", 2 },
    { "reverb", "jcrev_wet", "jcrev_wet!()(1, 1)", 23024 },
    { "reverb", "jcrev_stereo_wet", "jcrev_stereo_wet!()(1, 1, 1)", 47076 },
    { "reverb", "jcrev", "jcrev(1, 1, 1)", 23024 },
    { "reverb", "jcrev_stereo", "jcrev_stereo((1, 1), 1, 1)", 47076 },
    { "reverb::freeverb", "freeverb_mono_wet", "freeverb_mono_wet!(1)(1, 1, 1)", 34448 },
    { "reverb", "freeverb_mono", "freeverb_mono(1, 1, 1, 1)", 34448 },
    { "reverb", "freeverb_stereo", "freeverb_stereo((1, 1), 1, 1, 1, 1)", 68896 },
    { "reverb", "fdn_rev", "fdn_rev((1, 1), 1, 1, 1)", 7008 },
    { "pattern", "run", "run!(seq([1, 2]), 1)", 1 },
    { "pattern", "run_note", "run_note!(seq([1, 2]), 1).val", 1 },
};

START_TEST(state_has_the_size_of_the_equations)
{
    const struct stateful *n = &names[_i];
    char script[256], expected[64];
    snprintf(script, sizeof script, "use %s::*\nfn dsp(){ %s }\n", n->module, n->use);
    snprintf(expected, sizeof expected, "dsp: %u word%s\n", n->words, n->words == 1 ? "" : "s");
    write_file("use.mmm", script);
    const struct outcome *o = run("--emit=state", "use.mmm");
    expect_code(o, 0);
    ck_assert_msg(strncmp(o->out, expected, strlen(expected)) == 0, "%s: not '%s' but: %.80s", n->use,
                  expected, o->out);
}
END_TEST

/* The documentation of a name: from the last line before its definition that has no `///`. */
START_TEST(state_has_the_size_of_the_documentation)
{
    const struct stateful *n = &names[_i];
    char path[512], head[64], expected[32];
    if (n->name == NULL) /* depends on the arguments */
        return;
    snprintf(path, sizeof path, "%s/%.*s.mmm", JR_LIBRARY, (int)strcspn(n->module, ":"), n->module);
    snprintf(head, sizeof head, "pub fn %s(", n->name);
    snprintf(expected, sizeof expected, " %u word%s\n", n->words, n->words == 1 ? "" : "s");
    const char *text = read_file(path), *definition = strstr(text, head), *state = NULL;
    ck_assert_msg(definition != NULL, "%s does not define %s", path, n->name);
    for (const char *at = text; (at = strstr(at, "///   state")) != NULL && at < definition; at++)
        state = at;
    ck_assert_msg(state != NULL, "%s has no documented state", n->name);
    const char *line_end = strchr(state, '\n') + 1;
    size_t size = strlen(expected);
    ck_assert_msg(strncmp(line_end - size, expected, size) == 0, "%s: not%s but: %.*s", n->name, expected,
                  (int)(line_end - state), state);
}
END_TEST

TCase *library_tests(void)
{
    TCase *tests = tcase_create("library");
    const int count = sizeof names / sizeof names[0];
    tcase_add_loop_test(tests, state_has_the_size_of_the_equations, 0, count);
    tcase_add_loop_test(tests, state_has_the_size_of_the_documentation, 0, count);
    return tests;
}
