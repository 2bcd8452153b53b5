/* test_jas.c -- text to module and back: the round trip, every opcode, errors with their lines, and any bytes at all. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "counting.h"
#include "ir/asm.h"
#include "ir/builder.h"
#include "ir/disasm.h"
#include "ir/verify.h"
#include "same_module.h"
#include "text_file.h"

static struct jr_asm_errors errors;

static void set_up(void)
{
    counting_reset(0);
}

static void tear_down(void)
{
    JR_VEC_FREE(&counting_alloc, &errors);
    ck_assert_uint_eq(counting.live_blocks, 0);
}

static struct jr_module *assemble(const char *text, size_t size)
{
    struct jr_module *module;
    enum jr_status status = jr_assemble(&counting_alloc, "test.jas", text, size, &module, &errors);
    if (errors.count != 0)
        ck_abort_msg("%u:%u: %s", errors.items[0].line, errors.items[0].column, errors.items[0].message);
    ck_assert_int_eq(status, JR_OK);
    return module;
}

static void disassemble(const struct jr_module *module, struct jr_sb *out)
{
    jr_sb_init(out, &counting_alloc);
    ck_assert_int_eq(jr_disassemble(module, JR_NONE, out), JR_OK);
}

/* The law: assembling the text gives the same module, and disassembling that the same text. */
static void round_trip(const struct jr_module *module)
{
    struct jr_sb first, second;
    disassemble(module, &first);
    struct jr_module *again = assemble(jr_sb_view(&first), first.length);
    same_module(module, again);
    disassemble(again, &second);
    ck_assert_str_eq(jr_sb_view(&first), jr_sb_view(&second));
    jr_sb_fini(&first);
    jr_sb_fini(&second);
    jr_module_destroy(again);
}

static void verify(struct jr_module *module)
{
    struct jr_verify_report report;
    enum jr_status status = jr_verify(module, &counting_alloc, &report);
    ck_assert_msg(status == JR_OK, "%s", report.message);
}

/* ---- the round trip ---- */

START_TEST(everything_goes_round_and_verifies)
{
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    struct jr_module *module = assemble(text, size);
    round_trip(module);
    verify(module);
    jr_module_destroy(module);
    free(text);
}
END_TEST

static void note_opcodes(const struct jr_module *module, bool *seen)
{
    for (uint32_t f = 0; f < module->function_count; f++)
        for (uint32_t pc = 0; pc < module->functions[f].code_count;) {
            struct jr_instr in = jr_decode(&module->functions[f].code[pc]);
            seen[in.op] = true;
            pc += in.length;
        }
}

START_TEST(everything_has_every_opcode)
{
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    struct jr_module *module = assemble(text, size);
    bool seen[JR_OP_COUNT] = { false };
    note_opcodes(module, seen);
    for (unsigned op = 0; op < JR_OP_COUNT; op++)
        ck_assert_msg(seen[op], "%s is missing in everything.jas", jr_op_infos[op].mnemonic);
    jr_module_destroy(module);
    free(text);
}
END_TEST

/* ---- the programs of tests/jas: each verifies and goes round, and together they use every instruction ---- */

static void check_program(const char *path, bool *seen)
{
    size_t size;
    char *text = read_file(path, &size);
    struct jr_module *module = assemble(text, size);
    round_trip(module);
    verify(module);
    note_opcodes(module, seen);
    jr_module_destroy(module);
    free(text);
}

static void check_folder(const char *folder, bool *seen)
{
    DIR *dir = opendir(folder);
    ck_assert_msg(dir != NULL, "cannot open %s", folder);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[4096];
        const char *dot = strrchr(entry->d_name, '.');
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (dot == NULL)
            check_folder(path, seen);
        else if (strcmp(dot, ".jas") == 0)
            check_program(path, seen);
    }
    closedir(dir);
}

START_TEST(the_programs_of_tests_jas_use_every_opcode)
{
    bool seen[JR_OP_COUNT] = { false };
    check_folder(PROGRAMS, seen);
    for (unsigned op = 0; op < JR_OP_COUNT; op++)
        ck_assert_msg(seen[op], "no program in tests/jas uses %s", jr_op_infos[op].mnemonic);
}
END_TEST

