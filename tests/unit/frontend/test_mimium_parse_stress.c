/* test_mimium_parse_stress.c -- nesting beyond the limit, memory that runs out anywhere, sources broken at random. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/mimium/ast.h"
#include "tests/unit/frontend/parse_text.h"

/* ---- limits ---- */

/* `prefix`, `count` times `open`, `middle`, `count` times `close`. */
static const struct nest {
    const char *prefix, *open, *middle, *close;
    int tolerated; /* so many are no error */
} nests[] = {
    { "let x = ", "(", "1", ")", 9800 },
    { "let x = ", "1+", "1", "", 9800 },
    { "let x = a", " |> f", "", "", 9800 },
    { "let x = f", "(1)", "", "", 9800 },
    { "let x = r", ".a", "", "", 9800 },
    { "let x = ", "- ", "1", "", 9800 },
    { "let x = ", "`", "1", "", 4800 },
    { "let x = ", "$", "1", "", 9800 },
    { "let x = ", "[", "1", "]", 9800 },
    { "let x = ", "{", "1", "}", 4800 },
    { "let x = ", "{a = ", "1", "}", 9800 },
    { "let x = ", "{a[", "1", "] <- b = 1}", 4800 },
    { "let x = ", "|x| ", "1", "", 9800 },
    { "let x = ", "if (a) 1 else ", "1", "", 4800 },
    { "let x = ", "if a ", "1", "", 4800 },
    { "let x = ", "match a { _ => ", "1", "}", 4800 },
    { "let x = ", "m!(", "1", ")", 9800 },
    { "let x = ", "{ let y = ", "1", "\ny }", 3200 },
    { "let x : ", "[", "float", "] = 1", 4800 },
    { "let x : ", "()->", "float", "", 4800 },
    { "let x : ", "`", "float", "", 4800 },
    { "type alias T = ", "(", "float", ")", 9800 },
    { "let ", "(", "a", ")", 9800 },
    { "match x { ", "A(", "a", ")", 9800 },
    { "", "mod a {", "", "}", 4800 },
};

static char *make_nest(const struct nest *nest, size_t count, size_t *length)
{
    size_t open = strlen(nest->open), close = strlen(nest->close);
    char *text = malloc(strlen(nest->prefix) + count * (open + close) + strlen(nest->middle) + 1), *at = text;
    ck_assert_ptr_nonnull(text);
    at = stpcpy(at, nest->prefix);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, nest->open);
    at = stpcpy(at, nest->middle);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, nest->close);
    *length = (size_t)(at - text);
    return text;
}

struct job {
    const char *text;
    size_t length;
    struct parse_text parsed;
};

static void *run_job(void *data)
{
    struct job *job = data;
    parse_text(&job->parsed, jr_alloc_default(), job->text, job->length);
    return NULL;
}

/* On a thread with a small stack: the limit has to protect that one too.  The sanitizers' frames are larger. */
static void parse_on_small_stack(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
#ifdef __SANITIZE_ADDRESS__
    size_t stack_bytes = (size_t)2 << 20;
#else
    size_t stack_bytes = (size_t)512 << 10;
#endif
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, stack_bytes), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, run_job, job), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

START_TEST(nesting_ends_in_one_diagnostic)
{
    struct job job;
    char *text = make_nest(&nests[_i], 100000, &job.length);
    job.text = text;
    parse_on_small_stack(&job);
    ck_assert_int_eq(job.parsed.status, JR_OK);
    ck_assert_msg(job.parsed.error_count == 1 && strstr(jr_sb_view(&job.parsed.errors), "E-LIMIT") != NULL,
                  "%s%s\n%.300s", nests[_i].prefix, nests[_i].open, jr_sb_view(&job.parsed.errors));
    ck_assert_uint_le(job.parsed.height, JR_MM_DEPTH_MAX);
    parse_text_fini(&job.parsed);
    free(text);
}
END_TEST

START_TEST(what_is_nested_less_is_no_error)
{
    struct job job;
    char *text = make_nest(&nests[_i], (size_t)nests[_i].tolerated, &job.length);
    job.text = text;
    parse_on_small_stack(&job);
    ck_assert_ptr_null(strstr(jr_sb_view(&job.parsed.errors), "E-LIMIT"));
    ck_assert_uint_le(job.parsed.height, JR_MM_DEPTH_MAX);
    parse_text_fini(&job.parsed);
    free(text);
}
END_TEST

START_TEST(long_flat_sources_are_no_problem)
{
    enum { LINES = 20000 };
    static const char line[] = "let a = f(1, [2, 3]) + 4\n";
    char *text = malloc(LINES * (sizeof line - 1));
    struct parse_text parsed;
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line - 1);
    parse_text(&parsed, jr_alloc_default(), text, LINES * (sizeof line - 1));
    ck_assert_uint_eq(parsed.error_count, 0);
    parse_text_fini(&parsed);
    free(text);
}
END_TEST

/* ---- memory ---- */

