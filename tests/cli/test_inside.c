/* test_inside.c -- looking inside: listings with the script's lines, and what perf and GDB are told, profiles. */
#include "tests/cli/program.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* The text of the first /tmp/perf-*.map that names a function of this script; removed.  "" if there is none. */
static const char *take_perf_map(const char *name)
{
    const char *text = "";
    glob_t found;
    if (glob("/tmp/perf-*.map", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && !*text; i++) {
            if (access(found.gl_pathv[i], R_OK) == 0 && strstr(text = read_file(found.gl_pathv[i]), name))
                unlink(found.gl_pathv[i]);
            else
                text = "";
        }
        globfree(&found);
    }
    return text;
}

/* Every line of perf's map is an address, a size and a name, and the functions that were compiled are there. */
START_TEST(perf_is_told_the_names)
{
    unsigned long end = 0, count = 0;
    write_file("perf_map_test.mmm", bank);
    expect_code(run("--perf", "--jit=eager", "-n", "10", "-o", "null", "perf_map_test.mmm"), 0);
    if (!JR_HAS_COMPILER)
        return;
    const char *map = take_perf_map("perf_map_test.mmm");
    expect_in(map, " perf_map_test.mmm:dsp\n");
    expect_in(map, " perf_map_test.mmm:phasor\n");
    expect_in(map, " perf_map_test.mmm:lambda at 4:5\n");
    for (const char *line = map; *line; line = strchr(line, '\n') + 1, count++) {
        char *at;
        unsigned long address = strtoul(line, &at, 16);
        unsigned long size = strtoul(at, &at, 16);
        ck_assert_uint_gt(address, 0xffff);
        ck_assert_uint_gt(size, 0);
        ck_assert_uint_lt(size, 1 << 20);
        ck_assert_msg(strncmp(at, " perf_map_test.mmm:", 19) == 0, "%s", line);
        end = address + size;
    }
    ck_assert_uint_gt(end, 0);
    ck_assert_uint_ge(count, 6); /* five functions and the block */
    expect_code(run("--perf", "--gdb", "perf_map_test.mmm"), 2);
}
END_TEST

/* Numbers at the places that the format gives them. */
START_TEST(perf_inject_is_told_code_and_lines)
{
    glob_t found;
    write_file("bank.mmm", bank);
    expect_code(run("--perf=jitdump", "-n", "2000", "--jit=eager", "-o", "null", "bank.mmm"), 0);
    if (!JR_HAS_COMPILER)
        return;
    ck_assert_int_eq(glob("jit-*.dump", 0, NULL, &found), 0);
    FILE *file = fopen(found.gl_pathv[0], "rb");
    uint32_t head[10], record[4], loads = 0, lines = 0;
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(head, sizeof head, 1, file), 1);
    ck_assert_uint_eq(head[0], 0x4a695444);
    ck_assert_uint_eq(head[1], 1);
    ck_assert_uint_eq(head[2], sizeof head);
    while (fread(record, sizeof record, 1, file) == 1) {
        ck_assert_uint_gt(record[1], sizeof record);
        ck_assert(record[0] == 0 || record[0] == 2);
        loads += record[0] == 0;
        lines += record[0] == 2;
        ck_assert_int_eq(fseek(file, (long)(record[1] - sizeof record), SEEK_CUR), 0);
    }
    ck_assert_uint_ge(loads, 6);
    ck_assert_uint_eq(loads, lines);
    fclose(file);
    unlink(found.gl_pathv[0]);
    globfree(&found);
}
END_TEST