/* What nobody writes and the verifier would refuse still goes round. */
static const char *const odd_programs[] = {
    "",
    "; only a comment",
    "module \"x\"\n",
    "func empty : () -> () {\n}\n",
    /* unknown opcodes, a cut-off instruction, unused fields that are not zero, jumps to nowhere */
    "func f : () -> () regs=0 {\n.word 0xffffffffffffffff\n.word 0x0000000100000000\njump +77\njump "
    "-5\njump.if r0, +0\n"
    ".word 0x0000000000000003\n}\n",
    /* a two-word instruction as the last word */
    "func f : () -> () {\nreturn r0\n.word 0x0000000000000009\n}\n",
    "func f : () -> () {\n.places none\nreturn r0\n}\n",
    "func f : () -> () {\n.place @0 1:2\n.place @0 3:4\ncall r0, f, s0\n.place @1 5:6\n.place @9 "
    "none\nreturn r0\n}\n",
    "func f : () -> () {\nnop\nreturn r0 at 1:2 3..4\n}\n",
    /* names that are no symbols, or taken, or like numbered symbols */
    "func a \"same\" : () -> () { return r0 }\nfunc b \"same\" : () -> () { call r0, a, s0 }\nfunc c \"fn0\" "
    ": () -> () {"
    " call r0, b, s0 }\nfunc d \"\" : () -> () { call r0, c, s0 }\nfunc e \"a..b\" : () -> () { return r0 }\n"
    "func at \"at\" : () -> () { call r0, at, s0 }\nfunc q \"a-b\" : () -> () { call r0, q, s0 }\n",
    "global g0 : (raw)\nglobal x \"two words\" : (raw)\nglobal y \"two words\" : ()\n"
    "func f : () -> () { global.get r0, g0\nglobal.get r0, x\nglobal.get.n r0, y, () }\n",
    /* equal types and texts twice: not interned, so they are told apart by symbol */
    "layout a = raw\nlayout b = raw\nsig s = a -> b\nsig t = a -> b\nsig u = b -> a\nstring p = "
    "\"x\"\nstring q = \"x\"\n"
    "func f : t { string r1, q\ncopy.n r0, r0, b\ncall.closure r1, r0, u, fb0\nreturn r0 }\nfunc g : s "
    "captures=b { string r1, p }\n",
    "layout a = array(b)\nlayout b = array(a)\nlayout c = box(c)\nfunc f : a -> b { return r0 }\n",
    "sum S = x(raw) x(raw)\nsum T \"S\" = \"a b\"()\nfunc f : () -> () { sum.new r0, r0, S, 1\nsum.new r0, "
    "r0, T, 0 }\n",
    "func f : () -> () {\nconstants 1 1 2.5 nan\nconst r0, k1\nconst r0, k9\n}\n",
    "func f : () -> () {\nconstants 4 5\nconst r0, 5\nconst r0, 4\n}\n",
    "func f : () -> () regs=0 state=1 feedback=9 {\nsite self 7 layout=#99 words=12\nsite mem \"\" length=5\n"
    "site call words=3\nsite delay function=#12 layout=(raw) length=4294967295 words=1\ndelay r0, r0, r0, "
    "s77, 1\n}\n",
    "func f : #3 captures=#4 { copy.n r0, r0, #55\nfunction r0, #9\nsum.new r0, r0, #1, 3\ncall.host r0, "
    "#4\nstring r0, #5\n"
    "call.closure r0, r1, #9, fb3 }\n",
    "entry dsp=#7\n",
    "func f : () -> () {\ntable t min=-9223372036854775808 [17 3] else 900\nswitch.i64 r0, t\nswitch.i64 r0, "
    "t8\n"
    "trap 99999\ntrap no-memory\n}\n",
    "func f : () -> () { const.f32 r0, 0x7f800001\nconst.f32 r0, -nan\nconst.f32 r0, "
    "1.401298464324817e-45\nconst.f32 r0, -inf\n"
    "const r0, 5e-324\nconst r0, 1.7976931348623157e308\nconst r0, -1\nconst r0, 1152921504606846976\n"
    "const r0, 0xfff8000000000000\nconst r0, 0xfff0000000000001\nconst r0, 0.0\nconst r0, -0.0 }\n",
};

