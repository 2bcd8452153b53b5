/* test_inside.c -- looking inside: listings with the script's lines. */
#include "tests/cli/program.h"

#include <stdio.h>

static const char bank[] = "fn phasor(freq){ (self + freq / samplerate) % 1.0 }\n"
                           "fn osc(freq){ sin(phasor(freq) * 6.283185307179586) }\n"
                           "fn voice(freq){\n"
                           "    | | {\n"
                           "        let swell = abs(2.0 * phasor(3.0) - 1.0)\n"
                           "        osc(freq) * (0.6 + 0.4 * swell)\n"
                           "    }\n"
                           "}\n"
                           "let a = voice(440.0)\n"
                           "let b = voice(550.0)\n"
                           "fn dsp(){ a() + b() }\n";

/* Lines of the script stand in the code of the block, which comes last, and debug information does not. */
START_TEST(machine_code_has_the_lines_of_the_script)
{
    static const char *const stages[] = { "--emit=asm", "--emit=llvm-opt", "--emit=llvm" };
    write_file("bank.mmm", bank);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        const struct outcome *o = run(stages[i], "bank.mmm");
        const char *block = NULL;
        if (!JR_HAS_COMPILER) {
            expect_code(o, 3);
            return;
        }
        expect_code(o, 0);
        for (const char *at = o->out; (at = strstr(at, i == 0 ? "\njr.dsp." : "@jr.dsp.")) != NULL; at++)
            block = at;
        ck_assert_ptr_nonnull(block);
        expect_in(block, "\n; bank.mmm:1  fn phasor(freq){ (self + freq / samplerate) % 1.0 }\n");
        expect_in(block, "\n; bank.mmm:5  let swell = abs(2.0 * phasor(3.0) - 1.0)\n");
        expect_in(block, "\n; bank.mmm:6  osc(freq) * (0.6 + 0.4 * swell)\n");
        expect_not_in(o->out, ";@");
        expect_not_in(o->out, "!dbg");
        expect_not_in(o->out, "!DI");
        expect_not_in(o->out, ".debug_");
        expect_not_in(o->out, "\t.cfi_");
        expect_not_in(o->out, "\t.loc\t");
    }
}
END_TEST

TCase *inside_tests(void)
{
    TCase *tc = tcase_create("inside");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, machine_code_has_the_lines_of_the_script);
    return tc;
}