/* A breakpoint at a line of the script, and a backtrace through what specialisation has inlined. */
START_TEST(gdb_shows_functions_and_lines)
{
    static const char *const words[] = {
        "-q", "-nx", "-batch", "-ex", "set breakpoint pending on", "-ex", "set debuginfod enabled off", "-ex",
        "break bank.mmm:6", "-ex", "run", "-ex", "bt 4", "--args", JR_PROGRAM, "--gdb", "--jit=eager", "-n", "1000",
        "-o", "null", "bank.mmm", NULL
    };
    write_file("bank.mmm", bank);
    if (!JR_HAS_COMPILER || access("/usr/bin/gdb", X_OK) != 0) {
        fputs("gdb_shows_functions_and_lines: skipped, there is no GDB or no compiler\n", stderr);
        return;
    }
    const struct outcome *o = run_program("/usr/bin/gdb", words);
    if (strstr(o->err, "ptrace") != NULL || strstr(o->err, "not permitted") != NULL) {
        fputs("gdb_shows_functions_and_lines: skipped, GDB may not trace a process here\n", stderr);
        return;
    }
    expect_in(o->out, "bank.mmm:lambda at 4:5 () at ");
    expect_in(o->out, "bank.mmm:6\n");
    expect_in(o->out, "osc(freq) * (0.6 + 0.4 * swell)");
    expect_in(o->out, "bank.mmm:dsp () at ");
    expect_in(o->out, "bank.mmm:11\n");
}
END_TEST

/* ---- profile ---- */

/* Long enough for some hundred samples. */
#define PROFILE "profile", "-d", "20"

START_TEST(a_profile_is_a_table)
{
    write_file("bank.mmm", bank);
    const struct outcome *o = run(PROFILE, "bank.mmm");
    expect_code(o, 0);
    expect_in(o->out, "bank.mmm: 960000 frames in ");
    expect_in(o->out, " samples, ");
    expect_in(o->out, JR_HAS_COMPILER ? "dsp is specialised and compiled as one block." : "dsp is specialised, and interpreted.");
    /* Exact whatever the engine: two voices, each with one oscillator and two phases. */
    expect_in(o->out, "      4.00        32.0  ");
    expect_in(o->out, "      2.00        12.0  ");
    expect_in(o->out, "  bank.mmm:phasor");
    expect_in(o->out, "  bank.mmm:osc");
    expect_in(o->out, "  bank.mmm:lambda at 4:5");
    o = run(PROFILE, "--jit=off", "bank.mmm");
    expect_code(o, 0);
    expect_in(o->out, "  bank.mmm:phasor  (the compiler is off)");
    o = run(PROFILE, "--specialise=off", "bank.mmm");
    expect_code(o, 0);
    expect_in(o->out, "dsp is not specialised");
    expect_code(run("profile", "nothing.mmm"), 3);
    expect_code(run("profile", "bank.mmm", "bank.mmm"), 2);
    expect_code(run("profile", "--format=pdf", "bank.mmm"), 2);
    write_file("bad.mmm", "fn dsp(){ nobody }\n");
    expect_code(run("profile", "bad.mmm"), 1);
}
END_TEST

static json_int_t number_of(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "%s is not a whole number", key);
    return json_integer_value(value);
}