START_TEST(odd_programs_go_round)
{
    struct jr_module *module = assemble(odd_programs[_i], strlen(odd_programs[_i]));
    round_trip(module);
    jr_module_destroy(module);
}
END_TEST

START_TEST(jumps_to_the_end_and_into_instructions_go_round)
{
    static const char text[] =
        "func f : () -> () {\nx: jump end\ncall r0, f, s0\njump +1\ncall r0, f, s0\nend:\n}\n";
    struct jr_module *module = assemble(text, sizeof text - 1);
    ck_assert_int_eq((int32_t)module->functions[0].code[0].ax.x, 5);
    round_trip(module);
    jr_module_destroy(module);
}
END_TEST

/* What a front end builds goes round as well. */
START_TEST(built_modules_go_round)
{
    struct jr_builder *b;
    struct jr_module *module;
    char message[200];
    ck_assert_int_eq(jr_builder_create(&counting_alloc, "mimium", &b), JR_OK);
    struct jr_place place = { jr_builder_file(b, "a.mmm"), 1, 2, 3, 4 };
    uint32_t word = jr_builder_layout_raw(b, 1), unit = jr_builder_layout_raw(b, 0);
    uint32_t sig = jr_builder_signature(b, unit, word);
    uint32_t f = jr_builder_function(b, "|x| at 3:14", sig, unit, place);
    uint32_t g = jr_builder_function(b, "dsp", sig, unit, place);
    (void)jr_builder_site(b, f, JR_SITE_SELF, "self", 1, word, JR_NONE, 0, place);
    (void)jr_builder_site(b, g, JR_SITE_CALL, "osc \"1\"", 1, JR_NONE, f, 0, place);
    uint32_t loop = jr_builder_label(b, g);
    jr_builder_bind(b, g, loop);
    for (int i = 0; i < 9; i++) {
        place.line++;
        jr_builder_place(b, g, place);
        jr_builder_const_f64(b, g, 0, i * 0.7);
        jr_builder_const_i64(b, g, 1, (int64_t)i << 40);
    }
    jr_builder_switch(b, g, 1, 3, &loop, 1, loop);
    jr_builder_ax(b, f, JR_OP_STATE_GET, 0, 0);
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    jr_builder_set_entry(b, JR_NONE, g);
    enum jr_status status = jr_builder_finish(b, &module, message, sizeof message);
    ck_assert_msg(status == JR_OK, "%s", message);
    jr_builder_destroy(b);
    round_trip(module);
    verify(module);
    jr_module_destroy(module);
}
END_TEST

/* ---- what the listing looks like ---- */

START_TEST(one_function_and_one_instruction_can_be_printed)
{
    static const char text[] = "func id : (raw) -> (raw) at none { return r0 at 7:8 }\n"
                               "func dsp : (raw) -> (raw) at none {\n  loop: add.f64 r1, r0, r0 at 7:9\n  "
                               "jump.if r1, loop\n  return r1 at none\n}\n";
    static const char expected[] = "func dsp : (raw) -> (raw) regs=2 at none {\n"
                                   "L0:\n"
                                   "    add.f64 r1, r0, r0                  at -:7:9                ; 0\n"
                                   "    jump.if r1, L0                                              ; 1\n"
                                   "    return r1                           at none                 ; 2\n"
                                   "}\n";
    struct jr_module *module = assemble(text, sizeof text - 1);
    struct jr_sb out;
    jr_sb_init(&out, &counting_alloc);
    ck_assert_int_eq(jr_disassemble(module, 1, &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), expected);
    jr_sb_clear(&out);
    ck_assert_int_eq(jr_disassemble_at(module, &module->functions[1], 1, &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), "jump.if r1, L0");
    jr_sb_fini(&out);
    jr_module_destroy(module);
}
END_TEST