/* Something of everything. */
static const char sample[] =
    "// comment\n"
    "#stage(macro)\n"
    "macro gen(n:float, x:`float = `1)->`float { if (n > 0) `($(gen(n - 1, x)) * 0.5) else x }\n"
    "#stage(main)\n"
    "mod filt {\n"
    "    pub type alias Pair = (float, {k:[float], f:(float, string)->()})\n"
    "    pub fn tame(x:float|string, y = -2.5){ match x { float(v) => v * y, string(_) => 0 } }\n"
    "}\n"
    "use filt::{tame, Pair}\nuse filt::*\nmod other\ninclude(\"x.mmm\")\n"
    "type rec Chain = End | Link(float, Chain)\n"
    "letrec total = |c:Chain| -> float { match c { End => 0, Link(v, rest) => v + total(rest) } }\n"
    "fn dsp(a, b){\n"
    "    let (p, {k = q}) : Pair = {a = 1, b = \"s\", ..} |> |v| v\n"
    "    let r = {p.s[0] <- x = self + now / samplerate, y = t.0.1}\n"
    "    p = gen!(3, `a) ||> f(_, 2)\n"
    "    f @ (now + 1) ; -x ^ 2 % 3 && a || b != c\n"
    "    (a, [b, c],)\n"
    "}\n"
    "let bad = (1 + , 2\nfn x ) }\nlet \xc2\xa0 y = 5. $ ? \"open\n";

START_TEST(memory_may_run_out_at_any_call)
{
    struct counting_heap heap = { 0, 0, 0 };
    struct jr_alloc alloc = counting_alloc(&heap);
    struct parse_text parsed;
    parse_text_exact(&parsed, &alloc, sample, sizeof sample - 1);
    ck_assert_int_eq(parsed.status, JR_OK);
    ck_assert_uint_gt(parsed.error_count, 3);
    ck_assert_uint_eq(heap.live_bytes, 0);
    parse_text_fini(&parsed);
    size_t calls = heap.calls;
    ck_assert_uint_gt(calls, 300); /* every node is one */
    for (size_t n = 1; n <= calls; n++) {
        heap.calls = 0;
        heap.fail_at = n;
        parse_text_exact(&parsed, &alloc, sample, sizeof sample - 1);
        ck_assert_int_eq(parsed.status, JR_ERR_NO_MEMORY);
        ck_assert_uint_eq(heap.live_bytes, 0);
        parse_text_fini(&parsed);
    }
}
END_TEST

/* ---- broken sources ---- */

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void survive(const char *text, size_t length)
{
    /* A copy of exactly this length: the sanitizer sees any read behind it. */
    char *copy = malloc(length == 0 ? 1 : length);
    struct parse_text parsed;
    memcpy(copy, text, length);
    parse_text(&parsed, jr_alloc_default(), copy, length);
    ck_assert_int_eq(parsed.status, JR_OK);
    ck_assert_int_eq(jr_sb_status(&parsed.tree), JR_OK);
    parse_text_fini(&parsed);
    free(copy);
}

START_TEST(any_beginning_of_a_source_is_survived)
{
    for (size_t length = 0; length < sizeof sample; length++)
        survive(sample, length);
}
END_TEST

/* Bytes that make up the language are likelier than others. */
static const char alphabet[] = "(){}[]|`$#!.,:;=<>+-*/%^@_\"& \n\t019axfn";
static const char *const pieces[] = { "fn ",  "let ",    "match ", "if ",      "else ",        "=>",   "<-",
                                      "->",   "||>",     "..",     "::",       "type ",        "mod ", "use ",
                                      "pub ", "letrec ", "macro ", "include(", "#stage(",      "self", "/*",
                                      "*/",   "//",      "1.5",    "\xc2\xa0", "\xe3\x81\x82", "\xff" };

START_TEST(random_changes_are_survived)
{
    uint64_t state = 20240229;
    char text[sizeof sample * 2];
    for (int round = 0; round < 1200; round++) {
        size_t length = sizeof sample - 1;
        memcpy(text, sample, length);
        for (uint32_t change = next_random(&state) % 8 + 1; change > 0; change--) {
            size_t at = next_random(&state) % length;
            switch (next_random(&state) % 5) {
            case 0: /* another byte */
                text[at] = (char)next_random(&state);
                break;
            case 1: /* another character of the language */
                text[at] = alphabet[next_random(&state) % (sizeof alphabet - 1)];
                break;
            case 2: { /* a piece more */
                const char *piece = pieces[next_random(&state) % (sizeof pieces / sizeof pieces[0])];
                size_t size = strlen(piece);
                if (length + size >= sizeof text)
                    break;
                memmove(text + at + size, text + at, length - at);
                memcpy(text + at, piece, size);
                length += size;
                break;
            }
            case 3: { /* some bytes less */
                size_t size = next_random(&state) % 20;
                if (at + size > length || size == length)
                    break;
                memmove(text + at, text + at + size, length - at - size);
                length -= size;
                break;
            }
            case 4: /* cut */
                length = at + 1;
                break;
            }
        }
        survive(text, length);
    }
}
END_TEST

START_TEST(random_tokens_are_survived)
{
    uint64_t state = 7;
    char text[400];
    for (int round = 0; round < 1200; round++) {
        size_t length = 0, wanted = next_random(&state) % 300;
        while (length < wanted) {
            if (next_random(&state) % 3 == 0) {
                const char *piece = pieces[next_random(&state) % (sizeof pieces / sizeof pieces[0] - 1)];
                memcpy(text + length, piece, strlen(piece));
                length += strlen(piece);
            } else {
                text[length++] = alphabet[next_random(&state) % (sizeof alphabet - 1)];
            }
        }
        survive(text, length);
    }
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *suite = suite_create("mimium parser under stress");
    TCase *tc = tcase_create("stress");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, nesting_ends_in_one_diagnostic, 0, COUNT(nests));
    tcase_add_loop_test(tc, what_is_nested_less_is_no_error, 0, COUNT(nests));
    tcase_add_test(tc, long_flat_sources_are_no_problem);
    tcase_add_test(tc, memory_may_run_out_at_any_call);
    tcase_add_test(tc, any_beginning_of_a_source_is_survived);
    tcase_add_test(tc, random_changes_are_survived);
    tcase_add_test(tc, random_tokens_are_survived);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