/* In every engine: JSON that adds up, and stacks that all begin with dsp. */
START_TEST(shares_add_up_and_stacks_are_whole)
{
    static const char *const engines[][2] = { { "--jit=auto", "--specialise=on" },
                                              { "--jit=off", "--specialise=on" },
                                              { "--jit=off", "--specialise=off" },
                                              { "--jit=eager", "--specialise=off" } };
    write_file("bank.mmm", bank);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        const struct outcome *o = run(PROFILE, "--format=json", engines[i][0], engines[i][1], "bank.mmm");
        expect_code(o, 0);
        json_error_t error;
        json_t *root = json_loads(o->out, 0, &error);
        ck_assert_msg(root != NULL, "%d:%d: %s", error.line, error.column, error.text);
        json_int_t self = number_of(root, "outside"), most_total = 0;
        size_t index;
        json_t *function;
        json_array_foreach(json_object_get(root, "functions"), index, function)
        {
            json_int_t own = number_of(function, "self"), total = number_of(function, "total");
            ck_assert_int_le(own, total);
            self += own;
            most_total = total > most_total ? total : most_total;
        }
        ck_assert_int_eq(self, number_of(root, "samples"));
        ck_assert_int_ge(self, 20);
        ck_assert_int_ge(most_total, self / 2); /* dsp, in all but what begins, which sanitizers make long */
        ck_assert_int_eq(number_of(root, "counted_frames"), 1000);
        ck_assert_uint_gt(json_array_size(json_object_get(root, "lines")), 0);
        json_decref(root);

        o = run(PROFILE, "--format=folded", engines[i][0], engines[i][1], "bank.mmm");
        expect_code(o, 0);
        long whole = 0, all = 0;
        for (const char *line = o->out; *line; line = strchr(line, '\n') + 1) {
            size_t length = strcspn(line, "\n");
            const char *count = line + length;
            while (count > line && count[-1] != ' ')
                count--;
            all += strtol(count, NULL, 10);
            whole += strncmp(line, "bank.mmm:dsp", 12) == 0 ? strtol(count, NULL, 10) : 0;
        }
        ck_assert_int_ge(all, 20);
        ck_assert_int_ge(whole, all / 2);
    }
}
END_TEST

/* The data is there and can be read, nothing is fetched, and, where there is a browser, the page makes of it what it should. */
START_TEST(the_page_stands_alone)
{
    static const char begins[] = "<script type=\"application/json\" id=\"data\">";
    static const char *const browser[] = { "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000",
                                           "--dump-dom", "profile.html", NULL };
    write_file("bank.mmm", bank);
    const struct outcome *o = run_into("profile.html", (const char *const[]){ PROFILE, "--format=html", "bank.mmm", NULL });
    expect_code(o, 0);
    const char *page = read_file("profile.html"), *data = strstr(page, begins);
    ck_assert_ptr_nonnull(data);
    expect_not_in(page, "http:");
    expect_not_in(page, "https:");
    expect_not_in(page, "@DATA@");
    json_error_t error;
    data += sizeof begins - 1;
    json_t *root = json_loadb(data, (size_t)(strstr(data, "</script>") - data), 0, &error);
    ck_assert_msg(root != NULL, "%d:%d: %s", error.line, error.column, error.text);
    json_t *unit = json_array_get(json_object_get(root, "units"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(unit, "title")), "bank.mmm:dsp specialised");
    ck_assert_uint_gt(json_array_size(json_object_get(unit, "bytecode")), 20);
    if (JR_HAS_COMPILER)
        ck_assert_uint_gt(json_array_size(json_object_get(unit, "asm")), 50);
    ck_assert_uint_eq(json_array_size(json_object_get(json_array_get(json_object_get(root, "sources"), 0), "lines")), 12);
    json_decref(root);
    if (access("/usr/bin/chromium", X_OK) != 0) {
        fputs("the_page_stands_alone: not opened, there is no chromium\n", stderr);
        return;
    }
    o = run_program("/usr/bin/chromium", browser);
    if (o->code != 0) {
        fputs("the_page_stands_alone: not opened, chromium does not start here\n", stderr);
        return;
    }
    expect_in(o->out, "<h1 id=\"title\">bank.mmm</h1>");
    expect_in(o->out, "row on"); /* the last thing that the page's script does */
}
END_TEST

TCase *inside_tests(void)
{
    TCase *tc = tcase_create("inside");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, machine_code_has_the_lines_of_the_script);
    tcase_add_test(tc, perf_is_told_the_names);
    tcase_add_test(tc, perf_inject_is_told_code_and_lines);
    tcase_add_test(tc, gdb_shows_functions_and_lines);
    tcase_add_test(tc, a_profile_is_a_table);
    tcase_add_test(tc, shares_add_up_and_stacks_are_whole);
    tcase_add_test(tc, the_page_stands_alone);
    return tc;
}