START_TEST(what_headers_leave_out_is_found)
{
    static const char text[] =
        "func osc : () -> (raw) { site self layout=(raw)\n state.get r0, s0\n return r0 }\n"
        "func dsp : () -> (raw) {\n site mem \"m\"\n site call function=osc\n site delay \"d\" length=10\n"
        " const r3, 2.0\n mem r3, r3, m\n call r5, osc, s1\n return r5\n}\n"
        "func f : (closure(() -> ())) -> () { call.closure r1, r0, () -> (), fb1\n return r0 }\n"
        "entry dsp=dsp\n";
    struct jr_module *module = assemble(text, sizeof text - 1);
    verify(module);
    ck_assert_uint_eq(module->functions[1].reg_count, 6);
    ck_assert_uint_eq(module->functions[1].state_words, 14);
    ck_assert_uint_eq(module->functions[1].sites[2].offset, 2);
    ck_assert_uint_eq(module->functions[1].sites[2].word_count, 12);
    ck_assert_uint_eq(module->functions[2].feedback_count, 2);
    ck_assert_str_eq(module->files[0], "test.jas");
    ck_assert_uint_eq(jr_function_place(&module->functions[0], 1).line, 3); /* where `return` is written */
    ck_assert_uint_eq(jr_function_place(&module->functions[0], 1).column, 2);
    ck_assert_uint_eq(module->functions[1].place.line, 4);
    jr_module_destroy(module);
}
END_TEST

/* ---- errors ---- */

static const struct {
    const char *text, *expected;
} mistakes[] = {
    { "foo", "1:1: a line cannot begin with foo outside of a function" },
    { "\n\n  ^", "3:3: the character ^ means nothing here" },
    { "module \"\\q\"", "1:8: a backslash goes before n, t, x and two digits, \" or another backslash" },
    { "module \"abc", "1:8: the text has no closing quote" },
    { "file \"a\\x00b\"", "1:6: a name cannot hold a zero byte" },
    { "layout a = raw\nlayout a = raw", "2:8: there is already a layout a" },
    { "layout raw = raw", "1:8: raw is a word class, so it cannot be a layout's name" },
    { "layout a = raw*65536", "1:16: 65536 does not fit: 0 to 65535" },
    { "layout a = raw*65535 raw", "1:12: a value of more than 65535 words" },
    { "layout a = int", "1:12: int is no word class: raw string closure array box cell sum tail" },
    { "layout a = sum(S)", "1:16: there is no sum S" },
    { "sig s = (raw) (raw)", "1:15: the -> of a signature is missing here" },
    { "sum S = a(raw) (raw)", "1:16: either all variants of a sum have a name or none has" },
    { "global : (raw)", "1:8: a name is missing behind global" },
    { "entry main=f", "1:7: an entry is init=function or dsp=function" },
    { "entry dsp=f", "1:11: there is no function f" },
    { "func f : () -> ()\n", "1:18: the { of a function is missing here" },
    { "func f : () -> () {\n", "1:19: this { has no }" },
    { "func f : () -> () size=3 {}",
      "1:19: a function has captures=, regs=, state=, feedback= and at, but no size" },
    { "func f : () -> () { fly r0 }", "1:21: fly is no instruction" },
    { "func f : () -> () { add.f64 r0, r1 }", "1:36: a , is missing here" },
    { "func f : () -> () { add.f64 r0, r1, x }", "1:37: a register (r0, r1 ...) is missing here" },
    { "func f : () -> () { add.f64 r0, r1, r65536 }",
      "1:37: register 65536 is too large, the most is 65535" },
    { "func f : () -> () { move.n r0, r1, 65536 }", "1:36: 65536 does not fit: 0 to 65535" },
    { "func f : () -> () { move r0, r1, r2 }", "1:32: the line should end before ," },
    { "func f : () -> () { const.i32 r0, 2147483648 }",
      "1:35: 2147483648 does not fit: -2147483648 to 2147483647" },
    { "func f : () -> () { const r0, 9223372036854775808 }",
      "1:31: 9223372036854775808 does not fit: -9223372036854775808 to 9223372036854775807" },
    { "func f : () -> () { const r0, 0x10000000000000000 }",
      "1:31: 0x10000000000000000 does not fit 64 bits" },
    { "func f : () -> () { const.f32 r0, 0.1 }", "1:35: 0.1 is no binary32 number; use const" },
    { "func f : () -> () { const r0, 12ab }", "1:31: 12ab is not a number" },
    { "func f : () -> () { jump away }", "1:26: there is no label away" },
    { "func f : () -> () {\nx:\nx:\n}", "3:1: there is already a label x" },
    { "func f : () -> () { call r0, g, s0 }", "1:30: there is no function g" },
    { "func f : () -> () { mem r0, r0, nobody }", "1:33: a state word (s0, s1 ...) is missing here" },
    { "func f : () -> () { site feed }", "1:26: a site is self, mem, delay or call" },
    { "func f : () -> () { site self }", "1:26: a self site needs its layout=" },
    { "func f : () -> () { site call function=g }\nfunc g : () -> () {}",
      "1:26: the callee's state is not known yet: write state= in its header" },
    { "sum S = a()\nfunc f : () -> () { sum.get r0, r1, S, b }", "2:40: the sum has no variant b" },
    { "func f : () -> () { table t [ ] }", "1:33: the else of a jump table is missing here" },
    { "func f : () -> () { .places here }", "1:29: only none goes behind .places" },
    { "func f : () -> () { return r0 at 3 }", "1:36: a : is missing here" },
    { "func \xc3\xa9 : () -> () {}", "1:6: the byte 0xc3 means nothing here" },
    { "; \xc3\xa9\xc3\xa9 only columns\n\"\xc3\xa9\xc3\xa9\" x",
      "2:1: a line cannot begin with \"\xc3\xa9\xc3\xa9\" outside of a function" },
};

START_TEST(mistakes_are_named_with_their_line_and_column)
{
    struct jr_module *module = (void *)&counting;
    const char *text = mistakes[_i].text;
    ck_assert_int_eq(jr_assemble(&counting_alloc, "t", text, strlen(text), &module, &errors),
                     JR_ERR_DIAGNOSED);
    ck_assert_ptr_null(module);
    ck_assert_uint_ge(errors.count, 1);
    char got[256];
    snprintf(got, sizeof got, "%u:%u: %s", errors.items[0].line, errors.items[0].column,
             errors.items[0].message);
    ck_assert_str_eq(got, mistakes[_i].expected);
}
END_TEST

START_TEST(several_mistakes_are_found_in_one_run)
{
    static const char text[] =
        "layout a = int\nsig s = q -> a\nfunc f : () -> () {\n  fly\n  nop\n  jump away\n}\nglobal g : a b\n";
    struct jr_module *module;
    ck_assert_int_eq(jr_assemble(&counting_alloc, "t", text, sizeof text - 1, &module, &errors),
                     JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(errors.count, 5);
    char many[4000];
    memset(many, '^', sizeof many);
    ck_assert_int_eq(jr_assemble(&counting_alloc, "t", many, sizeof many, &module, &errors),
                     JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(errors.count, JR_ASM_MOST_ERRORS);
}
END_TEST

START_TEST(types_nested_without_end_are_an_error)
{
    enum { DEPTH = 100000, WORD = 6 };
    char *text = malloc(DEPTH * WORD + 11);
    memcpy(text, "layout a = ", 11);
    for (int i = 0; i < DEPTH; i++)
        memcpy(text + 11 + i * WORD, "array(", WORD);
    struct jr_module *module;
    ck_assert_int_eq(jr_assemble(&counting_alloc, "t", text, DEPTH * WORD + 11, &module, &errors),
                     JR_ERR_DIAGNOSED);
    ck_assert_str_eq(errors.items[0].message, "types are nested too deep");
    free(text);
}
END_TEST

/* ---- any bytes ---- */

/* A few changes: other bytes, bytes left out, pieces doubled or moved. */
static size_t mutate(char *text, size_t size, size_t space)
{
    static const char pieces[][8] = { "{",  "}", "(",     ")",  "#", "raw", "r1", " at ",
                                      "\n", "*", "65535", "l0", "=", "\"",  "L1", "-" };
    for (uint32_t i = random_below(4) + 1; i > 0 && size > 0; i--) {
        size_t at = random_below((uint32_t)size);
        size_t length = random_below(20) + 1;
        if (length > size - at)
            length = size - at;
        switch (random_below(4)) {
        case 0:
            text[at] = (char)random_below(256);
            break;
        case 1:
            memmove(text + at, text + at + length, size - at - length);
            size -= length;
            break;
        case 2:
            if (size + length <= space) {
                memmove(text + at + length, text + at, size - at);
                size += length;
            }
            break;
        default: {
            const char *piece = pieces[random_below(sizeof pieces / sizeof pieces[0])];
            size_t piece_length = strlen(piece);
            if (size + piece_length <= space) {
                memmove(text + at + piece_length, text + at, size - at);
                memcpy(text + at, piece, piece_length);
                size += piece_length;
            }
        }
        }
    }
    return size;
}

/* What assembles goes round, may be refused by the verifier, and never crashes anything. */
START_TEST(changed_texts_never_crash)
{
    enum { ROUNDS = 2000, SLACK = 4096 };
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    char *changed = malloc(size + SLACK);
    unsigned assembled = 0;
    random_seed(20240501);
    for (int i = 0; i < ROUNDS; i++) {
        /* Half of the rounds change a short program, in which more changes still assemble. */
        const char *base =
            i % 2 ? odd_programs[random_below(sizeof odd_programs / sizeof odd_programs[0])] : text;
        size_t length = strlen(base);
        memcpy(changed, base, length);
        length = mutate(changed, length, size + SLACK);
        struct jr_module *module;
        enum jr_status status = jr_assemble(&counting_alloc, "fuzz", changed, length, &module, &errors);
        ck_assert_int_eq(status == JR_OK, module != NULL);
        ck_assert_int_eq(status == JR_ERR_DIAGNOSED, errors.count != 0);
        if (module == NULL)
            continue;
        assembled++;
        struct jr_verify_report report;
        round_trip(module);
        (void)jr_verify(module, &counting_alloc, &report);
        jr_module_destroy(module);
    }
    ck_assert_uint_gt(assembled, ROUNDS / 20);
    free(changed);
    free(text);
}
END_TEST

START_TEST(every_failed_allocation_of_the_assembler_is_reported)
{
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    for (size_t n = 1;; n++) {
        counting_reset(n);
        struct jr_module *module;
        enum jr_status status = jr_assemble(&counting_alloc, "t", text, size, &module, &errors);
        bool done = counting.calls < n;
        ck_assert_int_eq(status, done ? JR_OK : JR_ERR_NO_MEMORY);
        ck_assert_int_eq(module != NULL, done);
        jr_module_destroy(module);
        JR_VEC_FREE(&counting_alloc, &errors);
        ck_assert_uint_eq(counting.live_blocks, 0);
        if (done)
            break;
    }
    free(text);
}
END_TEST

START_TEST(every_failed_allocation_of_the_disassembler_is_reported)
{
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    struct jr_module *module = assemble(text, size);
    size_t live = counting.live_blocks;
    for (size_t n = 1;; n++) {
        counting.calls = 0;
        counting.fail_at = n;
        struct jr_sb out;
        jr_sb_init(&out, &counting_alloc);
        enum jr_status status = jr_disassemble(module, JR_NONE, &out);
        bool done = counting.calls < n;
        jr_sb_fini(&out);
        ck_assert_int_eq(status, done ? JR_OK : JR_ERR_NO_MEMORY);
        ck_assert_uint_eq(counting.live_blocks, live);
        if (done)
            break;
    }
    counting.fail_at = 0;
    jr_module_destroy(module);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jas");
    TCase *tc = tcase_create("jas");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, everything_goes_round_and_verifies);
    tcase_add_test(tc, everything_has_every_opcode);
    tcase_add_test(tc, the_programs_of_tests_jas_use_every_opcode);
    tcase_add_loop_test(tc, odd_programs_go_round, 0, sizeof odd_programs / sizeof odd_programs[0]);
    tcase_add_test(tc, jumps_to_the_end_and_into_instructions_go_round);
    tcase_add_test(tc, built_modules_go_round);
    tcase_add_test(tc, one_function_and_one_instruction_can_be_printed);
    tcase_add_test(tc, what_headers_leave_out_is_found);
    tcase_add_loop_test(tc, mistakes_are_named_with_their_line_and_column, 0,
                        sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(tc, several_mistakes_are_found_in_one_run);
    tcase_add_test(tc, types_nested_without_end_are_an_error);
    tcase_add_test(tc, changed_texts_never_crash);
    tcase_add_test(tc, every_failed_allocation_of_the_assembler_is_reported);
    tcase_add_test(tc, every_failed_allocation_of_the_disassembler_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
